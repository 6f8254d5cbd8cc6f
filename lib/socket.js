'use strict';

// The socket: Node's own `net.Socket`, with an outlet in the place of its handle's writes.
//
// Connecting, reading, timeouts, the handle itself: all else is Node's own, because it is as fast as
// it can be where it is, on the thread that wants the bytes. Only names are looked up by us, because
// Node does it on libuv's pool. Where a handle has no descriptor that can be shared (Windows, or
// somebody's own handle), Node writes as well.

const diagnostics = require('node:diagnostics_channel');
const net = require('node:net');
const { Duplex } = require('node:stream');
const { trusted } = require('./chunk.js');
const { refuseDurability } = require('./durability.js');
const { socketError } = require('./errors.js');
const fastPath = require('./fast-path.js');
const flush = require('./flush.js');
const { isInPlace, lookup } = require('./lookup.js');
const NativeStream = require('./native-stream.js');
const { DEFAULTS, bufferSizeOf, trustOf } = require('./options.js');
const nodeClass = require('./node-class.js');
const Outlet = require('./outlet.js');
const stats = require('./stats.js');

const NodeSocket = net.Socket;
const { hide } = fastPath;

/** The outlet of this connection, which is attached at its first write. */
const kOutlet = Symbol('outlet');
const kBufferSize = Symbol('bufferSize');
const kTrust = Symbol('trust');
/** The prototype of a socket, while it has another one: see `hideWrite`. */
const kPrototype = Symbol('prototype');
/** What was written when the socket was last found silent. */
const kSilentBytes = Symbol('silentBytes');

/** This Node's sockets and streams have what we lean on, though it is not documented. */
const IS_KNOWN =
  nodeClass.isKnown &&
  ['_write', '_writeGeneric', '_unrefTimer', '_final', '_destroy', '_onTimeout'].every(
    (name) => typeof NodeSocket.prototype[name] === 'function',
  );

/** Written as a function, as Node's is: it works without `new`, and for `util.inherits`. */
function Socket(options) {
  if (!(this instanceof Socket)) return new Socket(options);
  hide(this, kBufferSize, bufferSizeOf(options, DEFAULTS.socketBufferSize));
  hide(this, kTrust, trustOf(options));
  refuseDurability(options, ['atomic', 'mkdir', 'retry'], 'a socket is no file');
  hide(this, kOutlet, outletFor(this));
  hide(this, kSilentBytes, 0);
  hide(this, kPrototype, null);
  NodeSocket.call(this, options);
}
Object.setPrototypeOf(Socket.prototype, NodeSocket.prototype);
Object.setPrototypeOf(Socket, NodeSocket);

/** The outlet of a socket's next connection. */
function outletFor(socket) {
  const settings = { bufferSize: socket[kBufferSize], trust: socket[kTrust] };
  return new Outlet(new Owner(socket), NativeStream.ofSocket(), settings);
}

/** The outlet's view of a socket. */
class Owner {
  constructor(socket) {
    this.stream = socket;
  }

  afterOpen() {}

  afterDrain() {
    fastPath.drain(this.stream);
  }

  afterProgress() {
    this.stream._unrefTimer();
  }

  beforeFailure(error) {
    fastPath.noteFailure(this.stream, error);
  }

  afterFailure(error) {
    fastPath.fail(this.stream, error);
  }

  systemError(errno) {
    return socketError(errno);
  }

  /** Only a stream that is opened need not be asked before the close. */
  get isUnobserved() {
    return false;
  }
}

/** The outlet, while it writes: not before the connection nor after it, nor where Node writes. */
function liveOutlet(socket) {
  return socket[kOutlet].isLive ? socket[kOutlet] : undefined;
}

/** What was accepted is written as far as that needs no waiting; then our descriptor is closed. */
function detach(socket) {
  if (socket[kOutlet]?.isLive) socket[kOutlet].close(null, () => {});
}

Socket.prototype.connect = function connect(...args) {
  if (this.destroyed) {
    this[kOutlet] = outletFor(this);
    this[kSilentBytes] = 0;
  }
  const asked = withLookup(args);
  hideWrite(this);
  try {
    NodeSocket.prototype.connect.apply(this, asked);
  } finally {
    if (this[kPrototype]) showWrite(this);
  }
  return this;
};

/** The mark of arguments that Node has brought into the form `[options, callback]` before. */
const { _normalizeArgs: normalizeArgs } = net;
const [kNormalized] = Object.getOwnPropertySymbols(normalizeArgs?.([]) ?? []);

/** Lets Node ask us for the addresses of a name, unless the user has a `lookup` of his own. */
function withLookup(args) {
  if (!isInPlace() || normalizeArgs === undefined) return args;
  const [options, callback] = args[0]?.[kNormalized] ? args[0] : normalizeArgs(args);
  return options.path || options.lookup != null ? args : [asking(options), callback];
}

/** Options with our `lookup`. The user's own stay as they are, and their getters see themselves. */
function asking(options) {
  return new Proxy(Object.create(options), {
    get: (_target, key) => (key === 'lookup' ? lookup : options[key]),
  });
}

Socket.prototype.write = function write(chunk, encoding, callback) {
  const outlet = this[kOutlet];
  if (outlet.isUnopened && isReady(this)) outlet.attach(IS_KNOWN ? this._handle.fd : -1);
  if (!outlet.isLive) return writeApart(this, outlet, chunk, encoding, callback);
  if (this.timeout) this._unrefTimer();
  return fastPath.write(this, outlet, isOwn(this), chunk, encoding, callback);
};

/** For each prototype of sockets the one that they have while Node's `connect` begins. */
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

