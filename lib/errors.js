'use strict';

// The only place that makes an Error: system errors from numbers, and the few of Node's own errors
// that streams must raise without Node's help.

const util = require('node:util');

/** Calls that take a path, of those that a stream makes. */
const NAMING_CALLS = ['open', 'rename', 'mkdir'];

/** What Node calls ENOTFOUND. */
const NOT_FOUND = ['EAI_NODATA', 'EAI_NONAME'];

/**
 * The error that Node's `fs` gives for a failed system call. Calls that take a path name it.
 * @param {number} errno the system's positive number; 0 is a panic in the native half
 * @param {string} syscall
 * @param {string | Buffer} [path] as Node shows it: Buffers are decoded
 */
function systemError(errno, syscall, path) {
  if (errno === 0) return panicError();
  const [code, description] = words(errno);
  const named = NAMING_CALLS.includes(syscall) && path !== undefined;
  const message = `${code}: ${description}, ${syscall}${named ? ` '${path}'` : ''}`;
  const error = Object.assign(stackless(message), { errno: -errno, code, syscall });
  if (named) error.path = `${path}`;
  return error;
}

/**
 * The error that Node's `net` gives for a write or read that failed.
 * @param {number} errno the system's positive number; 0 is a panic in the native half
 * @param {'write' | 'read'} [syscall]
 */
function socketError(errno, syscall = 'write') {
  if (errno === 0) return panicError();
  const [code] = words(errno);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: -errno, code, syscall });
}

/**
 * The error that Node's `dns.lookup` gives for a name without addresses.
 * @param {number} errno libuv's negative number
 */
function lookupError(errno, hostname) {
  const [name] = words(-errno);
  const code = NOT_FOUND.includes(name) ? 'ENOTFOUND' : name;
  const message = `getaddrinfo ${code} ${hostname}`;
  return Object.assign(new Error(message), { errno, code, syscall: 'getaddrinfo', hostname });
}

/** Node's name for a system error, and what it says about it. Its list lacks a few of the system's. */
function words(errno) {
  const unknown = `Unknown system error ${-errno}`;
  return util.getSystemErrorMap().get(-errno) ?? [unknown, unknown];
}

function panicError() {
  const message = 'The native writer stopped on an internal error';
  return codedError(Error, 'ERR_RUSHWRITE_PANIC', message);
}

/** An error whose stack is its message, as Node's are that come from the event loop. */
function stackless(message) {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  // If `Error` is frozen or has no limit, the stack is longer.
  if (limit?.writable) Reflect.set(Error, 'stackTraceLimit', 0);
  const error = new Error(message);
  if (limit?.writable) Reflect.set(Error, 'stackTraceLimit', limit.value);
  return error;
}

/** What Node gives to the callback of a write that a destroyed stream never made. */
function destroyedError(name = 'write') {
  const message = `Cannot call ${name} after a stream was destroyed`;
  return codedError(Error, 'ERR_STREAM_DESTROYED', message);
}

/** A flush came to its deadline; `bytes` still wait. */
function timeoutError(bytes, timeoutMs) {
  const message = `${bytes} bytes were not written within ${timeoutMs} ms`;
  return Object.assign(codedError(Error, 'ERR_RUSHWRITE_TIMEOUT', message), { bytes });
}

/**
 * rushwrite has no bytes of the stream: Node's own class writes, the socket is not connected, or there is no
 * path.
 */
function unsupportedError(what = 'flushed at once', why = undefined) {
  const reason = what === 'reopened' ? 'it has no path' : 'it is opening or connecting';
  const message = `The stream can not be ${what}: ${why ?? `Node writes its bytes, or ${reason}`}`;
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message);
}

/** An option that means nothing for this stream: Node's class does the work, or it is no file. */
function unsupportedOptionError(name, reason) {
  const message = `The option "${name}" means nothing here: ${reason}`;
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message);
}

/** It is too late to change the property: the native half has it already. */
function assignedTooLateError(name) {
  const message = `"${name}" can be assigned before the file is open and before the first write only`;
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message);
}

/** Node's own class counts nothing but bytes. */
function unsupportedStatsError() {
  const message = 'The stream has no figures: Node writes its bytes';
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message);
}

/** What is open is not on a disk: a pipe, a terminal, a socket. */
function unsyncableError() {
  const message =
    'What the stream writes to can not be synced: it is not on a disk, or Node writes';
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message);
}

/** `atomic: true` for what is there, but is no regular file. */
function irreplaceableError(path) {
  const message = `Only a regular file can be replaced: '${path}'`;
  return Object.assign(codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', message), {
    path: `${path}`,
  });
}

/** A sync that is asked for behind the end. */
function syncAfterEndError() {
  return codedError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'sync after end');
}

/** Node's error for two options that exclude each other. */
function incompatibleError(name, other) {
  const message = `Option "${name}" cannot be used in combination with option "${other}"`;
  return codedError(TypeError, 'ERR_INCOMPATIBLE_OPTION_PAIR', message);
}

