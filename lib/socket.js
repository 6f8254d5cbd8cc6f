'use strict';

// The socket: Node's own `net.Socket`, with an outlet in the place of its handle's writes.
//
// Connecting, reading, timeouts, the handle itself: all else is Node's own, because it is as fast as
// it can be where it is, on the thread that wants the bytes. Only names are looked up by us, because
// Node does it on libuv's pool. Where a handle has no descriptor that can be shared (Windows, or
// somebody's own handle), Node writes as well.

const diagnostics = require('node:diagnostics_channel');
const net = require('node:net');
const os = require('node:os');
const { Duplex } = require('node:stream');
const { refuseDurability } = require('./durability.js');
const { socketError } = require('./errors.js');
const fastPath = require('./fast-path.js');
const flush = require('./flush.js');
const { isInPlace, lookup } = require('./lookup.js');
const NativeStream = require('./native-stream.js');
const { DEFAULTS, bufferSizeOf, trustOf } = require('./options.js');
const nodeClass = require('./node-class.js');
const Outlet = require('./outlet.js');
const reading = require('./reading.js');
const stats = require('./stats.js');

// Test doubles of timers may take their place later, and stop the clock.
const { setImmediate } = require('node:timers');

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
  refuseDurability(options, ['atomic', 'mkdir', 'retry'], 'a socket is no file');
  prepare(this, bufferSizeOf(options, DEFAULTS.socketBufferSize), trustOf(options));
  NodeSocket.call(this, options);
}
Object.setPrototypeOf(Socket.prototype, NodeSocket.prototype);
Object.setPrototypeOf(Socket, NodeSocket);

/** Gives a socket what ours have besides Node's state. */
function prepare(socket, bufferSize, trust) {
  hide(socket, kBufferSize, bufferSize);
  hide(socket, kTrust, trust);
  hide(socket, kOutlet, outletFor(socket));
  hide(socket, kSilentBytes, 0);
  hide(socket, kPrototype, null);
  hide(socket, reading.kUnread, null);
}

/** Makes a socket of Node's class ours: all that Node keeps of it stays where it is. */
function becomeOurs(socket, bufferSize, trust) {
  prepare(socket, bufferSize, trust);
  Object.setPrototypeOf(socket, Socket.prototype);
}

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
    reading.goOnSoon(this.stream);
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

  /** Node reads, and finds what the driver finds. */
  get isReading() {
    const { stream } = this;
    return Boolean(handleOf(stream)?.reading) && !stream.readableEnded && !stream.destroyed;
  }

  /** Tells a failure of the driver as Node's reading does, unless it is one of writes alone. */
  failReading(errno) {
    if (!this.isReading || errno === os.constants.errno.EPIPE) return false;
    this.stream.destroy(socketError(errno, 'read'));
    return true;
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
  if (outlet.isUnopened && isReady(this)) attach(this);
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
  if (isFirst) attach(this);
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
  socket[kOutlet].writeEntries(entries, callback);
}

Socket.prototype._final = function _final(callback) {
  const outlet = this[kOutlet];
  const shutDown = () => {
    NodeSocket.prototype._final.call(this, (error) => {
      callback(error);
      reading.goOnSoon(this);
    });
  };
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

/** What was read comes by here; see lib/reading.js. */
Socket.prototype.push = function push(chunk, encoding) {
  return reading.read(this, NodeSocket.prototype.push, this[kOutlet], chunk, encoding);
};

/**
 * What waits for the system counts, too. Who finds that it does may wait for a 'drain' that says that it does
 * not any more, as http does, although `write()` has answered true.
 */
Object.defineProperty(Socket.prototype, 'writableLength', {
  get() {
    const state = this._writableState;
    const outlet = this[kOutlet];
    if (!outlet?.isLive) return state.length;
    outlet.flush();
    const length = outlet.waitingBytes(state.length);
    if (length > state.length && !state.ending) {
      state.needDrain = true;
      outlet.drainWhenWritten();
    }
    return length;
  },
  configurable: true,
});

/** What the handle has written, as Node says; `bytesWritten` adds what waits in `Writable`. */
Object.defineProperty(Socket.prototype, '_bytesDispatched', {
  get() {
    const { get } = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_bytesDispatched');
    return get.call(this) + (this[kOutlet]?.acceptedBytes ?? 0);
  },
  enumerable: true,
});

const nodesHandle = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_handle');

/** Without the flush of those who take it. */
function handleOf(socket) {
  return nodesHandle === undefined ? socket._handle : nodesHandle.get.call(socket);
}

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
      if (handle !== nodesHandle.get.call(this)) lose(this);
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

module.exports = { HANDLES, Socket, becomeOurs, connect, createConnection: connect };
