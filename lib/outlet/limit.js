'use strict';

// How much may wait in Rust. lib/outlet/backpressure.js, the subclass, has what follows from it.

const HighWaterMark = require('./high-water-mark.js');

class Limit {
  // For the subclass, too: a copy of its own would cost each socket more memory.
  native;
  batch;
  /** The Rust-owned buffer is full when so many bytes wait in it. */
  limitBytes;
  /** The same once a Buffer fills more than half of it. */
  #largeLimitBytes;
  /** A write is refused when so many bytes wait on both levels; null for no bound. */
  maxBytes;
  /** Of a limit that is the program's own mark. */
  #mark;

  /** Rust accepts what comes, whatever the limit. */
  isUnlimited;

  /**
   * @param {NativeStream} native
   * @param {Batch} batch
   * @param {object} settings
   * @param {number} settings.bufferSize
   * @param {boolean} [settings.isMark]
   * @param {boolean} [settings.mayGrow]
   * @param {number | null} settings.maxBytes
   * @param {boolean} settings.isUnlimited
   */
  constructor(native, batch, settings) {
    const { bufferSize, isMark = false, mayGrow = false, maxBytes, isUnlimited } = settings;
    this.native = native;
    this.batch = batch;
    this.maxBytes = maxBytes;
    this.isUnlimited = isUnlimited;
    // Under a bound there must be room for a batch of text besides.
    const batchBytes = batch.limit(Math.min(bufferSize, maxBytes ?? Infinity));
    // Without a buffer it is full with the first byte and has room after the last.
    const roomBytes = (maxBytes ?? Infinity) - batchBytes;
    this.limitBytes = Math.max(Math.min(bufferSize, roomBytes), 1);
    const largeBytes = mayGrow ? Math.min(2 * bufferSize, roomBytes) : 0;
    this.#largeLimitBytes = Math.max(largeBytes, this.limitBytes);
    this.#mark = isMark ? new HighWaterMark(native, batch, this.limitBytes) : null;
  }

  /** The limit is the program's own mark. */
  get isMark() {
    return this.#mark !== null;
  }

  /** Bytes that wait in Rust, as far as is known. */
  get unwrittenBytes() {
    return this.#mark === null ? this.native.pendingBytes : this.#mark.waitingBytes;
  }

  /** There is room, as far as is known. */
  get hasRoom() {
    if (this.#mark === null) return this.native.pendingBytes < this.limitBytes;
    return this.#mark.waitingBytes < this.limitBytes;
  }

  /** Asks Rust, without waiting for an event, whether there is room again. */
  hasRoomAgain() {
    if (this.#mark !== null) return this.unwrittenBytes <= 0;
    this.native.refresh();
    return this.native.pendingBytes <= this.limitBytes / 2;
  }

  /** While the system takes one large Buffer, the next is copied. */
  growFor(length) {
    if (2 * length > this.limitBytes) this.limitBytes = this.#largeLimitBytes;
  }

  /** A chunk was appended to the batch. */
  afterAppend() {
    this.#mark?.afterAppend(this.isUnlimited);
  }

  /** The stream is told that so many bytes are written. */
  afterProgress(completedBytes) {
    this.#mark?.afterProgress(completedBytes);
  }

  /** A tick begins. */
  refresh() {
    this.native.refresh();
    this.#mark?.refresh();
  }

  /** Asks Rust how many bytes wait, those that were gathered included. */
  count() {
    this.batch.commit();
    if (this.#mark === null) this.native.refresh();
    else this.#mark.count();
    return this.unwrittenBytes;
  }
}

module.exports = Limit;