/** A socket of Node's stays as it is. */
function unadoptableError(reason) {
  return codedError(Error, 'ERR_RUSHWRITE_UNSUPPORTED', `The socket can not be adopted: ${reason}`);
}

function argumentTypeError(name, type, value) {
  const message = `The "${name}" argument must be an instance of ${type}. Received ${util.inspect(value)}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

/** A write was refused because as many bytes wait as may wait. */
function overflowError(maxBytes) {
  const message = `The write was refused: maxBuffered is ${maxBytes} bytes`;
  return codedError(Error, 'ERR_RUSHWRITE_OVERFLOW', message);
}

/** Node's own for a `_write` that calls back twice. */
function multipleCallbackError() {
  return codedError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');
}

/** Objects can't be joined into batches of bytes. */
function notBatched(objectMode) {
  const received = util.inspect(objectMode);
  const message = `The property 'options.objectMode' is invalid with batchSize. Received ${received}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

/** Node's error for an invalid chunk. */
function invalidChunkError(chunk) {
  const kinds = 'of type string or an instance of Buffer, TypedArray, or DataView';
  const message = `The "chunk" argument must be ${kinds}. Received ${classOf(chunk)}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

/** What claims to be a Buffer may throw when it is looked at. */
function classOf(value) {
  try {
    return `an instance of ${value.constructor.name}`;
  } catch {
    return typeof value;
  }
}

/** The stream has ended: what is asked of it can not be done any more. */
function endedError(name) {
  const message = `Cannot call ${name} after a stream was ended`;
  return codedError(Error, 'ERR_RUSHWRITE_ENDED', message);
}

/** A file that was to be archived is gone: there are more than are to be kept. */
function removedError(file) {
  const message = `'${file}' was removed before it was archived: there is more than "keep" allows`;
  return codedError(Error, 'ERR_RUSHWRITE_REMOVED', message);
}

/** Options that can not be given together. */
function conflictError(name, reason) {
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE', `The "${name}" option ${reason}`);
}

/** @param {'boolean' | 'function' | 'object'} type null is no object */
function assertType(value, name, type) {
  if (typeof value === type && value !== null) return;
  // Node's words.
  const what = name.includes('.') ? 'property' : 'argument';
  const message = `The "${name}" ${what} must be of type ${type}. Received ${util.inspect(value)}`;
  throw codedError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

function valueError(name, value) {
  const message = `The "${name}" option is invalid. Received ${util.inspect(value)}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

function assertOneOf(value, name, values) {
  if (values.includes(value)) return;
  const choice = values.map((one) => util.inspect(one)).join(', ');
  const message = `The "${name}" option must be one of: ${choice}. Received ${util.inspect(value)}`;
  throw codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

/** An option that is no integer within `min` and `max`. */
function assertInteger(value, name, min, max) {
  if (typeof value !== 'number') {
    const message = `The "${name}" option must be of type number. Received ${util.inspect(value)}`;
    throw codedError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    const range = `It must be an integer >= ${min} && <= ${max}`;
    const message = `The value of "${name}" is out of range. ${range}. Received ${value}`;
    throw codedError(RangeError, 'ERR_OUT_OF_RANGE', message);
  }
}

/**
 * There is no addon for this machine, or it does not load.
 * @param {string} target the machine
 * @param {Error} cause of the place that came nearest
 * @param {string} reason what is wrong, in a sentence
 * @param {string[]} advice what to do, a line each
 */
function noAddonError(target, cause, reason, advice) {
  const error = codedError(Error, 'ERR_RUSHWRITE_NO_ADDON', [reason, ...advice].join('\n'));
  return Object.assign(error, { target, cause });
}

/** An error as Node makes them: the code is a property and stands in the stack, not in the name. */
function codedError(Base, code, message) {
  const error = new Base(message);
  error.code = code;
  nameCode(error);
  return error;
}

/** An `Error.prepareStackTrace` of the program's may throw, or make anything of the stack. */
function nameCode(error) {
  try {
    const { name, code, stack } = error;
    if (typeof stack === 'string') error.stack = stack.replace(name, `${name} [${code}]`);
  } catch {
    // The stack is only for show.
  }
}

module.exports = {
  assignedTooLateError,
  argumentTypeError,
  assertInteger,
  assertOneOf,
  assertType,
  conflictError,
  destroyedError,
  endedError,
  incompatibleError,
  invalidChunkError,
  irreplaceableError,
  lookupError,
  multipleCallbackError,
  noAddonError,
  notBatched,
  overflowError,
  removedError,
  socketError,
  syncAfterEndError,
  systemError,
  timeoutError,
  unadoptableError,
  unsupportedError,
  unsupportedOptionError,
  unsupportedStatsError,
  unsyncableError,
  valueError,
};
