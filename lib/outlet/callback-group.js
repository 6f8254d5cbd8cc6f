'use strict';

// Callbacks of writes that are due together: those of one tick, or one that `Writable` has.

/** A list that is empty, and stays so. */
const NONE = [];

/**
 * Long lists, emptied, for the callbacks of later ticks: a list that grew to thousands is too expensive to
 * leave to the garbage collector tick by tick.
 */
const spares = [];

/** How many lists are kept. */
const SPARES = 4;

/** After so many callbacks a group is full. */
const FULL = 16 * 1024;

/** How long a list is that is kept. A tick may add some callbacks after the group is full. */
const SHORTEST_SPARE = 64;
const LONGEST_SPARE = 2 * FULL;

class CallbackGroup {
  /** The first `#count` places are used. */
  #callbacks;
  #count = 0;
  /** So many were called. */
  #called = 0;
  /** The count of completed bytes at which they are due; Infinity until it is known. */
  position = Infinity;
  /** What they get. */
  error = null;
  /** The same if that is known before they are due. */
  failure = null;
  /** The async context that they see. */
  scope;
  /** `Writable` has yet to pass the write on. */
  isQueued = false;

  /**
   * @param {AsyncResource | null} scope
   * @param {Function[]} [callbacks] a list whose places are free
   */
  constructor(scope, callbacks = spares.pop() ?? []) {
    this.scope = scope;
    this.#callbacks = callbacks;
  }

  /** Of one callback, which others don't join. */
  static of(callback, scope) {
    const group = new CallbackGroup(scope, [callback]);
    group.#count = 1;
    return group;
  }

  /** It has so many, with those before it, that further ones should wait until they are called. */
  isFullBehind(earlier) {
    return this.#count + earlier >= FULL;
  }

  get first() {
    return this.#callbacks[0];
  }

  add(callback) {
    this.#callbacks[this.#count++] = callback;
  }

  /** They are due at this position. Until then it may be long: a list that is much too long is replaced. */
  place(position) {
    this.position = position;
    const callbacks = this.#callbacks;
    if (callbacks.length <= 2 * this.#count) return;
    this.#callbacks = callbacks.slice(0, this.#count);
    spare(callbacks, this.#count);
  }

  /** Calls those that were not called yet. If one throws, those behind it are left for the next call. */
  call() {
    const callbacks = this.#callbacks;
    const count = this.#count;
    const { error } = this;
    while (this.#called < count) {
      const callback = callbacks[this.#called++];
      callback(error);
    }
    spare(callbacks, count);
  }

  /** None of them is to be called. */
  empty() {
    this.#callbacks = NONE;
    this.#count = 0;
  }
}

/** Keeps a list whose first `count` places are used. */
function spare(callbacks, count) {
  const isWorthIt = callbacks.length >= SHORTEST_SPARE && callbacks.length <= LONGEST_SPARE;
  if (!isWorthIt || spares.length === SPARES) return;
  callbacks.fill(undefined, 0, count);
  spares.push(callbacks);
}

module.exports = CallbackGroup;
