'use strict';

// For clients that connect by themselves: `net` makes sockets of ours.

const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const { subject } = require('./subject');

const nodes = { connect: net.connect, createConnection: net.createConnection };

/** The sockets that were made since. */
function useOurNet() {
  const made = [];
  const connect = (...args) => {
    const socket = subject.connect(...args);
    made.push(socket);
    return socket;
  };
  Object.assign(net, { connect, createConnection: connect });
  syncBuiltinESMExports();
  return made;
}

function useNodesNet() {
  Object.assign(net, nodes);
  syncBuiltinESMExports();
}

module.exports = { useNodesNet, useOurNet };
