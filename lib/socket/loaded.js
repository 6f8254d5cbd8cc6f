'use strict';

// What sockets lean on, as it was when this package was loaded: the rest of their code is loaded with the first
// of them. Whatever stands in the place of these functions by then is somebody's wish to see the calls.

const dns = require('node:dns');
const net = require('node:net');
const { Duplex } = require('node:stream');

module.exports = {
  NodeSocket: net.Socket,
  NodeServer: net.Server,
  write: Duplex.prototype.write,
  _write: net.Socket.prototype._write,
  lookup: dns.lookup,
};
