'use strict';

// The files of a SonicBoom: the first one, and those that are reopened.

const fs = require('node:fs');
const path = require('node:path');
const NativeStream = require('../native-stream.js');
const { DEFAULTS, nativePath } = require('../options.js');
const Outlet = require('../outlet.js');
const nextTick = require('../tick.js');
const { kOutlet, kOwner, kState } = require('./state.js');
const { emitDrain } = require('./writing.js');

const TRUST = { flushOnExit: true, bound: null };

/** Opens a file and begins to write to it; with `sync`, before it returns. */
function open(sonic, file, flags = sonic.append ? 'a' : 'w') {
  if (sonic.sync) {
    openSync(sonic, file, flags);
    return;
  }
  const target = judged(file, flags, sonic.mode);
  const durability = { mkdir: sonic.mkdir, atomic: false };
  const how = { start: -1, flush: false, keepOpen: false, durability };
  sonic[kState].openings++;
  sonic[kOutlet] = new Outlet(sonic[kOwner], NativeStream.ofPath(target, how), {
    bufferSize: DEFAULTS.fileBufferSize,
    trust: TRUST,
    isPatient: true,
  });
  sonic[kState].path = file;
  sonic[kOutlet].open((error) => afterOpen(sonic, file, error ?? null));
}

/** What to open, or throws what `fs.open()` throws for these arguments. */
function judged(file, flags, mode) {
  const { openError, target } = nativePath(file, flags, mode);
  if (openError !== null) throw openError;
  // Node itself refuses such a path.
  if (file.includes('\0')) fs.openSync(file);
  return target;
}

function afterOpen(sonic, file, error) {
  sonic[kState].openings--;
  if (error !== null) {
    sonic.emit('error', error);
    return;
  }
  // It may be asked to go on in another one already.
  sonic.file ??= file;
  sonic.emit('ready');
}

function openSync(sonic, file, flags) {
  sonic[kState].openings++;
  try {
    if (sonic.mkdir) makeFolder(file);
    begin(sonic, fs.openSync(file, flags, sonic.mode));
    sonic.file = file;
  } catch (error) {
    sonic[kState].openings--;
    nextTick(() => {
      if (sonic.listenerCount('error') > 0) sonic.emit('error', error);
    });
    throw error;
  }
  sonic[kState].openings--;
}

function makeFolder(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
}

/** Writes to a descriptor that is open. */
function begin(sonic, fd) {
  sonic.fd = fd;
  const how = { start: -1, flush: false };
  sonic[kOutlet] = new Outlet(sonic[kOwner], NativeStream.ofDescriptor(fd, how), {
    bufferSize: DEFAULTS.fileBufferSize,
    trust: TRUST,
    isPatient: true,
    isOpen: true,
  });
  nextTick(() => sonic.emit('ready'));
}

function reopenLater(sonic) {
  const state = sonic[kState];
  const file = sonic.file ?? state.path;
  const target = judged(file, 'a', sonic.mode);
  state.openings++;
  const afterReopen = (error, fd) => {
    state.openings--;
    // Without a first file its failure was told.
    if (sonic.destroyed || sonic.fd === -1) return;
    if (error !== null) return sonic.emit('error', error);
    sonic.fd = fd;
    sonic.emit('ready');
    nextTick(emitDrain, sonic);
  };
  sonic[kOutlet].reopen(target.path, afterReopen, file);
}

/** Nothing waits: the next file has an outlet of its own. */
function reopenSync(sonic) {
  const { fd } = sonic;
  const outlet = sonic[kOutlet];
  openSync(sonic, sonic.file, sonic.append ? 'a' : 'w');
  sonic[kState].earlierBytes += outlet.completedBytes;
  outlet.close(null, () => {
    fs.close(fd, (error) => {
      if (error) sonic.emit('error', error);
    });
  });
  nextTick(emitDrain, sonic);
}

/** The outlet has failed: another takes its place. */
function renew(sonic) {
  const { fd, file } = sonic;
  const outlet = sonic[kOutlet];
  sonic[kState].earlierBytes += outlet.completedBytes;
  if (file === null || sonic.sync) begin(sonic, fd);
  else open(sonic, file, 'a');
  outlet.close(null, () => {});
}

module.exports = { begin, open, renew, reopenLater, reopenSync };
