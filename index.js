'use strict';

// What the package exports. Most programs only write files: sockets, servers and batches are loaded when they
// are first used.

const { flushAllSync } = require('./lib/flush.js');
const { WriteStream, createWriteStream } = require('./lib/write-stream.js');
require('./lib/socket/loaded.js');

function connect(...args) {
  return require('./lib/socket.js').connect(...args);
}

function createServer(options, connectionListener) {
  return require('./lib/server.js').createServer(options, connectionListener);
}

function adopt(socket, options) {
  return require('./lib/server.js').adopt(socket, options);
}

/** Node finds the names for `import` here. */
module.exports = {
  createWriteStream,
  WriteStream,
  connect,
  createConnection: connect,
  Socket: undefined,
  createServer,
  Server: undefined,
  adopt,
  flushAllSync,
  Writable: undefined,
};

/** A class that is loaded when it is asked for, and a plain property from then on. */
function defineClass(name, load) {
  const define = (value) =>
    Object.defineProperty(module.exports, name, { value, writable: true, enumerable: true });
  Object.defineProperty(module.exports, name, {
    get: () => define(load())[name],
    set: define,
    enumerable: true,
    configurable: true,
  });
}

defineClass('Socket', () => require('./lib/socket.js').Socket);
defineClass('Server', () => require('./lib/server.js').Server);
defineClass('Writable', () => require('./lib/batched-writable.js'));
