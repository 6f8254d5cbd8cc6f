'use strict';

const { Writable } = require('node:stream');
const { Socket, connect, createConnection } = require('./lib/socket.js');
const { WriteStream, createWriteStream } = require('./lib/write-stream.js');

module.exports = { createWriteStream, WriteStream, connect, createConnection, Socket, Writable };
