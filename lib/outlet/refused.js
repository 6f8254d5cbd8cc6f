'use strict';

// What the system has refused of a direct stream, counted in `_writableState.length` besides what `Writable` has, as
// it is in Node: some programs look there, ws for its `bufferedAmount`.

class Refused {
  #native;
  #stream;
  #bytes = 0;
  #isCounting = true;

  constructor(native, stream) {
    this.#native = native;
    this.#stream = stream;
  }

  /** What is counted. */
  get bytes() {
    return this.#bytes;
  }

  /**
   * Counts what is refused now. Returns whether that was the last of it.
   * @param {number} sharedBytes those that `Writable` counts itself
   */
  count(sharedBytes) {
    if (!this.#isCounting) return false;
    const { refusedBytes } = this.#native;
    if (refusedBytes === 0 && this.#bytes === 0) return false;
    const state = this.#stream._writableState;
    // A stream that ends before it is connected has nobody to stop the counting.
    const bytes = state.ending ? 0 : Math.max(0, refusedBytes - sharedBytes);
    const isLast = bytes === 0 && this.#bytes > 0;
    state.length += bytes - this.#bytes;
    this.#bytes = bytes;
    return isLast;
  }

  /** `Writable` is to see its own bytes alone until `count()`. */
  uncount() {
    if (this.#bytes === 0) return;
    this.#stream._writableState.length -= this.#bytes;
    this.#bytes = 0;
  }

  /** `Writable` passes on a vector, and takes all that is counted for its length. */
  passVector() {
    this.#bytes = 0;
  }

  /** Whether anything is counted. While `Writable` ends, nothing may: it looks at its length once. */
  set isCounting(isCounting) {
    this.#isCounting = isCounting;
    if (!isCounting) this.uncount();
  }
}

module.exports = Refused;
