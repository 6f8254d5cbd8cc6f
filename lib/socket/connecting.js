'use strict';

// How a socket connects: by Node's own `connect`, which gets our `lookup` and may not put its own `write` in
// the place of ours.

const net = require('node:net');
const { NodeSocket } = require('./loaded.js');

/** The prototype of a socket, while it has another one: see `hideWrite`. */
const kPrototype = Symbol('prototype');

/** The mark of arguments that Node has brought into the form `[options, callback]` before. */
const { _normalizeArgs: normalizeArgs } = net;
const [kNormalized] = Object.getOwnPropertySymbols(normalizeArgs?.([]) ?? []);

/** Lets Node ask us for the addresses of a name, unless the user has a `lookup` of his own. */
function withLookup(args) {
  if (normalizeArgs === undefined) return args;
  const [options, callback] = args[0]?.[kNormalized] ? args[0] : normalizeArgs(args);
  const isName = !options.path && !isAddress(options) && options.lookup == null;
  if (!isName) return args;
  const { isInPlace, lookup } = require('../lookup.js');
  return isInPlace() ? [asking(options, lookup), callback] : args;
}

/** Node asks for no address then. */
function isAddress(options) {
  return (
    Object.hasOwn(options, 'host') &&
    typeof options.host === 'string' &&
    net.isIP(options.host) !== 0
  );
}

/** Options with our `lookup`. The user's own stay as they are, and their getters see themselves. */
function asking(options, lookup) {
  return new Proxy(Object.create(options), {
    get: (_target, key) => (key === 'lookup' ? lookup : options[key]),
  });
}

/** Maps each prototype of sockets to the one that they have while Node's `connect` begins. */
const connecting = new WeakMap();

/**
 * Node's `connect` assigns its own `write` to every socket that has another one, and asks for the handle
 * next. Until then the socket is given a prototype on which that does nothing. A property of the socket's
 * own would have to be deleted, for which V8 makes a dictionary of it: a write would cost 30 ns more.
 */
function hideWrite(socket) {
  const prototype = Object.getPrototypeOf(socket);
  if (!connecting.has(prototype)) {
    const write = { get: () => NodeSocket.prototype.write, set() {} };
    connecting.set(prototype, Object.create(prototype, { write }));
  }
  socket[kPrototype] = prototype;
  Reflect.setPrototypeOf(socket, connecting.get(prototype));
}

function showWrite(socket) {
  Reflect.setPrototypeOf(socket, socket[kPrototype]);
  socket[kPrototype] = null;
  // One that was the socket's own before.
  const own = Object.getOwnPropertyDescriptor(socket, 'write');
  if (own?.value === NodeSocket.prototype.write) delete socket.write;
}

module.exports = { hideWrite, kPrototype, showWrite, withLookup };
