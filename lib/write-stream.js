'use strict';

// The file stream: Node's own `fs.WriteStream`, with an outlet in the place of its file system.
//
// `Writable` keeps its queue, its events and their order. This class answers its `_construct`,
// `_write`, `_final` and `_destroy`, and takes plain writes past it while it has nothing to say
// about them. A stream that brings functions of its own is left to Node's class, from which this
// one inherits; such a stream has no outlet. See lib/node-class.js.

const fs = require('node:fs');
const { Writable } = require('node:stream');
const { inspect } = require('node:util');
const assigned = require('./assigned.js');
const { trusted } = require('./chunk.js');
const fastPath = require('./fast-path.js');
const flush = require('./flush.js');
const nodeClass = require('./node-class.js');
const { NodeWriteStream, ownOptions } = require('./options.js');
const keys = require('./write-stream/keys.js');
const { outletOf, renew, setOutlet, setTarget } = require('./write-stream/target.js');

const { hide, setOwn } = fastPath;
const { loadedWrite } = nodeClass;
const { kIsGiven, kKeeper, kLog, kOpening, kOutlet } = keys;

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
  if (settings.log !== null) makeLog(this, settings.log);
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

// What few streams need is loaded with the first that does.

function makeLog(stream, settings) {
  const LogFile = require('./log-file.js');
  hide(stream, kLog, new LogFile(stream, settings));
}

/** Node's class does the work. */
function makeNodes(stream, path, options, reason) {
  nodeClass.refuseOptions(options, reason);
  NodeWriteStream.call(stream, path, options);
  // mock-fs sees no `writev`.
  if (nodeClass.isMocked()) stream._writev = null;
}

WriteStream.prototype.write = function write(chunk, encoding, callback) {
  const outlet = outletOf(this);
  if (outlet === undefined) {
    const opening = this[kOpening];
    if (opening !== undefined) return opening.write(chunk, encoding, callback);
    return NodeWriteStream.prototype.write.call(this, chunk, encoding, callback);
  }
  return fastPath.write(this, outlet, isOwn(this), chunk, encoding, callback);
};

fastPath.stopGatheringIn(WriteStream, presentOutlet);

WriteStream.prototype.end = function end(chunk, encoding, callback) {
  const outlet = outletOf(this);
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

function presentOutlet(stream) {
  return stream[kOutlet];
}

/** None of the functions that `write` calls was replaced. */
function isOwn(stream) {
  return stream._write === ownWrite && NodeWriteStream.prototype.write === loadedWrite;
}

WriteStream.prototype.flushSync = function flushSync(options) {
  flush.flushSync(this, outletOf(this), options);
};

/** Loaded with the first call, and kept: `require` looks the name up each time, which costs more than the call. */
let sync;

WriteStream.prototype.sync = function (options) {
  return joinSync(this, options) ?? beginSync(this, options);
};

/**
 * Where nothing has to be judged or done for it: others have asked in this tick, and what was written since
 * went past `Writable`.
 */
function joinSync(stream, options) {
  const outlet = stream[kOutlet];
  if (outlet === undefined || options !== undefined) return null;
  const { ending, length } = stream._writableState;
  return ending || length > 0 ? null : outlet.joinSync();
}

function beginSync(stream, options) {
  sync ??= require('./sync.js');
  return sync(stream, presentOutlet, options);
}

WriteStream.prototype.stats = function () {
  return require('./stats.js')(this, figuresOf(this));
};

WriteStream.prototype.reopen = function (path) {
  return require('./write-stream/reopen.js')(this, path);
};

WriteStream.prototype.destroy = function destroy(error, callback) {
  if (!this.destroyed) this[kOutlet]?.rejectSoon(error);
  return NodeWriteStream.prototype.destroy.call(this, error, callback);
};

WriteStream.prototype._construct = function _construct(callback) {
  const error = this[kOutlet]?.recipe ? renew(this) : null;
  const outlet = this[kOutlet];
  if (outlet !== undefined) outlet.recipe = null;
  if (error !== null) return callback(error);
  if (this[kOpening] !== undefined) this[kOpening].open(callback);
  else if (outlet === undefined) NodeWriteStream.prototype._construct.call(this, callback);
  else if (this.fd === null) outlet.open(callback);
  else callback();
};

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
    if (outlet.hasClosedUnasked) dropOutlet(this, outlet);
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
  return isDone
    ? undefined
    : (callback) => outlet.end((error) => afterEnd(stream, callback, error));
});

function afterEnd(stream, callback, error) {
  if (error || stream.listenerCount('prefinish') === 0) return callback(error);
  require('./write-stream/prefinish.js')(stream, callback);
}

/**
 * V8 keeps each `Writable` until a major collection, because the state's `onwrite` is a function in the old generation,
 * and with it all that a closed stream still refers to. Short files come by the thousand, so theirs hold little. Others
 * keep their outlet: V8 throws away what it has compiled for a kind of object with the last one.
 */
function dropOutlet(stream, outlet) {
  assigned.assignedOf(stream).figures = outlet.figures;
  stream[kOutlet] = undefined;
}

/** The outlet, or what is left of it. */
function figuresOf(stream) {
  return stream[kOutlet] ?? assigned.assignedOf(stream)?.figures ?? stream[kOpening]?.outlet;
}

const accessors = assigned.accessorsOf(figuresOf);

/** Our class does the work, not Node's. */
Object.defineProperty(WriteStream.prototype, 'isNative', {
  get() {
    return figuresOf(this) !== undefined;
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
