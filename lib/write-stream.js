'use strict';

// The file stream: `fs.WriteStream` as `stream.Writable` sees it, over an outlet.
//
// `Writable` keeps its queue, its events and its order; this class answers its `_write`, `_final`
// and `_destroy`, and takes strings past it while it has nothing to say about them.

const { Writable } = require('node:stream');
const { destroyedError, systemError } = require('./errors.js');
const { NodeWriteStream, nativePath, needsNode, pathOf, validated } = require('./options.js');
const Outlet = require('./outlet.js');

const kOutlet = Symbol('outlet');
const kOpenError = Symbol('openError');

/** Written as a function, as Node's is: it works without `new`, and for `util.inherits`. */
function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  const { bufferSize, ...settings } = validated(path, options);

  const target = setTarget(this, path, settings);
  this.flush = settings.flush ?? false;
  this.start = settings.start;

  const autoClose = settings.autoClose ?? true;
  Writable.call(this, { ...settings, decodeStrings: false, autoDestroy: autoClose });
  if (settings.encoding) this.setDefaultEncoding(settings.encoding);

  const native = { ...target, start: this.start ?? -1, flush: this.flush, keepOpen: !autoClose };
  hide(this, kOutlet, new Outlet(ownerOf(this), native, bufferSize));
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);

/** Sets `fd`, or `path`, `flags` and `mode`, and returns them for the native half. */
function setTarget(stream, path, settings) {
  stream.fd = settings.fd ?? null;
  if (stream.fd !== null) return { fd: stream.fd, flags: 0, mode: 0 };
  stream.path = pathOf(path);
  stream.flags = settings.flags === undefined ? 'w' : settings.flags;
  stream.mode = settings.mode === undefined ? 0o666 : settings.mode;
  const { target, openError } = nativePath(stream.path, stream.flags, stream.mode);
  if (openError !== null) hide(stream, kOpenError, openError);
  return target;
}

/** The outlet's view of a stream. */
function ownerOf(stream) {
  return {
    afterOpen(fd) {
      stream.fd = fd;
      stream.emit('open', fd);
      stream.emit('ready');
    },
    afterFailure(error) {
      fail(stream, error);
    },
    systemError(errno, call) {
      return stream[kOpenError] ?? systemError(errno, call, stream.path);
    },
  };
}

/** A failure while `Writable` has no callback out that could take it. */
function fail(stream, error) {
  const state = stream._writableState;
  if (state.autoDestroy) {
    stream.destroy(error);
  } else if (!state.destroyed && !state.errorEmitted) {
    state.errored = error;
    state.errorEmitted = true;
    stream.emit('error', error);
  }
}

WriteStream.prototype.write = function write(chunk, encoding, callback) {
  const outlet = this[kOutlet];
  if (typeof chunk === 'string' && encoding === undefined && callback === undefined) {
    if (outlet.isReady && isBypassed(this, chunk)) {
      return outlet.stage(chunk) || askForDrain(this);
    }
  } else if (typeof encoding === 'function' || typeof callback === 'function') {
    return writeWithCallback(this, chunk, encoding, callback);
  }
  return Writable.prototype.write.call(this, chunk, encoding);
};

/** `Writable` would hand a string of this length straight to `_write`, and answer true. */
function isBypassed(stream, chunk) {
  const state = stream._writableState;
  return (
    state.length === 0 &&
    chunk.length < state.highWaterMark &&
    state.corked === 0 &&
    stream.writable &&
    state.defaultEncoding === 'utf8'
  );
}

/** The turn is spent: answers false, as if the queue were full, and drains in the next turn. */
function askForDrain(stream) {
  const state = stream._writableState;
  if (!state.needDrain) {
    state.needDrain = true;
    stream[kOutlet].nextTurn(() => drain(stream));
  }
  return false;
}

function drain(stream) {
  const state = stream._writableState;
  // With a queue of its own `Writable` emits it.
  if (stream.writableNeedDrain && state.length === 0) {
    state.needDrain = false;
    stream.emit('drain');
  }
}

/** `Writable` calls back when Rust has the chunk; the user is told when the system has it. */
function writeWithCallback(stream, chunk, encoding, callback) {
  const isShort = typeof encoding === 'function';
  const told = isShort ? encoding : callback;
  return Writable.prototype.write.call(stream, chunk, isShort ? null : encoding, (error) => {
    if (error) told(error);
    else stream[kOutlet].onWritten(told);
  });
}

WriteStream.prototype._write = function _write(chunk, encoding, callback) {
  this[kOutlet].write(chunk, encoding, callback);
};

WriteStream.prototype._final = function _final(callback) {
  this[kOutlet].finish(callback);
};

WriteStream.prototype.destroy = function destroy(error, callback) {
  if (!this.destroyed) this[kOutlet].rejectSoon(error ?? destroyedError());
  return Writable.prototype.destroy.call(this, error, callback);
};

WriteStream.prototype._destroy = function _destroy(error, callback) {
  this[kOutlet].destroy((closeError) => callback(closeError ?? error));
  this.fd = null;
};

WriteStream.prototype.close = function close(callback) {
  if (callback) {
    if (this.closed) {
      process.nextTick(callback);
      return;
    }
    this.on('close', callback);
  }
  if (!this.autoClose) this.on('finish', this.destroy);
  this.end();
};

WriteStream.prototype.destroySoon = WriteStream.prototype.end;

defineGetters(WriteStream.prototype, {
  /** Bytes that the system has taken, never bytes that wait. */
  bytesWritten: (stream) => stream[kOutlet].completedBytes,
  /** The file is not open yet, or closed. */
  pending: (stream) => stream.fd === null,
});

Object.defineProperty(WriteStream.prototype, 'autoClose', {
  get() {
    return this._writableState.autoDestroy;
  },
  set(autoClose) {
    this._writableState.autoDestroy = autoClose;
  },
  configurable: true,
});

function defineGetters(prototype, getters) {
  for (const [name, getter] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, {
      get() {
        return getter(this);
      },
      configurable: true,
    });
  }
}

/** Sets a property that `util.inspect` and copies of the stream do not show. */
function hide(stream, key, value) {
  Object.defineProperty(stream, key, { value, writable: true, configurable: true });
}

function createWriteStream(path, options) {
  if (needsNode(options)) return new NodeWriteStream(path, options);
  return new WriteStream(path, options);
}

module.exports = { WriteStream, createWriteStream };
