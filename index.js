'use strict';

const { Writable } = require('node:stream');
const { WriteStream, createWriteStream } = require('./lib/write-stream.js');

module.exports = { createWriteStream, WriteStream, Writable };
