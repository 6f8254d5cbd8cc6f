'use strict';

// From `write()` to the outlet, and 'write' and 'drain' back.

const fs = require('node:fs');
const nextTick = require('../tick.js');
const { LEAST_WAITING, kOutlet, kOwner, kState } = require('./state.js');

/** A synchronous write waits as long as it takes. */
const FOREVER_MS = 2 ** 31 - 1;

function writeAny(sonic, chunk) {
  const state = sonic[kState];
  if (sonic.maxLength > 0 && isOver(sonic, chunk)) {
    sonic.emit('drop', chunk);
    return sonic._len < Math.max(sonic.minLength, LEAST_WAITING);
  }
  if (sonic.minLength === 0) return give(sonic, chunk);
  state.hold(chunk);
  if (state.heldLength < sonic.minLength) {
    sonic[kOutlet].noteQueue();
    return true;
  }
  state.waiting += state.heldLength;
  // Asked before the system can take it.
  const isFew = hasRoom(sonic);
  return giveHeld(sonic) && isFew;
}

/** SonicBoom's answer to a write. What waits is asked for only if it may be too much. */
function hasRoom(sonic) {
  const state = sonic[kState];
  const most = Math.max(sonic.minLength, LEAST_WAITING);
  if (state.waiting >= most) state.waiting = sonic._len;
  return state.waiting < most;
}

/** With this chunk more bytes would wait than may. Counts it if not. */
function isOver(sonic, chunk) {
  const state = sonic[kState];
  const accepted = state.acceptedBytes + Buffer.byteLength(chunk);
  if (accepted - writtenBytes(sonic) > sonic.maxLength) return true;
  state.acceptedBytes = accepted;
  return false;
}

function writtenBytes(sonic) {
  return sonic[kState].earlierBytes + sonic[kOutlet].completedBytes;
}

function giveHeld(sonic) {
  if (sonic[kState].heldLength === 0) return true;
  return give(sonic, sonic[kState].takeHeld());
}

function give(sonic, chunk) {
  if (sonic[kState].isBroken) sonic[kOwner].renew();
  if (sonic.sync && !sonic[kState].isOpening) return giveNow(sonic, chunk);
  const outlet = sonic[kOutlet];
  const isTaken = outlet.gather(chunk) || outlet.take(chunk) || sonic[kState].isLittle(chunk);
  if (sonic[kState].isHeard || sonic._fsync) askForWritten(sonic);
  return isTaken;
}

/** The system has the chunk when this returns, or the stream has failed. */
function giveNow(sonic, chunk) {
  const { error } = sonic[kOutlet].writeNow(chunk, FOREVER_MS);
  if (error !== null) {
    sonic[kOwner].noteFailure();
    sonic.emit('error', error);
    return false;
  }
  if (sonic._fsync) fs.fsyncSync(sonic.fd);
  if (sonic[kState].isHeard) tellBytes(sonic);
  drainSoon(sonic);
  return true;
}

/** A listener that is added in this tick gets the event, too. */
function drainSoon(sonic) {
  const state = sonic[kState];
  if (state.isDrainDue) return;
  state.isDrainDue = true;
  nextTick(() => {
    // Without listeners it is asked for again when there is one.
    if (sonic.listenerCount('drain') === 0) return;
    state.isDrainDue = false;
    emitDrain(sonic);
  });
}

/** Emits 'write' and 'drain' when the system has all bytes given so far. */
function askForWritten(sonic) {
  const state = sonic[kState];
  if (state.isAwaited) return;
  state.isAwaited = true;
  whenWritten(sonic, (error) => {
    state.isAwaited = false;
    if (error !== null || sonic.destroyed) return;
    if (!sonic._fsync) return tellWritten(sonic);
    syncWritten(sonic, (failure) => {
      if (failure) sonic.emit('error', failure);
      else tellWritten(sonic);
    });
  });
}

/**
 * `callback` is called when all that is written is on the device. While a reopen is under way its driver may close the
 * descriptor at any time, and only it knows the file before.
 */
function syncWritten(sonic, callback) {
  const { fd } = sonic;
  const isMoving = () => sonic[kState].isOpening || sonic.fd !== fd;
  if (isMoving()) return syncInOrder(sonic, callback);
  fs.fsync(fd, (error) => {
    if (error?.code === 'EBADF' && isMoving() && !sonic.destroyed) syncInOrder(sonic, callback);
    else callback(error);
  });
}

function syncInOrder(sonic, callback) {
  const synced = sonic[kOutlet].sync(false);
  synced.then(
    () => nextTick(callback, null),
    (error) => nextTick(callback, error),
  );
}

/** `callback` is called when the system has all that the outlet was given so far. */
function whenWritten(sonic, callback) {
  sonic[kOutlet].take('', (error) => callback(error ?? null));
}

function tellWritten(sonic) {
  tellBytes(sonic);
  if (!sonic[kState].isEnding) emitDrain(sonic);
}

function tellBytes(sonic) {
  const state = sonic[kState];
  const written = writtenBytes(sonic);
  const bytes = written - state.toldBytes;
  state.toldBytes = written;
  if (bytes > 0) sonic.emit('write', bytes);
}

function emitDrain(sonic) {
  if (sonic.destroyed || sonic.listenerCount('drain') === 0) return;
  if (!sonic[kOutlet].isDrained) return askForWritten(sonic);
  sonic.emit('drain');
}

module.exports = {
  FOREVER_MS,
  askForWritten,
  emitDrain,
  giveHeld,
  syncWritten,
  whenWritten,
  writeAny,
  writtenBytes,
};
