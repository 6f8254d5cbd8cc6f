'use strict';

// Puts our stream class in the place of Node's, for programs that know nothing of it:
//
//   node -r rushwrite/register app.js
//
// All else stays as it was: `fs.WriteStream` can still be assigned, and a `createWriteStream` that
// the program took hold of before makes our streams too. Code that patches `fs` after us keeps what
// he has put there, and whose patched `open` was there before us is asked to open the files.

const fs = require('node:fs');
const { isBuiltin, syncBuiltinESMExports } = require('node:module');

/** Restores Node's functions; null while ours are not installed. */
let undo = null;

/** Does nothing a second time, nor with RUSHWRITE_DISABLE=1: the addon is then not even loaded. */
function register() {
  if (undo !== null || isSet('RUSHWRITE_DISABLE')) return;
  const ours = load();
  if (ours === null) return;
  const undoAll = replaceAll(oursFor(fs.WriteStream, ours));
  const undoStdio = isSet('RUSHWRITE_STDIO') ? require('./lib/stdio.js')() : null;
  undo = () => {
    undoStdio?.();
    undoAll();
  };
  syncBuiltinESMExports();
}

/** Puts Node's own back; streams that exist go on as they are. */
function unregister() {
  if (undo === null) return;
  undo();
  undo = null;
  syncBuiltinESMExports();
}

function isSet(name) {
  const value = process.env[name] ?? '';
  return value !== '' && value !== '0';
}

/** Our class, or null where the program was started without addons: it goes on with Node's. */
function load() {
  try {
    return require('./lib/write-stream.js');
  } catch (error) {
    if (error.cause?.code !== 'ERR_DLOPEN_DISABLED') throw error;
    const [reason] = error.message.split('\n');
    process.emitWarning(`rushwrite/register does nothing: ${reason}`);
    return null;
  }
}

/** Our class, or a subclass with the `open` that a library (graceful-fs) has given to Node's. */
function oursFor(theirs, ours) {
  const { NodeWriteStream } = require('./lib/options.js');
  const { open } = theirs.prototype;
  return open === NodeWriteStream.prototype.open ? ours : withOpen(ours.WriteStream, open);
}

function withOpen(Base, open) {
  function WriteStream(path, options) {
    if (!(this instanceof WriteStream)) return new WriteStream(path, options);
    Base.call(this, path, options);
  }
  Object.setPrototypeOf(WriteStream.prototype, Base.prototype);
  Object.setPrototypeOf(WriteStream, Base);
  WriteStream.prototype.open = open;

  function createWriteStream(path, options) {
    return new WriteStream(path, options);
  }
  return { WriteStream, createWriteStream };
}

/** Returns what puts everything back. */
function replaceAll({ WriteStream, createWriteStream }) {
  const undoCreate = replaceCreate(createWriteStream);
  const undoFileClass = replaceClass('FileWriteStream', WriteStream);
  // Who assigns a class of his own wants `fs.createWriteStream` to make it, as Node's function does.
  const undoClass = replaceClass('WriteStream', WriteStream, undoCreate);
  const undoHandles = replaceInFileHandles(WriteStream);
  const undoCopies = replaceInCopies();
  const undoUtf8 = replaceUtf8Stream();
  const undos = [undoUtf8, undoCopies, undoHandles, undoClass, undoFileClass, undoCreate];
  return () => {
    for (const undoOne of undos) undoOne();
  };
}

function replaceCreate(createWriteStream) {
  // Node's function looks into mounted file systems first, and then makes our class.
  if (isBuiltin('node:vfs')) return () => {};
  return replace(fs, 'createWriteStream', { value: createWriteStream });
}

/** Node's functions use the class that the property was assigned. */
function replaceClass(name, ours, afterAssign = () => {}) {
  // Deno has no FileWriteStream.
  if (!Object.hasOwn(fs, name)) return () => {};
  const { get, set } = Object.getOwnPropertyDescriptor(fs, name);
  if (set === undefined) return replace(fs, name, { value: ours });
  const theirs = get.call(fs);
  set.call(fs, ours);
  const undoSet = replace(fs, name, {
    get,
    set(value) {
      set.call(fs, value);
      afterAssign();
    },
  });
  return () => {
    undoSet();
    if (get.call(fs) === ours) set.call(fs, theirs);
  };
}

/**
 * graceful-fs, where it was loaded before us, has made a copy of `fs` with a subclass of Node's class, and
 * makes the class that this property was assigned.
 */
function replaceInCopies() {
  const copies = Object.entries(require.cache)
    .filter(([file]) => /[\\/]graceful-fs[\\/]/.test(file))
    .map(([, { exports }]) => exports)
    .filter((copy) => copy !== fs && copy?.gracefulify && isNodes(copy.WriteStream));
  const undos = copies.map((copy) => {
    const theirs = copy.WriteStream;
    const ours = oursFor(theirs, require('./lib/write-stream.js')).WriteStream;
    copy.WriteStream = ours;
    return () => {
      if (copy.WriteStream === ours) copy.WriteStream = theirs;
    };
  });
  return () => {
    for (const undoOne of undos) undoOne();
  };
}

/** A subclass of Node's class, and none of ours. */
function isNodes(theirs) {
  const { NodeWriteStream } = require('./lib/options.js');
  const { WriteStream } = require('./lib/write-stream.js');
  const { prototype } = theirs ?? {};
  return prototype instanceof NodeWriteStream && !(prototype instanceof WriteStream);
}

/** Node does not export FileHandle: the first one that is opened shows its prototype. */
function replaceInFileHandles(WriteStream) {
  const nodeOpen = fs.promises.open;
  let undoCreate = null;
  async function open(path, flags, mode) {
    const handle = await nodeOpen(path, flags, mode);
    undoOpen();
    undoCreate ??= replaceInPrototype(Object.getPrototypeOf(handle), WriteStream);
    return handle;
  }
  const undoOpen = replace(fs.promises, 'open', { value: open });
  return () => {
    undoOpen();
    undoCreate?.();
    // A program may still hold the `open` of above.
    undoCreate = () => {};
  };
}

function replaceInPrototype(prototype, WriteStream) {
  return replace(prototype, 'createWriteStream', {
    value: function createWriteStream(options = undefined) {
      return new WriteStream(undefined, { ...options, fd: this });
    },
  });
}

/** Node's own is not looked at before a program asks for it: it loads then. */
function replaceUtf8Stream() {
  const theirs = Object.getOwnPropertyDescriptor(fs, 'Utf8Stream');
  // It came with Node 24.6.
  if (theirs === undefined) return () => {};
  let ours = null;
  function get() {
    const { utf8StreamOver } = require('./lib/utf8-stream.js');
    ours ??= utf8StreamOver(theirs.get === undefined ? theirs.value : theirs.get.call(fs));
    return ours;
  }
  function set(value) {
    Object.defineProperty(fs, 'Utf8Stream', { ...theirs, get: undefined, set: undefined, value });
  }
  return replace(fs, 'Utf8Stream', { get, set });
}

/** Changes a property, and returns what puts it back. */
function replace(target, name, change) {
  return require('./lib/replace.js')(target, name, change);
}

module.exports = { register, unregister };

register();