fastPath.stopGatheringIn(Socket, (socket) => socket[kOutlet]);

/** Nobody has put functions of his own in the place of those that come to ours. */
function isOwn(socket) {
  return (
    socket._write === loadedWrites._write &&
    socket._writeGeneric === loadedWrites._writeGeneric &&
    NodeSocket.prototype.write === loadedWrites.write
  );
}

/** Connected, and no earlier write waits. */
function isReady(socket) {
  return socket._writableState.length === 0 && !socket.connecting && Boolean(socket._handle);
}

/** A write before the connection or after it, or where Node writes. */
function writeApart(socket, outlet, chunk, encoding, callback) {
  const told = typeof encoding === 'function' ? encoding : callback;
  const { bound } = outlet;
  if (bound?.refuses(socket, outlet, chunk, encoding)) {
    return bound.refuse(socket, outlet, chunk, encoding, told);
  }
  return fastPath.writeThrough(socket, outlet, chunk, encoding, told);
}

Socket.prototype.end = function end(chunk, encoding, callback) {
  return fastPath.end(
    this,
    liveOutlet(this),
    NodeSocket.prototype.end,
    false,
    chunk,
    encoding,
    callback,
  );
};

Socket.prototype.stats = function () {
  return stats(this, this[kOutlet]);
};

/** We write, or will when the socket is connected. */
Object.defineProperty(Socket.prototype, 'isNative', {
  get() {
    return IS_KNOWN && process.platform !== 'win32' && !this[kOutlet].isUnused;
  },
  configurable: true,
});

Socket.prototype.flushSync = function flushSync(options) {
  flush.flushSync(this, liveOutlet(this), options);
};

/** Node's `_write` and `_writev` come to this one; while connecting, it comes again. */
Socket.prototype._writeGeneric = function _writeGeneric(isVectored, data, encoding, callback) {
  const outlet = this[kOutlet];
  // The handle is only asked for while nothing is attached to it: to ask for it flushes.
  const isFirst = outlet.isUnopened && !this.connecting && Boolean(this._handle);
  if (isFirst) outlet.attach(IS_KNOWN ? this._handle.fd : -1);
  if (this.connecting || !outlet.isLive) {
    return NodeSocket.prototype._writeGeneric.call(this, isVectored, data, encoding, callback);
  }
  writeOut(this, isVectored ? data : [{ chunk: data, encoding }], callback);
  // What was written before connecting is on its way, and told, before 'ready', as Node's is.
  if (isFirst) outlet.handOver();
};

function writeOut(socket, entries, callback) {
  socket._pendingData = null;
  socket._pendingEncoding = '';
  socket._unrefTimer();
  socket[kOutlet].write(entries.map(encoded), callback);
}

/** A Buffer, or a string if it is to be UTF-8. */
function encoded({ chunk, encoding }) {
  const isText = typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8';
  return isText ? Buffer.from(chunk, encoding) : trusted(chunk);
}

Socket.prototype._final = function _final(callback) {
  const outlet = this[kOutlet];
  const shutDown = () => NodeSocket.prototype._final.call(this, callback);
  if (this.pending || !outlet.isLive) return shutDown();
  outlet.end((error) => (error ? callback(error) : shutDown()));
};

Socket.prototype.destroy = function destroy(error, callback) {
  if (!this.destroyed) liveOutlet(this)?.rejectSoon(error);
  return NodeSocket.prototype.destroy.call(this, error, callback);
};

Socket.prototype._destroy = function _destroy(error, callback) {
  detach(this);
  NodeSocket.prototype._destroy.call(this, error, callback);
};

/** A write that goes on is no silence. */
Socket.prototype._onTimeout = function _onTimeout() {
  const outlet = this[kOutlet];
  const isWriting = outlet.isLive && !outlet.isDrained;
  const completedBytes = isWriting ? outlet.completedBytes : 0;
  if (completedBytes <= this[kSilentBytes]) return NodeSocket.prototype._onTimeout.call(this);
  this[kSilentBytes] = completedBytes;
  this._unrefTimer();
};

/** What the handle has written, as Node says; `bytesWritten` adds what waits in `Writable`. */
Object.defineProperty(Socket.prototype, '_bytesDispatched', {
  get() {
    const { get } = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_bytesDispatched');
    return get.call(this) + (this[kOutlet]?.acceptedBytes ?? 0);
  },
  enumerable: true,
});

const nodesHandle = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_handle');

/** Who takes the handle to write to it himself, as TLS does, comes behind what was written here. */
if (nodesHandle !== undefined) {
  Object.defineProperty(Socket.prototype, '_handle', {
    get() {
      this[kOutlet]?.flush();
      if (this[kPrototype]) showWrite(this);
      return nodesHandle.get.call(this);
    },
    set(handle) {
      // A handle that is given away takes the connection with it.
      if (handle !== nodesHandle.get.call(this)) detach(this);
      nodesHandle.set.call(this, handle);
    },
  });
}

/** What `write` comes to, whatever is put in the place of it later. */
const loadedWrites = {
  write: Duplex.prototype.write,
  _write: NodeSocket.prototype._write,
  _writeGeneric: Socket.prototype._writeGeneric,
};

function connect(...args) {
  const [options] = args;
  const socket = new Socket(typeof options === 'object' && options !== null ? options : {});
  publish(socket);
  if (options?.timeout) socket.setTimeout(options.timeout);
  return socket.connect(...args);
}

const clientSockets = diagnostics.channel('net.client.socket');

/** As `net.connect` does. */
function publish(socket) {
  if (clientSockets.hasSubscribers) clientSockets.publish({ socket });
}

module.exports = { Socket, connect, createConnection: connect };
