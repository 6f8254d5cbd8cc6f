'use strict';

// What the user says, made into what the native half needs. Node's own class is the judge of
// arguments that look unusual, so that its errors are Node's own on every version.

const fs = require('node:fs');
const { toNamespacedPath } = require('node:path');
const { Writable } = require('node:stream');
const { partOf } = require('./chunk.js');
const { assertInteger, assertOneOf, assertType } = require('./errors.js');

const NodeWriteStream = nodeClass();

/** Node's own class, even if graceful-fs or a copy of this package has replaced it. */
function nodeClass() {
  let { prototype } = fs.WriteStream;
  while (Object.getPrototypeOf(prototype) !== Writable.prototype) {
    prototype = Object.getPrototypeOf(prototype);
    // A class of some other descent.
    if (prototype === null) return fs.WriteStream;
  }
  return prototype.constructor;
}

/** Ours, in bytes that Rust buffers before `write()` is held; the rest are Node's own defaults. */
const DEFAULTS = {
  fileBufferSize: 1024 * 1024,
  socketBufferSize: 256 * 1024,
  stallTimeout: 1000,
};

/** How long Node's timers wait at most, in milliseconds. */
const MAX_MS = 2 ** 31 - 1;

/** What may happen to a write that `maxBuffered` refuses; the first is the default. */
const OVERFLOWS = ['error', 'drop'];

/** What most streams promise: one object for all of them. */
const USUAL_TRUST = { flushOnExit: true, bound: null, stallTimeout: DEFAULTS.stallTimeout };

/** `bufferSize` must stay a small integer of V8, and memory for it must be found. */
const MAX_BUFFER_BYTES = 1024 * 1024 * 1024 - 1;

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = fs.constants;

/** Node's names for flags. */
const FLAGS = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  sr: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  'sr+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/** Options that Node's class does not have. */
const OWN_OPTIONS = [
  'bufferSize',
  'flushOnExit',
  'maxBuffered',
  'overflow',
  'atomic',
  'mkdir',
  'retry',
  'stallTimeout',
  'rotate',
  'follow',
];

/** Functions for a stream of Node's that only judges its arguments: it never opens anything. */
const INERT_FS = { open() {}, write() {}, writev() {}, fsync() {}, close() {} };

/**
 * The options of a stream of ours, inherited ones included, and completed. Throws what Node's own
 * class throws for these arguments, unless `fd` is an object: lib/file-handle.js judges those.
 */
function ownOptions(path, options) {
  const own = {};
  if (typeof options === 'string') own.encoding = options;
  else if (typeof options !== 'function') for (const name in options) own[name] = options[name];
  const isJudged = isObject(own.fd) || looksUsual(path, options, own);
  // Node's has made a path of what it takes for a URL.
  own.path = isJudged ? path : judge(path, options, own).path;
  // A mark that is given is the program's word on memory and timing.
  own.isMark = typeof own.highWaterMark === 'number' && own.bufferSize === undefined;
  const defaultBytes = own.isMark ? own.highWaterMark : DEFAULTS.fileBufferSize;
  // Nobody has said how much may wait.
  own.mayGrow = typeof own.highWaterMark !== 'number' && own.bufferSize == null;
  own.bufferSize = Math.min(bufferSizeOf(own, defaultBytes), MAX_BUFFER_BYTES);
  own.log = logOptionsOf(own);
  own.trust = trustOf(own);
  own.durability = durabilityOf(own);
  return own;
}

// What few streams want is loaded with the first that does.

function logOptionsOf(own) {
  if (own.rotate === undefined && own.follow === undefined) return null;
  return require('./rotation.js').logOptions(own);
}

function durabilityOf(own) {
  if (own.atomic === undefined && own.mkdir === undefined && own.retry === undefined)
    return undefined;
  return require('./durability.js').durabilityOf(own);
}

/** What is promised for the bytes of a stream: the options that files and sockets share. */
function trustOf(options) {
  const { flushOnExit = true, maxBuffered = Infinity, overflow = OVERFLOWS[0] } = options ?? {};
  const stallTimeout = stallTimeoutOf(options);
  assertType(flushOnExit, 'options.flushOnExit', 'boolean');
  assertOneOf(overflow, 'options.overflow', OVERFLOWS);
  if (maxBuffered === Infinity) {
    const isUsual = flushOnExit && stallTimeout === DEFAULTS.stallTimeout;
    return isUsual ? USUAL_TRUST : { flushOnExit, bound: null, stallTimeout };
  }
  assertInteger(maxBuffered, 'options.maxBuffered', 1, Number.MAX_SAFE_INTEGER);
  const Bound = require('./overflow.js');
  return { flushOnExit, bound: new Bound(maxBuffered, overflow), stallTimeout };
}

