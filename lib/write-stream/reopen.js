'use strict';

// Continues in another file than the open one.

const { destroyedError, endedError, unsupportedError } = require('../errors.js');
const { nativePath, ownOptions } = require('../options.js');
const { kIsGiven, kLog, kOutlet } = require('./keys.js');

/**
 * The `reopen()` of a file stream. Earlier writes go to the old file, later ones to the file at `path`; without
 * `path`, to the file that has the stream's path when it is opened. Fulfilled when the new file is open. Rejected if
 * it cannot be opened; the stream then keeps the old file.
 */
function reopen(stream, path) {
  return new Promise((resolve, reject) => {
    const next = nextTarget(stream, path);
    const afterReopen = (error, fd) => {
      if (error !== null) return reject(stream[kIsGiven] ? unsupportedError('reopened') : error);
      stream.fd = fd;
      if (next !== undefined) moveTo(stream, next.shown);
      const event = { path: stream.path, fd };
      resolve(event);
      stream.emit('reopen', event);
    };
    stream[kOutlet].reopen(next?.path, afterReopen, next?.shown);
  });
}

/** `path` as it is shown and as the native half opens it; undefined for the stream's own. */
function nextTarget(stream, path) {
  const isGiven = stream.path === undefined || stream[kIsGiven] === true;
  if (isGiven || !stream.isNative) throw unsupportedError('reopened');
  if (stream.destroyed) throw destroyedError('reopen');
  if (stream[kOutlet] === undefined) throw unsupportedError('reopened');
  // What was written so far would have to take its place now, and the rest later.
  if (stream[kOutlet].commits) throw unsupportedError('reopened', 'it is atomic');
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

module.exports = reopen;
