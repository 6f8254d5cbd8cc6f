'use strict';

// The socket: Node's own `net.Socket`, with an outlet in the place of its handle's writes.
//
// Connecting, reading, timeouts, the handle itself: all else is Node's own, because it is as fast as
// it can be where it is, on the thread that wants the bytes. Only names are looked up by us, because
// Node does it on libuv's pool. Where a handle has no descriptor that can be shared (Windows, or
// somebody's own handle), Node writes as well.

const diagnostics = require('node:diagnostics_channel');
const detached = require('./detached.js');
const { LARGE_BYTES, lengthOf } = require('./chunk.js');
const fastPath = require('./fast-path.js');
const flush = require('./flush.js');
const NativeStream = require('./native-stream.js');
const { DEFAULTS, bufferSizeOf, trustOf } = require('./options.js');
const Outlet = require('./outlet.js');
const reading = require('./reading.js');
const { hideWrite, kPrototype, showWrite, withLookup } = require('./socket/connecting.js');
const accessors = require('./socket/accessors.js');
const corked = require('./socket/corked.js');
const handles = require('./socket/handle.js');
const large = require('./socket/large.js');
const loaded = require('./socket/loaded.js');
const Owner = require('./socket/owner.js');

const { NodeSocket } = loaded;
const { hide } = fastPath;
const { IS_KNOWN, attach, detach, kOutlet, liveOutlet } = handles;

const kBufferSize = Symbol('bufferSize');
const kTrust = Symbol('trust');
/** What was written when the socket was last found silent. */
const kSilentBytes = Symbol('silentBytes');

/** Written as a function, as Node's is: it works without `new`, and for `util.inherits`. */
function Socket(options) {
  if (!(this instanceof Socket)) return new Socket(options);
  if (options?.atomic || options?.mkdir || options?.retry) refuseFileOptions(options);
  prepare(this, bufferSizeOf(options, DEFAULTS.socketBufferSize), trustOf(options));
  NodeSocket.call(this, options);
  if (options?.onread) reading.guardOnread(this);
}
Object.setPrototypeOf(Socket.prototype, NodeSocket.prototype);
Object.setPrototypeOf(Socket, NodeSocket);

function refuseFileOptions(options) {
  const { refuseDurability } = require('./durability.js');
  refuseDurability(options, ['atomic', 'mkdir', 'retry'], 'a socket is no file');
}

/** Adds our fields to a socket with Node's state. */
function prepare(socket, bufferSize, trust) {
  hide(socket, kBufferSize, bufferSize);
  hide(socket, kTrust, trust);
  hide(socket, kOutlet, outletFor(socket));
  hide(socket, kSilentBytes, 0);
  hide(socket, kPrototype, null);
  hide(socket, reading.kUnread, null);
}

/** Turns a socket of Node's class into ours. Node's own state of it stays unchanged. */
function becomeOurs(socket, bufferSize, trust) {
  prepare(socket, bufferSize, trust);
  Object.setPrototypeOf(socket, Socket.prototype);
}

/** The outlet of a socket's next connection. */
function outletFor(socket) {
  const settings = { bufferSize: socket[kBufferSize], trust: socket[kTrust] };
  return new Outlet(new Owner(socket), NativeStream.ofSocket(), settings);
}

/**
 * An outlet of no socket. V8 drops what it has compiled for a kind of object when the last one is collected, and a
 * server may be without connections for a while.
 */
outletFor.kept = detached(() =>
  outletFor({ [kBufferSize]: DEFAULTS.socketBufferSize, [kTrust]: trustOf() }),
);

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

Socket.prototype.write = function write(chunk, encoding, callback) {
  const outlet = this[kOutlet];
  // The part is asked: every call counts while V8 interprets.
  if (!outlet.life.isLive) {
    if (outlet.isUnopened && isReady(this)) attach(this);
    if (!outlet.isLive) return writeApart(this, outlet, chunk, encoding, callback);
  }
  if (this.timeout) this._unrefTimer();
  if (this._writableState.corked > 0) {
    if (corked.keep(this, outlet, chunk, encoding, callback)) return true;
    return fastPath.writeCorked(this, outlet, chunk, encoding, callback);
  }
  // `Writable` was uncorked by itself.
  if (outlet.corked !== null) corked.putBack(this, outlet);
  const isOurs = isOwn(this);
  const size = typeof chunk === 'object' ? lengthOf(chunk) : 0;
  if (size >= LARGE_BYTES && isOurs) {
    const told = typeof encoding === 'function' ? encoding : callback;
    const answer = large.write(this, outlet, chunk, size, told);
    if (answer !== null) return answer;
  }
  return fastPath.write(this, outlet, isOurs, chunk, encoding, callback);
};

fastPath.stopGatheringIn(Socket, corked.withoutCork, true);

Socket.prototype.uncork = function uncork() {
  const outlet = this[kOutlet];
  const isLast = this._writableState.corked === 1;
  if (isLast && outlet.corked !== null) corked.release(this, outlet, isOwn(this));
  NodeSocket.prototype.uncork.call(this);
};

/** None of the functions that call ours was replaced. */
function isOwn(socket) {
  return (
    socket._write === loadedWrites._write &&
    socket._writev === loadedWrites._writev &&
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
  corked.withoutCork(this);
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
  return require('./stats.js')(this, this[kOutlet]);
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
  if (!outlet.isLive || this.connecting) {
    return writeFirst(this, outlet, isVectored, data, encoding, callback);
  }
  writeOut(this, outlet, isVectored, data, encoding, callback);
};

/** The same while nothing is attached to the handle, which is only asked for then: that flushes. */
function writeFirst(socket, outlet, isVectored, data, encoding, callback) {
  const isFirst = outlet.isUnopened && !socket.connecting && Boolean(socket._handle);
  if (isFirst) attach(socket);
  if (socket.connecting || !outlet.isLive) {
    return NodeSocket.prototype._writeGeneric.call(socket, isVectored, data, encoding, callback);
  }
  // A callback that throws here would end Node's own work on the connection.
  if (isFirst) outlet.flushSoon();
  writeOut(socket, outlet, isVectored, data, encoding, callback);
  // As in Node, writes made before connecting are sent, and their callbacks run, before 'ready'.
  if (isFirst) outlet.handOver();
}

function writeOut(socket, outlet, isVectored, data, encoding, callback) {
  socket._pendingData = null;
  socket._pendingEncoding = '';
  socket._unrefTimer();
  if (isVectored) outlet.writeEntries(data, callback);
  else outlet.writeEntry(data, encoding, callback);
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
  if (!this.destroyed) {
    corked.withoutCork(this);
    liveOutlet(this)?.rejectSoon(error);
  }
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

accessors.defineIn(Socket);

/** What `write` comes to, whatever is put in the place of it later. */
const loadedWrites = {
  write: loaded.write,
  _write: loaded._write,
  _writev: loaded._writev,
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

module.exports = { Socket, becomeOurs, connect, createConnection: connect };
