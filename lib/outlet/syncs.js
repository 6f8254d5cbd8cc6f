'use strict';

// Promises of `sync()`, until the device has the bytes. Those who ask in one tick share a promise and a mark;
// Rust answers the marks in order, several at once.

const { destroyedError, unsyncableError } = require('../errors.js');

class Syncs {
  /** For what was asked since the last flush: the promise and its functions; or null. */
  #fresh = null;
  /** How often it was asked for. */
  #freshCount = 0;
  #wantsMetadata = false;
  /** The same of each mark that Rust has not answered. */
  #marked = [];
  /** The last mark was asked for once. */
  #wasLone = false;

  /** No `sync()` waits. */
  get isEmpty() {
    return this.#fresh === null && this.#marked.length === 0;
  }

  /** A flush is due that sets a mark. */
  get isMarkDue() {
    return this.#fresh !== null;
  }

  /**
   * Nobody else waits, and the last time nobody else came in the tick: a mark that is set at once finds the
   * driver at work on the bytes before it, which saves a wake-up.
   */
  get isLone() {
    return this.#wasLone && this.#marked.length === 0 && this.#freshCount === 1;
  }

  /** A promise for the bytes before it. A mark has to follow; see `place()`. */
  add(wantsMetadata) {
    this.#wantsMetadata ||= wantsMetadata;
    this.#freshCount++;
    this.#fresh ??= deferred();
    return this.#fresh.promise;
  }

  /** Calls `mark` if one has to be set now. */
  place(mark) {
    if (this.#fresh === null) return;
    const wantsMetadata = this.#wantsMetadata;
    this.#marked.push(this.#fresh);
    this.#wasLone = this.#freshCount === 1;
    this.#forgetFresh();
    mark(wantsMetadata);
  }

  #forgetFresh() {
    this.#fresh = null;
    this.#freshCount = 0;
    this.#wantsMetadata = false;
  }

  /** The marks went to a native stream that is gone: another one follows for all of them. */
  restart() {
    const marked = this.#marked;
    if (marked.length === 0) return;
    this.#marked = [];
    // It may have been asked for any of them.
    const promise = this.add(true);
    for (const { resolve, reject } of marked) promise.then(resolve, reject);
  }

  /** The first `count` marks are answered. */
  answer(count) {
    for (const { resolve } of this.#marked.splice(0, count)) resolve();
  }

  /** The same, but what is open can't be synced. */
  refuse(count) {
    for (const { reject } of this.#marked.splice(0, count)) reject(unsyncableError());
  }

  /** None will be answered any more. */
  reject(error) {
    if (this.isEmpty) return;
    const waiting = this.#fresh === null ? this.#marked : [...this.#marked, this.#fresh];
    this.#marked = [];
    this.#forgetFresh();
    const reason = error ?? destroyedError('sync');
    for (const { reject } of waiting) reject(reason);
  }
}

function deferred() {
  const functions = {};
  const promise = new Promise((resolve, reject) => Object.assign(functions, { resolve, reject }));
  return { promise, ...functions };
}

module.exports = Syncs;
