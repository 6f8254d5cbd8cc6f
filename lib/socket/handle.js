'use strict';

// The handle of a socket, whose descriptor its outlet writes to: from the first write after connecting until Node
// closes it or other code takes it.

const os = require('node:os');
const { socketError } = require('../errors.js');
const fastPath = require('../fast-path.js');
const nodeClass = require('../node-class.js');
const { setImmediate } = require('../timers.js');
const { NodeSocket } = require('./loaded.js');

const { hide } = fastPath;

/** The outlet of a socket's connection, which is attached at its first write. */
const kOutlet = Symbol('outlet');

/** This Node's sockets and streams have what we lean on, though it is not documented. */
const IS_KNOWN =
  nodeClass.isKnown &&
  ['_write', '_writeGeneric', '_unrefTimer', '_final', '_destroy', '_onTimeout'].every(
    (name) => typeof NodeSocket.prototype[name] === 'function',
  );

/** Node's handles whose descriptors are those of the connection. TLS has one that shows another's. */
const HANDLES = ['TCP', 'Pipe'];

/** The socket that writes to a handle's descriptor. */
const kSocket = Symbol('socket');

/** The socket is connected: it writes from now on, or Node does. */
function attach(socket) {
  const handle = handleOf(socket);
  const isOwn = IS_KNOWN && HANDLES.includes(handle.constructor?.name);
  socket[kOutlet].attach(isOwn ? handle.fd : -1);
  if (!socket[kOutlet].isLive) return;
  hide(handle, kSocket, socket);
  hide(handle, 'close', closeHandle);
}

/** Node closes the descriptor, perhaps behind the back of its socket. */
function closeHandle(...args) {
  if (handleOf(this[kSocket]) === this) lose(this[kSocket]);
  return Object.getPrototypeOf(this).close.apply(this, args);
}

/** What was accepted is written as far as that needs no waiting; then the descriptor is Node's alone. */
function detach(socket) {
  const outlet = socket[kOutlet];
  if (!outlet?.isLive) return;
  outlet.close(null, () => {});
  outlet.disown();
}

/** The connection is taken away: what has not left by now is cancelled, as Node cancels it. */
function lose(socket) {
  const outlet = socket[kOutlet];
  if (!outlet?.isLive) return;
  outlet.flush();
  outlet.refresh();
  const isOver = outlet.isWritten;
  detach(socket);
  if (!isOver) setImmediate(cancel, socket, outlet);
}

function cancel(socket, outlet) {
  const error = socketError(os.constants.errno.ECANCELED);
  outlet.cancel(error);
  if (!socket.destroyed) fastPath.fail(socket, error);
}

/** The outlet, while it writes: not before the connection nor after it, nor where Node writes. */
function liveOutlet(socket) {
  return socket[kOutlet].isLive ? socket[kOutlet] : undefined;
}

const nodesHandle = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_handle');

/** Without the flush of those who take it. */
function handleOf(socket) {
  return nodesHandle === undefined ? socket._handle : nodesHandle.get.call(socket);
}

module.exports = {
  HANDLES,
  IS_KNOWN,
  attach,
  detach,
  handleOf,
  kOutlet,
  liveOutlet,
  lose,
  nodesHandle,
};
