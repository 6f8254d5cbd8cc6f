'use strict';

// The file stream: Node's own `fs.WriteStream`, with an outlet in the place of its file system.
//
// `Writable` keeps its queue, its events and their order. This class answers its `_construct`,
// `_write`, `_final` and `_destroy`, and takes plain writes past it while it has nothing to say
// about them. A stream that brings functions of its own is left to Node's class, from which this
// one inherits; such a stream has no outlet. See lib/node-class.js.

const fs = require('node:fs');
const os = require('node:os');
const { Writable } = require('node:stream');
const { inspect } = require('node:util');
const assigned = require('./assigned.js');
const { trusted } = require('./chunk.js');
const { refuseDurability } = require('./durability.js');
const {
  assignedTooLateError,
  destroyedError,
  endedError,
  irreplaceableError,
  systemError,
  unsupportedError,
  unsupportedOptionError,
} = require('./errors.js');
const fastPath = require('./fast-path.js');
const HandleKeeper = require('./file-handle.js');
const flush = require('./flush.js');
const LogFile = require('./log-file.js');
const NativeStream = require('./native-stream.js');
const nodeClass = require('./node-class.js');
const Opening = require('./opening.js');
const { NodeWriteStream, isObject, nativePath, ownOptions } = require('./options.js');
const Outlet = require('./outlet.js');
const stats = require('./stats.js');
const sync = require('./sync.js');

const { hide, setOwn } = fastPath;

const kOutlet = Symbol('outlet');
const kOpenError = Symbol('openError');
/** `fd` was assigned before the open. */
const kIsGiven = Symbol('isGiven');
/** What closes the descriptor after the outlet is done with it. */
const kKeeper = Symbol('keeper');
/** Makes the outlet anew, as long as nothing was opened. */
const kAgain = Symbol('again');
/** What stands for the outlet until JavaScript has opened the file. */
const kOpening = Symbol('opening');
const kLog = Symbol('log');

/** Written as a function, as Node's is: it works without `new`, and for `util.inherits`. */
function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  const reason = nodeClass.reasonForNode(this, ownHooks, options);
  if (reason !== null) {
    makeNodes(this, path, options, reason);
    return;
  }
  const settings = ownOptions(path, options);
  setTarget(this, path, settings);
  this.flush = settings.flush ?? false;
  this.start = settings.start;

  const autoClose = settings.autoClose ?? true;
  if (settings.log !== null) hide(this, kLog, new LogFile(this, settings.log));
  const { durability } = settings;
  const log = this[kLog]?.native;
  const how = { start: this.start ?? -1, flush: this.flush, keepOpen: !autoClose, durability, log };
  // Before `Writable`, because a signal that is aborted already destroys the stream from there.
  setOutlet(this, settings, how);
  assigned.define(this, accessors);
  settings.decodeStrings = true;
  settings.autoDestroy = autoClose;
  Writable.call(this, settings);
  if (settings.encoding) this.setDefaultEncoding(settings.encoding);
}
Object.setPrototypeOf(WriteStream.prototype, NodeWriteStream.prototype);
Object.setPrototypeOf(WriteStream, NodeWriteStream);

/** Node's class does the work. */
function makeNodes(stream, path, options, reason) {
  nodeClass.refuseOptions(options, reason);
  NodeWriteStream.call(stream, path, options);
  // mock-fs sees no `writev`.
  if (nodeClass.isMocked()) stream._writev = null;
}

/** Sets `fd`, or `path`, `flags` and `mode`. */
function setTarget(stream, path, settings) {
  const keeper = isObject(settings.fd) ? keepHandle(stream, path, settings) : null;
  stream.fd = keeper?.fd ?? settings.fd ?? null;
  if (stream.fd !== null) return;
  stream.path = settings.path;
  // A log goes on behind what is in it.
  const usualFlags = settings.log === null ? 'w' : 'a';
  stream.flags = settings.flags === undefined ? usualFlags : settings.flags;
  stream.mode = settings.mode === undefined ? 0o666 : settings.mode;
}

