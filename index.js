'use strict';

const Writable = require('./lib/batched-writable.js');
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
