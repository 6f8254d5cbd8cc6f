'use strict';

// The hard bound: what happens to a write when so much waits already that it is refused.
//
// Two levels of buffer count together, Rust's and the queue of `Writable`. A chunk is taken as a
// whole while less than the bound waits, so that the bound is exceeded by at most one chunk.

const { sizeOf } = require('./chunk.js');
const fastPath = require('./fast-path.js');
const { overflowError } = require('./errors.js');
const nextTick = require('./tick.js');
const { setImmediate } = require('./timers.js');

class Bound {
  #maxBytes;
  /** Refused writes are dropped and counted; otherwise the first one destroys the stream. */
  #isDropping;
  /** What was dropped in this turn. */
  #dropped = { bytes: 0, writes: 0 };
  #error = null;
  /** What was dropped so far. */
  total = { bytes: 0, writes: 0 };

  /**
   * @param {number} maxBytes
   * @param {'error' | 'drop'} overflow
   */
  constructor(maxBytes, overflow) {
    this.#maxBytes = maxBytes;
    this.#isDropping = overflow === 'drop';
  }

  get maxBytes() {
    return this.#maxBytes;
  }

  /**
   * Whether `chunk` comes when there is no room for anything. What is no chunk, or comes too late, is
   * left to `Writable`, which has something to say about it.
   */
  refuses(stream, outlet, chunk, encoding) {
    if (!stream.writable || !isChunk(chunk, encoding)) return false;
    return outlet.isOver(stream._writableState.length);
  }

  /** Refuses `chunk`. The answer is `write()`'s. */
  refuse(stream, outlet, chunk, encoding, callback) {
    // An error is dear: the callbacks of one turn share it.
    this.#error ??= overflowError(this.#maxBytes);
    if (this.#isDropping)
      this.#drop(stream, sizeOf(chunk, typeof encoding === 'string' ? encoding : 'utf8'));
    else fastPath.fail(stream, this.#error);
    if (typeof callback === 'function') nextTick(callback, this.#error);
    if (stream.writable) {
      stream._writableState.needDrain = true;
      outlet.drainLater();
    }
    return false;
  }

  #drop(stream, bytes) {
    if (this.#dropped.writes === 0) setImmediate(() => this.#tell(stream));
    this.#dropped.bytes += bytes;
    this.#dropped.writes++;
    this.total.bytes += bytes;
    this.total.writes++;
  }

  #tell(stream) {
    const dropped = this.#dropped;
    this.#dropped = { bytes: 0, writes: 0 };
    this.#error = null;
    stream.emit('drop', dropped);
  }
}

function isChunk(chunk, encoding) {
  if (typeof chunk !== 'string') return ArrayBuffer.isView(chunk);
  return typeof encoding !== 'string' || Buffer.isEncoding(encoding);
}

module.exports = Bound;
