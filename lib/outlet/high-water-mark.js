'use strict';

// A limit that is the program's own `highWaterMark`: as `Writable` counts, bytes wait until their stream is told that
// they are written, and there is room when none waits.

class HighWaterMark {
  #native;
  #batch;
  #limitBytes;
  /** Bytes that Rust had accepted when it was asked, and that count as written. */
  #acceptedBytes = 0;
  #toldBytes = 0;
  #isHalfFull = false;

  constructor(native, batch, limitBytes) {
    this.#native = native;
    this.#batch = batch;
    this.#limitBytes = limitBytes;
  }

  get waitingBytes() {
    return this.#acceptedBytes - this.#toldBytes;
  }

  /** A chunk was appended to the batch: its bytes count exactly when the limit may be reached. */
  afterAppend(isUnlimited) {
    this.count();
    this.#batch.commitNear(this.#limitBytes - this.waitingBytes);
    if (this.#batch.isEmpty) this.count();
    // Half of what may wait is enough for a call of the system, while the other half comes.
    const isHalfFull = 2 * this.waitingBytes >= this.#limitBytes;
    if (isHalfFull && !this.#isHalfFull && !isUnlimited) this.#batch.flush();
    this.#isHalfFull = isHalfFull;
  }

  /** Asks Rust what it has accepted. */
  count() {
    this.#acceptedBytes = this.#native.totalBytes;
  }

  /** The stream is told that so many bytes are written. */
  afterProgress(completedBytes) {
    this.#toldBytes = completedBytes;
  }

  /** A tick begins: what the system has taken was told, as far as anybody asked. */
  refresh() {
    this.count();
    this.#toldBytes = this.#acceptedBytes - this.#native.pendingBytes;
  }
}

module.exports = HighWaterMark;