/** After how many milliseconds without a sign of the system `rushwrite:stall` tells of a stream. */
function stallTimeoutOf(options) {
  const stallTimeout = options?.stallTimeout ?? DEFAULTS.stallTimeout;
  if (stallTimeout !== Infinity) assertInteger(stallTimeout, 'options.stallTimeout', 1, MAX_MS);
  return stallTimeout;
}

/** How many bytes Rust may buffer, for a stream that says so or with the default of its kind. */
function bufferSizeOf(options, defaultBytes) {
  const bufferSize = options?.bufferSize;
  if (bufferSize == null) return defaultBytes;
  assertInteger(bufferSize, 'options.bufferSize', 0, MAX_BUFFER_BYTES);
  return bufferSize;
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** What Node takes for a signal, which may be of another realm. */
function isSignal(value) {
  return isObject(value) && 'aborted' in value;
}

/** Makes a stream of Node's that does nothing but throw, if there is a reason to. */
function judge(path, options, own) {
  const isUsable = options == null || ['object', 'string', 'function'].includes(typeof options);
  const judged = isUsable ? { ...own, fs: INERT_FS } : options;
  // A signal that is one would keep the judge listening to it.
  if (isSignal(own.signal)) judged.signal = undefined;
  return new NodeWriteStream(path, judged).on('error', () => {});
}

/** Node need not be asked: every argument is of the kind that most programs use. */
function looksUsual(path, options, own) {
  const { encoding, fd, start, signal, flush, highWaterMark, autoClose, emitClose } = own;
  return (
    (options === undefined || typeof options === 'object') &&
    (typeof path === 'string' ? !path.includes('\0') : typeof fd === 'number') &&
    (fd === undefined || fd === null || (Number.isInteger(fd) && fd >= 0 && fd < 2 ** 31)) &&
    (encoding === undefined || encoding === 'utf8') &&
    (start === undefined || (Number.isSafeInteger(start) && start >= 0)) &&
    (signal === undefined || isSignal(signal)) &&
    (flush === undefined || flush === null || typeof flush === 'boolean') &&
    (highWaterMark === undefined || (Number.isInteger(highWaterMark) && highWaterMark >= 0)) &&
    (autoClose === undefined || typeof autoClose === 'boolean') &&
    (emitClose === undefined || typeof emitClose === 'boolean') &&
    own.defaultEncoding === undefined
  );
}

/**
 * What the native half needs to open `path`. Flags and a mode that Node refuses are an error of the
 * open, not of the constructor, so they come back as `openError` with a path that can't be opened.
 */
function nativePath(path, flags, mode) {
  const openError = judgeOpen(flags, mode);
  if (openError !== null) return { openError, target: { path: '', flags: 0, mode: 0 } };
  const bits = typeof mode === 'string' ? Number.parseInt(mode, 8) : (mode ?? 0o666);
  const bytes = typeof path === 'string' ? toNamespacedPath(path) : partOf(path);
  return { openError, target: { path: bytes, flags: bitsOf(flags), mode: bits } };
}

/** Flags that Node takes, as a number. */
function bitsOf(flags) {
  return typeof flags === 'string' ? FLAGS[flags] : (flags ?? O_RDONLY);
}

/** Node's own error for flags and a mode, or null. Usual ones need no judge. */
function judgeOpen(flags, mode) {
  if (typeof flags === 'string' && Object.hasOwn(FLAGS, flags) && mode === 0o666) return null;
  try {
    fs.openSync('', flags, mode);
  } catch (error) {
    // The system's own is about the empty path, or comes again with the right one.
    if (error.syscall === undefined) return error;
  }
  return null;
}

module.exports = {
  DEFAULTS,
  NodeWriteStream,
  OWN_OPTIONS,
  bitsOf,
  bufferSizeOf,
  isObject,
  isSignal,
  nativePath,
  ownOptions,
  trustOf,
};