/** Gives the stream its outlet, or what stands for it until JavaScript has opened the file. */
function setOutlet(stream, { bufferSize, isMark, trust }, how, former) {
  const commits = how.durability?.atomic === true;
  const settings = {
    bufferSize,
    isMark,
    trust,
    isSynced: stream.flush || commits,
    isLog: how.log !== undefined,
    fileSize: how.log?.rotateSize,
  };
  const make = (native, isOpen) =>
    new Outlet(new Owner(stream, commits), native, { ...settings, isOpen, former });
  if (stream.fd !== null) {
    const native = NativeStream.ofDescriptor(stream.fd, how);
    hide(stream, kOutlet, make(native, true));
    if (stream.path !== undefined) hide(stream, kIsGiven, true);
    return;
  }
  const reason = nodeClass.reasonForOpen(stream, loadedOpen);
  if (reason !== null) return openInJavaScript(stream, make, trust, how, reason);
  const { target, openError } = nativePath(stream.path, stream.flags, stream.mode);
  hide(stream, kOpenError, openError ?? undefined);
  if (stream[kLog] !== undefined) target.path = stream[kLog].place(target.path);
  hide(stream, kOutlet, make(NativeStream.ofPath(target, how), false));
  hide(stream, kAgain, () => {
    const former = stream[kOutlet];
    hide(stream, kOutlet, undefined);
    const start = assigned.startOf(stream);
    setOutlet(stream, { bufferSize, isMark, trust }, { ...how, start }, former);
  });
}

function openInJavaScript(stream, make, trust, how, reason) {
  refuseDurability(how.durability, ['atomic', 'mkdir'], reason);
  if (how.log !== undefined) throw unsupportedOptionError('rotate', reason);
  nodeClass.debug('JavaScript opens: %s', reason);
  const opening = new Opening(stream, {
    isOverridden: stream.open !== loadedOpen,
    trust,
    outlet: make(NativeStream.ofLaterDescriptor(how), false),
    attach: (outlet) => hide(stream, kOutlet, outlet),
  });
  hide(stream, kOpening, opening);
  hide(stream, kKeeper, opening);
}

/** Closes the stream with its FileHandle; the stream's end closes the handle. */
function keepHandle(stream, path, settings) {
  hide(stream, kKeeper, new HandleKeeper(path, settings, stream.close.bind(stream)));
  return stream[kKeeper];
}

/** The events at which Node's stream has its descriptor. */
const EVENTS_WITH_FD = ['open', 'ready', 'prefinish', 'finish'];

/** What the open of an atomic stream says of a target that is no regular file; see src/io/sink. */
const { ENOTSUP } = os.constants.errno;

/** The outlet's view of a stream. */
class Owner {
  #stalledSince;

  constructor(stream, commits) {
    this.stream = stream;
    this.commits = commits;
  }

  afterOpen(fd, callback) {
    const { stream } = this;
    stream.fd = fd;
    callback();
    stream.emit('open', fd);
    stream.emit('ready');
    stream[kLog]?.begin(() => stream[kOutlet].rotate());
  }

  afterMove(error, fd) {
    const { stream } = this;
    if (error !== null) return stream.emit('reopenError', { path: stream.path, error });
    stream.fd = fd;
    stream.emit('reopen', { path: stream.path, fd });
  }

  afterRotate(fd, stampMs) {
    this.stream.fd = fd;
    this.stream[kLog].afterRotate(stampMs);
  }

  afterRotateFailure(error) {
    this.stream[kLog].afterRotateFailure(error);
  }

  afterDrain() {
    fastPath.drain(this.stream);
  }

  afterProgress() {}

  beforeFailure(error) {
    fastPath.noteFailure(this.stream, error);
  }

  afterFailure(error) {
    fastPath.fail(this.stream, error);
  }

