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
    if (wantsMetadata) this.#wantsMetadata = true;
    this.#freshCount++;
    this.#fresh ??= deferred();
    return this.#fresh.promise;
  }

  /** The promise of those who have asked since the last flush, for one more of them; or null. */
  join() {
    if (this.#fresh === null) return null;
    this.#freshCount++;
    return this.#fresh.promise;
  }

  /** A flush sets the mark that is due. Returns whether it is about metadata, too. */
  place() {
    const wantsMetadata = this.#wantsMetadata;
    this.#marked.push(this.#fresh);
    this.#wasLone = this.#freshCount === 1;
    this.#forgetFresh();
    return wantsMetadata;
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

  /** The first `count` marks are answered. Those of a stream that was destroyed meanwhile are rejected already. */
  answer(count) {
    for (let i = 0; i < count; i++) this.#marked.shift()?.resolve();
  }

  /** The same, but what is open can't be synced. */
  refuse(count) {
    for (let i = 0; i < count; i++) this.#marked.shift()?.reject(unsyncableError());
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

/** What the last promise is settled with: a function that is made for each promise would cost more than the promise. */
let resolveLast;
let rejectLast;

function keepFunctions(resolve, reject) {
  resolveLast = resolve;
  rejectLast = reject;
}

function deferred() {
  const promise = new Promise(keepFunctions);
  return { promise, resolve: resolveLast, reject: rejectLast };
}

module.exports = Syncs;
