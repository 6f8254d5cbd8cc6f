'use strict';

// Flushing at once: the JavaScript thread waits until the system has what was accepted. No event is
// emitted and no callback is called meanwhile; they come later, in their usual way.

const {
  assertInteger,
  assertType,
  destroyedError,
  timeoutError,
  unsupportedError,
} = require('./errors.js');
const events = require('./events.js');
const { now } = require('./timers.js');

/** How long a flush waits without a `timeout`. */
const DEFAULT_TIMEOUT_MS = 5000;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The `flushSync()` of a stream.
 * @param {Writable} stream
 * @param {Outlet | undefined} outlet none where Node's own class does the work
 * @param {{timeout?: number}} [options]
 */
function flushSync(stream, outlet, options = {}) {
  assertType(options, 'options', 'object');
  const { timeout = DEFAULT_TIMEOUT_MS } = options;
  assertInteger(timeout, 'options.timeout', 0, MAX_TIMEOUT_MS);
  if (stream.errored) throw stream.errored;
  // A stream that finished is destroyed in the end, too; all of it is written.
  if (stream.destroyed && !stream.writableFinished) throw destroyedError('flushSync');
  if (!outlet) {
    if (stream._writableState.length === 0) return;
    throw unsupportedError();
  }
  const { isSettled, bytes, error } = outlet.settle(timeout);
  if (error !== null) throw error;
  if (!isSettled) throw timeoutError(bytes, timeout);
}

/** Flushes every stream of this thread. Returns the number of bytes that were not written. */
function flushAllSync(timeout = DEFAULT_TIMEOUT_MS) {
  assertInteger(timeout, 'timeout', 0, MAX_TIMEOUT_MS);
  return flushStreams(events.targets(), timeout).bytes;
}

/**
 * All drivers are started before the first is waited for, so that one deadline serves them all.
 * @param {Schedule[]} targets
 * @param {number} timeoutMs
 * @param {boolean} [takesQueue] as for `AtOnce.hurry()`
 * @returns {{bytes: number, streams: number, error: Error | null}} what was not written, of how many
 *   streams, and the first failure
 */
function flushStreams(targets, timeoutMs, takesQueue = true) {
  const endMs = now() + timeoutMs;
  for (const target of targets) target.hurry(takesQueue);
  const missed = { bytes: 0, streams: 0, error: null };
  for (const target of targets) {
    const leftMs = Math.ceil(Math.max(0, endMs - now()));
    const { isSettled, bytes, error } = target.wait(leftMs);
    if (isSettled && error === null) continue;
    missed.bytes += bytes;
    missed.streams++;
    missed.error ??= error;
  }
  return missed;
}

module.exports = { flushAllSync, flushStreams, flushSync };
