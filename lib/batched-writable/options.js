'use strict';

// The options of a batched `Writable`.

const { assertInteger, notBatched } = require('../errors.js');

/** Libuv writes no more at once, and every Node has Buffers of this size. */
const MAX_BATCH_BYTES = 2 ** 31 - 1;

/** The longest time of `setTimeout`. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Beyond it, memory for the batches can't be had. */
const MAX_CONCURRENCY = 2 ** 16;

/**
 * What batching needs to know, or null for a plain `Writable`, whose options are Node's alone.
 * @returns {{size: number, delay: number | undefined, concurrency: number} | null}
 */
function batchOptions(options) {
  const size = options?.batchSize ?? 0;
  assertInteger(size, 'options.batchSize', 0, MAX_BATCH_BYTES);
  if (size === 0) return null;
  const { batchDelay: delay, concurrency = 1, objectMode } = options;
  if (delay !== undefined && delay !== Infinity) {
    assertInteger(delay, 'options.batchDelay', 0, MAX_DELAY_MS);
  }
  assertInteger(concurrency, 'options.concurrency', 1, MAX_CONCURRENCY);
  if (objectMode) throw notBatched(objectMode);
  return { size, delay, concurrency };
}

module.exports = batchOptions;
