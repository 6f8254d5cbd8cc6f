'use strict';

// Flushes that are waited for, and the close, which comes behind them.

const fs = require('node:fs');
const { kOutlet, kState } = require('./state.js');
const { syncWritten, whenWritten, writtenBytes } = require('./writing.js');

/** Standard output and standard error stay open. */
const STANDARD = [1, 2];

/** `fsync()` says so of what can't be synced, as a pipe, and of what is closed. */
const NO_SYNC = ['EBADF', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS'];

/**
 * Calls back when all is written and synced. The end waits for that. When the stream is closed, a flush
 * has succeeded if its bytes were written on the way.
 */
function flushThen(sonic, callback) {
  const state = sonic[kState];
  const flush = { position: acceptedBytes(sonic), answer };
  state.flushes++;
  state.unwritten.add(flush);
  whenWritten(sonic, answer);

  function answer(error) {
    if (!state.unwritten.delete(flush)) return;
    if (error !== null) finish(sonic.destroyed ? new Error('SonicBoom destroyed') : error);
    else if (sonic.destroyed) finish();
    else syncThen(sonic, finish);
  }

  function finish(error) {
    try {
      callback(error);
    } finally {
      endFlush(sonic);
    }
  }
}

function acceptedBytes(sonic) {
  return sonic[kState].earlierBytes + sonic[kOutlet].acceptedBytes;
}

function syncThen(sonic, callback) {
  syncWritten(sonic, (error) => {
    if (error && !NO_SYNC.includes(error.code)) callback(error);
    else callback();
  });
}

/** The last one lets the stream end, if that is wanted. */
function endFlush(sonic) {
  const state = sonic[kState];
  state.flushes--;
  if (state.isEnding && state.flushes === 0 && !sonic.destroyed) close(sonic);
}

function close(sonic) {
  const state = sonic[kState];
  const { fd } = sonic;
  const isOurs = sonic.file !== null && !sonic.sync;
  clearInterval(state.timer);
  sonic.destroyed = true;
  sonic[kOutlet].flush();
  // SonicBoom's file is on the device when it is closed.
  fs.fsync(fd, () => sonic[kOutlet].close(null, closed));

  function closed() {
    const written = writtenBytes(sonic);
    const error = new Error('SonicBoom destroyed');
    for (const { position, answer } of [...state.unwritten]) {
      answer(position <= written ? null : error);
    }
    if (isOurs || STANDARD.includes(fd)) return afterClose(sonic, null);
    fs.close(fd, (error) => afterClose(sonic, error));
  }
}

function afterClose(sonic, error) {
  if (error) {
    sonic.emit('error', error);
    return;
  }
  const { isEnding, hasFailed } = sonic[kState];
  if (isEnding && !hasFailed) sonic.emit('finish');
  sonic.emit('close');
}

module.exports = { close, endFlush, flushThen };
