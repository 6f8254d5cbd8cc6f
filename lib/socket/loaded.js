'use strict';

// The functions of Node that sockets use, as they were when this package was loaded. The rest of the sockets' code is
// loaded with the first socket. A function that was replaced meanwhile is called: its author wants to see the calls.

const net = require('node:net');
const { Duplex } = require('node:stream');
const detached = require('../detached.js');

/** Makes the resolver of the process when it is first loaded. */
const dns = detached(() => require('node:dns'));

module.exports = {
  NodeSocket: net.Socket,
  NodeServer: net.Server,
  write: Duplex.prototype.write,
  _write: net.Socket.prototype._write,
  _writev: net.Socket.prototype._writev,
  lookup: dns.lookup,
};
