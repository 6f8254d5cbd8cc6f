'use strict';

// Reopens that the driver has not answered, in order.

class Reopens {
  #waiting = [];

  get isEmpty() {
    return this.#waiting.length === 0;
  }

  /**
   * @param {string | Buffer | undefined} path the stream's own if it is undefined
   * @param {(error: Error | null, fd?: number) => void} callback
   */
  add(path, callback) {
    this.#waiting.push({ path, callback });
  }

  /** The first one is answered. */
  next() {
    return this.#waiting.shift();
  }

  /** None of them will be answered. */
  reject(error) {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { callback } of waiting) callback(error);
  }
}

module.exports = Reopens;
