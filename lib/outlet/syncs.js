'use strict';

// Promises of `sync()`, until the device has the bytes. Those of one tick share a mark; Rust answers the
// marks in order, several at once.

const { destroyedError, unsyncableError } = require('../errors.js');

class Syncs {
  /** What was asked for since the last flush. */
  #fresh = [];
  #wantsMetadata = false;
  /** The promises of each mark that Rust has not answered. */
  #marked = [];
  /** The last mark had one. */
  #wasLone = false;

  /** Nobody waits. */
  get isEmpty() {
    return this.#fresh.length === 0 && this.#marked.length === 0;
  }

  /**
   * Nobody else waits, and the last time nobody else came in the tick: a mark that is set at once finds the
   * driver at work on the bytes before it, which saves a wake-up.
   */
  get isLone() {
    return this.#wasLone && this.#marked.length === 0 && this.#fresh.length === 1;
  }

  /** A promise for the bytes before it. A mark has to follow; see `place()`. */
  add(wantsMetadata) {
    this.#wantsMetadata ||= wantsMetadata;
    return new Promise((resolve, reject) => this.#fresh.push({ resolve, reject }));
  }

  /** Calls `mark` if one has to be set now. */
  place(mark) {
    if (this.#fresh.length === 0) return;
    const wantsMetadata = this.#wantsMetadata;
    this.#marked.push(this.#fresh);
    this.#wasLone = this.#fresh.length === 1;
    this.#fresh = [];
    this.#wantsMetadata = false;
    mark(wantsMetadata);
  }

  /** The first `count` marks are answered. */
  answer(count) {
    for (const { resolve } of this.#marked.splice(0, count).flat()) resolve();
  }

  /** The same, but what is open can't be synced. */
  refuse(count) {
    const error = unsyncableError();
    for (const { reject } of this.#marked.splice(0, count).flat()) reject(error);
  }

  /** None will be answered any more. */
  reject(error) {
    if (this.isEmpty) return;
    const waiting = [...this.#marked.flat(), ...this.#fresh];
    this.#marked = [];
    this.#fresh = [];
    const reason = error ?? destroyedError('sync');
    for (const { reject } of waiting) reject(reason);
  }
}

module.exports = Syncs;
