'use strict';

// The server: Node's own `net.Server`, whose accepted sockets are ours.
//
// Node accepts, counts, drops and blocks connections as it always does, and makes its own socket of each.
// Before anybody sees that socket it changes its class, which is all that makes it ours: the object, what it
// has read, its listeners and timers stay where they are. `adopt()` does the same with any `net.Socket`.

const { argumentTypeError, unadoptableError } = require('./errors.js');
const { DEFAULTS, bufferSizeOf, trustOf } = require('./options.js');
const reading = require('./reading.js');
const { Socket, becomeOurs } = require('./socket.js');
const { HANDLES } = require('./socket/handle.js');
const { NodeServer, NodeSocket } = require('./socket/loaded.js');

/** What the sockets of a server need to know that Node's do not. */
const kSettings = Symbol('settings');

/** Written as a function, as Node's is: it works without `new`, and for `util.inherits`. */
function Server(options, connectionListener) {
  if (!(this instanceof Server)) return new Server(options, connectionListener);
  const settings = judged(typeof options === 'function' ? undefined : options);
  Object.defineProperty(this, kSettings, { value: settings });
  NodeServer.call(this, options, connectionListener);
}
Object.setPrototypeOf(Server.prototype, NodeServer.prototype);
Object.setPrototypeOf(Server, NodeServer);

/** A connection of this server becomes ours before the first listener gets it. */
Server.prototype.emit = function emit(event, ...args) {
  if (event === 'connection' && args[0]?._server === this && refusalOf(args[0]) === null) {
    makeOurs(args[0], this[kSettings]);
  }
  return NodeServer.prototype.emit.call(this, event, ...args);
};

function createServer(options, connectionListener) {
  return new Server(options, connectionListener);
}

/**
 * Makes a connected `net.Socket` ours: the same object, with what it has read, its listeners, its timeout and
 * its place in the count of its server.
 * @param {net.Socket} socket
 * @param {object} [options] `bufferSize`, `maxBuffered`, `overflow`, `flushOnExit`
 * @returns {Socket} the same object
 */
function adopt(socket, options) {
  if (!(socket instanceof NodeSocket)) throw argumentTypeError('socket', 'net.Socket', socket);
  const settings = judged(options);
  if (socket instanceof Socket) return socket;
  const reason = refusalOf(socket);
  if (reason !== null) throw unadoptableError(reason);
  makeOurs(socket, settings);
  reading.guardOnread(socket);
  return socket;
}

/** A copy of our options; an invalid one throws. */
function judged(options) {
  const { bufferSize, flushOnExit, maxBuffered, overflow } = options ?? {};
  const settings = { bufferSize, flushOnExit, maxBuffered, overflow };
  trustOf(settings);
  return { ...settings, bufferSize: bufferSizeOf(settings, DEFAULTS.socketBufferSize) };
}

function makeOurs(socket, settings) {
  becomeOurs(socket, settings.bufferSize, trustOf(settings));
}

/** Why a socket can't become ours; null if it can. */
function refusalOf(socket) {
  // A subclass, as TLS has one, brings methods of its own, which would be lost.
  if (Object.getPrototypeOf(socket) !== NodeSocket.prototype) return 'it is of another class';
  if (socket.destroyed) return 'it is destroyed';
  if (socket.connecting || !socket._handle) return 'it is not connected';
  if (!HANDLES.includes(socket._handle.constructor.name)) return 'its handle is not of the system';
  if (socket.writableLength > 0 || socket._handle.writeQueueSize > 0) return 'bytes wait in it';
  return null;
}

module.exports = { Server, adopt, createServer };