  afterStall(error) {
    this.#stalledSince ??= new Date();
    const { bytesQueued } = this.stream.stats();
    this.stream.emit('stall', { error, bytesQueued, since: this.#stalledSince });
  }

  afterRecovery() {
    this.#stalledSince = undefined;
    this.stream.emit('recover');
  }

  systemError(errno, syscall, path = this.stream.path) {
    if (this.commits && syscall === 'open' && errno === ENOTSUP) return irreplaceableError(path);
    return this.stream[kOpenError] ?? systemError(errno, syscall, path);
  }

  /** Nobody listens who could use the descriptor, and the stream closes itself. */
  get isUnobserved() {
    const { stream } = this;
    return (
      stream._writableState.autoDestroy &&
      !stream.destroyed &&
      stream[kLog] === undefined &&
      stream.emit === Writable.prototype.emit &&
      EVENTS_WITH_FD.every((event) => stream.listenerCount(event) === 0)
    );
  }
}

WriteStream.prototype.write = function write(chunk, encoding, callback) {
  if (this[kAgain] !== undefined) renew(this);
  const outlet = this[kOutlet];
  if (outlet === undefined) {
    const opening = this[kOpening];
    if (opening !== undefined) return opening.write(chunk, encoding, callback);
    return NodeWriteStream.prototype.write.call(this, chunk, encoding, callback);
  }
  return fastPath.write(this, outlet, isOwn(this), chunk, encoding, callback);
};

fastPath.stopGatheringIn(WriteStream, (stream) => stream[kOutlet]);

WriteStream.prototype.end = function end(chunk, encoding, callback) {
  if (this[kAgain] !== undefined) renew(this);
  const outlet = this[kOutlet];
  const isOurs = outlet !== undefined && isOwn(this);
  return fastPath.end(
    this,
    outlet,
    NodeWriteStream.prototype.end,
    isOurs,
    chunk,
    encoding,
    callback,
  );
};

/** Nobody has put a function of his own in the place of those that `write` comes to. */
function isOwn(stream) {
  return stream._write === ownWrite && nodeClass.hasLoadedWrite(NodeWriteStream.prototype);
}

WriteStream.prototype.flushSync = function flushSync(options) {
  flush.flushSync(this, this[kOutlet], options);
};

const outletOf = (stream) => stream[kOutlet];

WriteStream.prototype.sync = function (options) {
  return sync(this, outletOf, options);
};

WriteStream.prototype.stats = function () {
  return stats(this, this[kOutlet] ?? this[kOpening]?.outlet);
};

/**
 * Goes on in another file: what was written before goes to the old one, what comes later to the one at
 * `path`, or to the one that has the stream's own path by then. Fulfilled when that is open; rejected if
 * it can not be opened, and the old file goes on.
 */
WriteStream.prototype.reopen = function reopen(path) {
  return new Promise((resolve, reject) => {
    const next = nextTarget(this, path);
    const afterReopen = (error, fd) => {
      if (error !== null) return reject(error);
      this.fd = fd;
      if (next !== undefined) moveTo(this, next.shown);
      const event = { path: this.path, fd };
      resolve(event);
      this.emit('reopen', event);
    };
    this[kOutlet].reopen(next?.path, afterReopen, next?.shown);
  });
};

/** `path` as it is shown and as the native half opens it; undefined for the stream's own. */
function nextTarget(stream, path) {
  if (stream[kOutlet] === undefined || stream.path === undefined)
    throw unsupportedError('reopened');
  if (stream.destroyed) throw destroyedError('reopen');
  if (stream.writableEnded) throw endedError('reopen');
  if (path === undefined) return undefined;
  // Throws what Node throws.
  const { path: shown } = ownOptions(path, {});
  return { shown, path: nativePath(shown, 'a', 0o666).target.path };
}

function moveTo(stream, path) {
  stream.path = path;
  stream[kLog]?.moveTo(path);
}

WriteStream.prototype.destroy = function destroy(error, callback) {
  if (!this.destroyed) this[kOutlet]?.rejectSoon(error);
  return NodeWriteStream.prototype.destroy.call(this, error, callback);
};

WriteStream.prototype._construct = function _construct(callback) {
  const error = this[kAgain] === undefined ? null : renew(this);
  hide(this, kAgain, undefined);
  if (error !== null) return callback(error);
  const outlet = this[kOutlet];
  if (this[kOpening] !== undefined) this[kOpening].open(callback);
  else if (outlet === undefined) NodeWriteStream.prototype._construct.call(this, callback);
  else if (this.fd === null) outlet.open(callback);
  else callback();
};

/**
 * Before anything is open, makes the outlet anew if `path`, `fd` or the like was assigned.
 * @returns {Error | null} if that comes too late: what Rust was given goes where it was to go
 */
function renew(stream) {
  const properties = assigned.assignedOf(stream);
  if (!properties.hasChanged(stream)) return null;
  const outlet = stream[kOutlet];
  if (outlet.hasPending) return assignedTooLateError('path, flags, mode or fd');
  properties.accept(stream);
  outlet.close(null, () => {});
  stream[kAgain]();
  return null;
}

WriteStream.prototype._write = function _write(chunk, encoding, callback) {
  const outlet = this[kOutlet];
  if (outlet === undefined) NodeWriteStream.prototype._write.call(this, chunk, encoding, callback);
  else outlet.write([trusted(chunk)], callback);
};

WriteStream.prototype._writev = function _writev(data, callback) {
  const outlet = this[kOutlet];
  if (outlet === undefined) return NodeWriteStream.prototype._writev.call(this, data, callback);
  const chunks = data.map(({ chunk }) => trusted(chunk));
  outlet.write(chunks, callback);
};

WriteStream.prototype._destroy = function _destroy(error, callback) {
  const outlet = this[kOutlet];
  if (outlet === undefined) {
    // The open has failed: there is nothing to close.
    if (this[kOpening] !== undefined) return callback(error);
    return NodeWriteStream.prototype._destroy.call(this, error, callback);
  }
  const { fd } = this;
  const isGiven = this.path === undefined || this[kIsGiven] === true;
  this[kLog]?.end(error != null || !this.writableFinished);
  outlet.close(error, (reason) => {
    if (this[kKeeper] !== undefined) this[kKeeper].release(reason, callback);
    else if (isGiven) closeGiven(fd, reason, callback);
    else callback(reason);
  });
  this.fd = null;
};

/** Closes a descriptor that the stream was given: only Node knows whether its number is still in use. */
function closeGiven(fd, reason, callback) {
  fs.close(fd, (error) => callback(error || reason));
}

WriteStream.prototype.destroySoon = WriteStream.prototype.end;

const nodesLength = Object.getOwnPropertyDescriptor(Writable.prototype, 'writableLength');

/** What waits on both levels. */
Object.defineProperty(WriteStream.prototype, 'writableLength', {
  get() {
    const outlet = this[kOutlet];
    return outlet === undefined ? nodesLength.get.call(this) : fastPath.waitingBytes(this, outlet);
  },
  configurable: true,
});

/**
 * Properties that Node's class keeps as plain values, and writes for a stream that is left to it.
 * @param {string} name
 * @param {(stream: WriteStream) => unknown} get
 */
function defineValue(name, get) {
  Object.defineProperty(WriteStream.prototype, name, {
    get() {
      return this[kOutlet] === undefined ? undefined : get(this);
    },
    set(value) {
      setOwn(this, name, value);
    },
    configurable: true,
  });
}

/**
 * A stream with nothing to wait for has no `_final`, as Node's never has: `Writable` then emits
 * 'prefinish' at once, and takes it back if the stream is destroyed in the same tick.
 */
defineValue('_final', (stream) => {
  const outlet = stream[kOutlet];
  const isDone = outlet.isDrained && !outlet.mustEnd && !stream.flush;
  return isDone ? undefined : (callback) => outlet.end(callback);
});

const accessors = assigned.accessorsOf((stream) => stream[kOutlet]);

/** Our class does the work, not Node's. */
Object.defineProperty(WriteStream.prototype, 'isNative', {
  get() {
    return this[kOutlet] !== undefined || this[kOpening] !== undefined;
  },
  configurable: true,
});

const nodesAutoClose = Object.getOwnPropertyDescriptor(NodeWriteStream.prototype, 'autoClose');

/** Node's own accessor takes only streams that Node's own constructor has made. */
Object.defineProperty(WriteStream.prototype, 'autoClose', {
  get() {
    if (!this.isNative) return nodesAutoClose.get.call(this);
    return this._writableState.autoDestroy;
  },
  set(value) {
    if (!this.isNative) return nodesAutoClose.set.call(this, value);
    this._writableState.autoDestroy = value;
    if (this[kOutlet] !== undefined) this[kOutlet].isKeptOpen = !value;
  },
});

/** Our own methods, whatever is put in their place later. */
const ownHooks = nodeClass.hooksOf(WriteStream.prototype);
const ownWrite = ownHooks._write;
const loadedOpen = WriteStream.prototype.open;

hide(WriteStream.prototype, inspect.custom, function (depth, options) {
  const show = this.isNative
    ? assigned.inspect
    : (depth, options) => inspect(this, { ...options, depth, customInspect: false });
  return show.call(this, depth, options);
});

function createWriteStream(path, options) {
  return new WriteStream(path, options);
}

module.exports = { WriteStream, createWriteStream };
