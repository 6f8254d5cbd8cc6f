'use strict';

// The two sides of every comparison: Node's classes are the oracle, ours the subject.
// `PARITY_SUBJECT=fs` compares Node with itself: a scenario that fails then is not deterministic.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Writable } = require('node:stream');

const NODE_MODULE = 'node:fs';
const OUR_MODULE = path.resolve(__dirname, '..', '..');

const isSelfTest = process.env.PARITY_SUBJECT === 'fs';

const oracle = {
  name: 'node',
  module: NODE_MODULE,
  createWriteStream: fs.createWriteStream,
  WriteStream: fs.WriteStream,
  Writable,
  netModule: 'node:net',
  connect: net.connect,
  createConnection: net.createConnection,
  Socket: net.Socket,
  createServer: net.createServer,
  Server: net.Server,
};

function loadSubject() {
  if (isSelfTest) return { ...oracle, name: 'node again' };
  const { createWriteStream, WriteStream, Writable: OurWritable } = require(OUR_MODULE);
  const { connect, createConnection, Socket, createServer, Server, adopt } = require(OUR_MODULE);
  return {
    name: 'rushwrite',
    module: OUR_MODULE,
    createWriteStream,
    WriteStream,
    Writable: OurWritable,
    netModule: OUR_MODULE,
    connect,
    createConnection,
    Socket,
    createServer,
    Server,
    adopt,
  };
}

module.exports = { isSelfTest, oracle, subject: loadSubject() };
