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
   * @param {string | Buffer | undefined} target the path as the native half takes it
   */
  add(path, callback, target) {
    this.#waiting.push({ path, callback, target });
  }

  /** Where they go, in order. */
  get targets() {
    return this.#waiting.map(({ target }) => target);
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
