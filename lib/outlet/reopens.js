'use strict';

// Reopens that the driver has not answered, in order.

class Reopens {
  #waiting = [];

  get isEmpty() {
    return this.#waiting.length === 0;
  }

  /** @param {(error: Error | null, fd?: number) => void} callback */
  add(callback) {
    this.#waiting.push(callback);
  }

  /** The first one is answered. */
  answer(error, fd) {
    this.#waiting.shift()(error, fd);
  }

  /** None of them will be answered. */
  reject(error) {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback(error);
  }
}

module.exports = Reopens;
