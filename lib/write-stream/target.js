'use strict';

// What a file stream writes to: a path, or a descriptor that it is given; and the outlet that it has for that.

const assigned = require('../assigned.js');
const { assignedTooLateError, unsupportedOptionError } = require('../errors.js');
const { hide } = require('../fast-path.js');
const NativeStream = require('../native-stream.js');
const nodeClass = require('../node-class.js');
const { NodeWriteStream, isObject, nativePath } = require('../options.js');
const Outlet = require('../outlet.js');
const { kIsGiven, kKeeper, kLog, kOpenError, kOpening, kOutlet } = require('./keys.js');
const Owner = require('./owner.js');

const loadedOpen = NodeWriteStream.prototype.open;

/** Sets `fd`, or `path`, `flags` and `mode`. */
function setTarget(stream, path, settings) {
  const keeper = isObject(settings.fd) ? keepHandle(stream, path, settings) : null;
  stream.fd = keeper?.fd ?? settings.fd ?? null;
  if (stream.fd !== null) return;
  stream.path = settings.path;
  // A log is appended to.
  const usualFlags = settings.log === null ? 'w' : 'a';
  stream.flags = settings.flags === undefined ? usualFlags : settings.flags;
  stream.mode = settings.mode === undefined ? 0o666 : settings.mode;
}

/** Gives the stream its outlet, or what stands for it until JavaScript has opened the file. */
function setOutlet(stream, settings, how, former) {
  if (stream.fd !== null) {
    const native = NativeStream.ofDescriptor(stream.fd, how);
    hide(stream, kOutlet, makeOutlet(stream, native, settings, how, true, former));
    if (stream.path !== undefined) hide(stream, kIsGiven, true);
    return;
  }
  const reason = nodeClass.reasonForOpen(stream, loadedOpen);
  if (reason !== null) return openInJavaScript(stream, settings, how, former, reason);
  const { target, openError } = nativePath(stream.path, stream.flags, stream.mode);
  if (openError !== (stream[kOpenError] ?? null)) hide(stream, kOpenError, openError);
  if (stream[kLog] !== undefined) target.path = stream[kLog].place(target.path);
  const native = NativeStream.ofPath(target, how);
  const outlet = makeOutlet(stream, native, settings, how, false, former);
  outlet.recipe = { settings, how };
  hide(stream, kOutlet, outlet);
}

/** Opens what the properties say by now. */
function setOutletAgain(stream) {
  const former = stream[kOutlet];
  const { settings, how } = former.recipe;
  stream[kOutlet] = undefined;
  setOutlet(stream, settings, { ...how, start: assigned.startOf(stream) }, former);
  // JavaScript opens by now.
  if (stream[kOutlet] === undefined) former.close(null, () => {});
}

function makeOutlet(stream, native, settings, how, isOpen, former) {
  const { bufferSize, isMark, mayGrow, trust } = settings;
  const commits = how.durability?.atomic === true;
  return new Outlet(new Owner(stream, commits), native, {
    bufferSize,
    isMark,
    mayGrow,
    trust,
    isOpen,
    isSynced: stream.flush || commits,
    isListening: how.log !== undefined || how.durability?.retry !== undefined,
    fileSize: how.log?.rotateSize,
    former,
  });
}

function openInJavaScript(stream, settings, how, former, reason) {
  const Opening = require('../opening.js');
  const { refuseDurability } = require('../durability.js');
  refuseDurability(how.durability, ['atomic', 'mkdir'], reason);
  if (how.log !== undefined) throw unsupportedOptionError('rotate', reason);
  nodeClass.debug('JavaScript opens: %s', reason);
  const native = NativeStream.ofLaterDescriptor(how);
  const opening = new Opening(stream, {
    isOverridden: stream.open !== loadedOpen,
    trust: settings.trust,
    outlet: makeOutlet(stream, native, settings, how, false, former),
    attach: (outlet) => hide(stream, kOutlet, outlet),
  });
  hide(stream, kOpening, opening);
  hide(stream, kKeeper, opening);
}

/** Closes the stream with its FileHandle; the stream's end closes the handle. */
function keepHandle(stream, path, settings) {
  const HandleKeeper = require('../file-handle.js');
  hide(stream, kKeeper, new HandleKeeper(path, settings, stream.close.bind(stream)));
  return stream[kKeeper];
}

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
  setOutletAgain(stream);
  return null;
}

/** The outlet, made for what the properties say by now. */
function outletOf(stream) {
  const outlet = stream[kOutlet];
  if (outlet === undefined || outlet.recipe === null) return outlet;
  renew(stream);
  return stream[kOutlet];
}

module.exports = { outletOf, renew, setOutlet, setTarget };
