'use strict';

const Writable = require('./lib/batched-writable.js');
const { flushAllSync } = require('./lib/flush.js');
const { Server, adopt, createServer } = require('./lib/server.js');
const { Socket, connect, createConnection } = require('./lib/socket.js');
const { WriteStream, createWriteStream } = require('./lib/write-stream.js');

module.exports = {
  createWriteStream,
  WriteStream,
  connect,
  createConnection,
  Socket,
  createServer,
  Server,
  adopt,
  flushAllSync,
  Writable,
};
