'use strict';

const { Writable } = require('node:stream');
const { flushAllSync } = require('./lib/flush.js');
const { Socket, connect, createConnection } = require('./lib/socket.js');
const { WriteStream, createWriteStream } = require('./lib/write-stream.js');

module.exports = {
  createWriteStream,
  WriteStream,
  connect,
  createConnection,
  Socket,
  flushAllSync,
  Writable,
};
