'use strict';

// Whose class does the work of a file stream, and why: ours alone, ours with a file that JavaScript opens,
// or Node's.
//
// A program may bring functions of its own, as options, as methods, or in the place of those of `fs`: test
// doubles, tracing, file systems in memory. It expects them to be called. What was there when this package
// was loaded counts as Node's.

const fs = require('node:fs');
const { Writable } = require('node:stream');
const { debuglog } = require('node:util');
const { unsupportedOptionError } = require('./errors.js');
const { NodeWriteStream, OWN_OPTIONS, isObject } = require('./options.js');

const debug = debuglog('rushwrite');

/** Options that mean that the user's functions do the work, and values that are no bytes. */
const OVERRIDES = [
  'fs',
  'write',
  'writev',
  'final',
  'destroy',
  'construct',
  'objectMode',
  'windowsHandle',
];

/** Methods by which a subclass or a patch takes over the work itself. */
const HOOKS = ['_write', '_writev', '_final', '_destroy', '_construct'];

/** Functions of `fs` that Node's class calls, and besides those that `fs.Utf8Stream` calls. */
const FUNCTIONS = ['open', 'write', 'writev', 'fsync', 'close'];
const OTHER_FUNCTIONS = ['mkdir', 'openSync', 'writeSync', 'fsyncSync', 'mkdirSync'];

/** Those that write, and that open. */
const WRITING = ['write', 'writev'];
const FLUSHING = [...WRITING, 'fsync'];
const OPENING = ['open', 'close'];

/** Functions below `fs`, which mock-fs replaces. */
const BINDING = ['open', 'writeBuffer', 'writeBuffers', 'close'];

const binding = bindingOfFs();

/** What all these, and Node's classes, were when this package was loaded. */
const loadedFs = namedOf(fs, [...FUNCTIONS, ...OTHER_FUNCTIONS]);
const loadedBinding = namedOf(binding, BINDING);
const loadedHooks = hooksOf(NodeWriteStream.prototype);
const loadedWrite = Writable.prototype.write;

/** Methods of a FileHandle that Node's class calls. */
const HANDLE = ['write', 'writev', 'sync', 'close'];

/** graceful-fs marks its functions with the one that each calls. */
const kPrevious = Symbol.for('graceful-fs.previous');

/** Fields of `Writable`'s state on which we lean, and their types. */
const STATE = {
  length: 'number',
  highWaterMark: 'number',
  corked: 'number',
  defaultEncoding: 'string',
  needDrain: 'boolean',
  autoDestroy: 'boolean',
  destroyed: 'boolean',
  errorEmitted: 'boolean',
};

/** This Node's `Writable` has the state that we know. */
const isKnown = knows(new Writable());

function knows({ _writableState: state }) {
  return Object.entries(STATE).every(([name, type]) => typeof state?.[name] === type);
}

function hooksOf(prototype) {
  return namedOf(prototype, HOOKS);
}

function namedOf(object, names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}

/** What `process.binding` gives, which may be deprecated, forbidden or gone. */
function bindingOfFs() {
  const { noDeprecation } = process;
  try {
    process.noDeprecation = true;
    return process.binding('fs');
  } catch {
    return {};
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** Why Node's class does the work, or null. */
function reasonForNode(stream, ownHooks, options) {
  if (!isKnown) return 'this version of Node has another Writable';
  const override = isObject(options) && OVERRIDES.find((name) => options[name]);
  if (override) return `the option ${override}`;
  if (!hasHooks(stream, ownHooks)) return `the method ${changed(HOOKS, stream, ownHooks)}`;
  const nodes = NodeWriteStream.prototype;
  if (hasHooks(nodes, loadedHooks)) return reasonInFs(options);
  return `fs.WriteStream.prototype.${changed(HOOKS, nodes, loadedHooks)} was replaced`;
}

/** No hook was changed. To look them up by their names, as `changed()` does, takes a short file a fiftieth of its time. */
function hasHooks(object, hooks) {
  return (
    object._write === hooks._write &&
    object._writev === hooks._writev &&
    object._final === hooks._final &&
    object._destroy === hooks._destroy &&
    object._construct === hooks._construct
  );
}

/** The first of these properties that is another value in `object` than in `loaded`. */
function changed(names, object, loaded) {
  return names.find((name) => object[name] !== loaded[name]);
}

function reasonInFs(options) {
  const name = replaced(options?.flush ? FLUSHING : WRITING);
  if (name !== undefined) return `fs.${name} was replaced`;
  if (isMocked()) return 'fs was replaced from below';
  if (hasDirectIo(options?.flags)) return 'O_DIRECT';
  return isObject(options?.fd) ? reasonInHandle(options.fd) : null;
}

/** The first of these functions of `fs` that was replaced. */
function replaced(names) {
  return hasLoadedFunctions() ? undefined : names.find(isReplaced);
}

/** None was. Each short file asks, and this is the quick way. */
function hasLoadedFunctions() {
  return (
    fs.open === loadedFs.open &&
    fs.write === loadedFs.write &&
    fs.writev === loadedFs.writev &&
    fs.fsync === loadedFs.fsync &&
    fs.close === loadedFs.close
  );
}

function isReplaced(name) {
  return fs[name] !== loadedFs[name] && fs[name]?.[kPrevious] !== loadedFs[name];
}

/** mock-fs, or a library like it, is active. */
function isMocked() {
  const { _mockedBinding: mock } = binding;
  return (
    Boolean(mock) ||
    binding.open !== loadedBinding.open ||
    binding.writeBuffer !== loadedBinding.writeBuffer ||
    binding.writeBuffers !== loadedBinding.writeBuffers ||
    binding.close !== loadedBinding.close
  );
}

/** Such a file is written from memory that the user has aligned. */
function hasDirectIo(flags) {
  const { O_DIRECT = 0 } = fs.constants;
  return typeof flags === 'number' && (flags & O_DIRECT) !== 0;
}

/** Node's own methods are known by their text: their class can not be had before the first handle. */
function reasonInHandle(handle) {
  const name = HANDLE.find((name) => typeof handle[name] === 'function' && !isNodes(handle[name]));
  return name === undefined ? null : `FileHandle.${name} was replaced`;
}

function isNodes(method) {
  return /\bfsCall\(|\bkFd\b|\bkHandle\b/.test(Function.prototype.toString.call(method));
}

/**
 * Why JavaScript opens the file, and we write to the descriptor; or null.
 * @param {Function | undefined} ownOpen the `open` of our class
 */
function reasonForOpen(stream, ownOpen) {
  if (stream.open !== ownOpen) return 'the method open';
  const name = replaced(OPENING);
  if (name !== undefined) return `fs.${name} was replaced`;
  return process.permission === undefined ? null : 'the permission model';
}

/** Throws if an option of ours has no effect because Node's class does the work. */
function refuseOptions(options, reason) {
  debug('Node writes: %s', reason);
  const name = isObject(options) && OWN_OPTIONS.find((name) => options[name] !== undefined);
  if (name) throw unsupportedOptionError(name, `Node's class does the work (${reason})`);
}

module.exports = {
  debug,
  hooksOf,
  isKnown,
  isReplaced,
  isMocked,
  loadedWrite,
  reasonForNode,
  reasonForOpen,
  refuseOptions,
};
