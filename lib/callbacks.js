'use strict';

// The callbacks of writes, in the order of the writes, until the system has the bytes.
//
// One gets a position, the count of bytes accepted, at the flush that hands its bytes over, and is
// called when that many bytes are completed. Those of one tick share a group, `{ callbacks, count, called,
// position, error, scope }`, whose list may be longer than the count. The position Infinity means that the
// next flush, or `Writable`, will tell; `error` is what they are told.

const { AsyncResource } = require('node:async_hooks');
const nextTick = require('./tick.js');

/** The position of a group that nobody waits for: before all others. */
const GONE = -1;

/**
 * Long lists of callbacks that were called, emptied, for those of later ticks: one that grew to thousands
 * is too dear to leave to the garbage collector tick by tick.
 */
const spares = [];

/** How many lists are kept. */
const SPARES = 4;

/**
 * After so many callbacks in one tick a stream is full until the next turn, which calls those that are due.
 * At full speed a tick had 60,000, for which V8 kept 28 MiB more.
 */
const FULL = 16 * 1024;

/** Of how many callbacks a list that is kept is. A tick may add some after the stream is full. */
const SHORTEST_SPARE = 64;
const LONGEST_SPARE = 2 * FULL;

class Callbacks {
  /**
   * In the order of their writes; those before `#head` are done with. No Set: V8 links the tables that
   * one outgrows, so that what it held long ago would live on until a major collection.
   */
  #groups = [];
  #head = 0;
  /** Groups that are due, and are called in the next tick if a callback before them threw. */
  #due = [];
  /**
   * The context that callbacks see, as Node shows it: that of the write that found the stream idle,
   * and the stream's own for those before the open.
   */
  #scope;
  /** Groups of writes that were accepted since the last flush, which will place them. */
  #fresh = [];
  /** The last of them, if callbacks of further writes may join it. */
  #open = null;
  /** Why those are told that they failed that stand behind one that `Writable` still has. */
  #rejection = null;
  /** A write found the stream idle: the next callback's context is that of now. */
  #isRenewed = false;

  /** @param {AsyncResource} scope the stream's own */
  constructor(scope) {
    this.#scope = scope;
  }

  get isEmpty() {
    return this.#head === this.#groups.length;
  }

  /** The count of bytes at which the first one is due. */
  get position() {
    return this.#groups[this.#head]?.position ?? Infinity;
  }

  /** A write finds the stream idle. */
  renew() {
    this.#isRenewed = true;
  }

  /** The next ones had better wait until these are called. */
  get isFull() {
    return this.#open !== null && this.#open.count >= FULL;
  }

  /** The write of this callback is accepted. */
  add(callback) {
    if (this.#open === null) {
      this.#open = this.#newGroup(spares.pop() ?? [], 0);
      this.#fresh.push(this.#open);
    }
    this.#open.callbacks[this.#open.count++] = callback;
  }

  /**
   * Makes a callback for `Writable`, which calls it when it is done with the write, of a user's, which
   * has its place among the others from now on. `cancel()` gives the place up.
   * @param {() => Error | null | undefined} accept asked when `Writable` has no error to tell: null
   *   says that the bytes wait for the system, anything else is told at once
   */
  wrap(callback, accept) {
    const group = this.#newGroup([callback], 1);
    this.#open = null;
    const afterWrite = (error) => {
      const failure = error || accept();
      if (failure === null) this.#fresh.push(group);
      else this.#fail(group, callback, failure);
    };
    afterWrite.cancel = () => this.#forget(group);
    return afterWrite;
  }

  /** One that stands behind others goes with them, and has nobody to call. */
  #forget(group) {
    group.callbacks = [];
    group.count = 0;
    group.position = GONE;
    this.#takeDue(GONE);
  }

  /** Calls one that `Writable` had, and those behind it that have failed before. */
  #fail(group, callback, failure) {
    this.#forget(group);
    try {
      callback(failure);
    } finally {
      if (this.#rejection !== null) this.call(Number.MAX_SAFE_INTEGER, this.#rejection);
    }
  }

  /** Takes out those that are due when so many bytes are completed. */
  #takeDue(completedBytes) {
    const groups = this.#groups;
    const start = this.#head;
    let end = start;
    while (end < groups.length && groups[end].position <= completedBytes) end++;
    this.#head = end;
    const due = groups.slice(start, end);
    // So that a group is moved once at most, however many there are.
    if (end * 2 > groups.length) {
      groups.splice(0, end);
      this.#head = 0;
    }
    return due;
  }

  #newGroup(callbacks, count) {
    if (this.#isRenewed) this.#scope = new AsyncResource('RUSHWRITE');
    this.#isRenewed = false;
    const scope = this.#scope;
    const group = { callbacks, count, called: 0, position: Infinity, error: null, scope };
    this.#groups.push(group);
    return group;
  }

  /** Those of accepted writes are due when so many bytes are completed. */
  place(acceptedBytes) {
    for (const group of this.#fresh) {
      group.position = acceptedBytes;
      fit(group);
    }
    this.#fresh = [];
    this.#open = null;
  }

  /** Calls those that are due when so many bytes are completed. */
  call(completedBytes, error) {
    const isPutOff = this.#due.length > 0;
    if (this.position <= completedBytes) {
      for (const group of this.#takeDue(completedBytes)) {
        group.error = error;
        this.#due.push(group);
      }
    }
    if (!isPutOff && this.#due.length > 0) this.#callDue();
  }

  /** One that throws does not keep the others from being called, nor changes their order. */
  #callDue() {
    const due = this.#due;
    this.#due = [];
    let done = 0;
    try {
      while (done < due.length) {
        const group = due[done];
        group.scope.runInAsyncScope(callEach, undefined, group);
        spare(group.callbacks, group.count);
        done++;
      }
    } finally {
      if (done < due.length) {
        this.#due = due.slice(done).concat(this.#due);
        nextTick(() => this.#callDue());
      }
    }
  }

  /**
   * All bytes that were accepted have failed, and with them what stands behind a write that `Writable` will
   * fail. Those of other writes stay.
   */
  reject(acceptedBytes, error) {
    this.place(acceptedBytes);
    this.#rejection = error;
    this.call(Number.MAX_SAFE_INTEGER, error);
  }
}

/** What waits, perhaps for long, takes no list that is much too long for it. */
function fit(group) {
  const { callbacks, count } = group;
  if (callbacks.length <= 2 * count) return;
  group.callbacks = callbacks.slice(0, count);
  spare(callbacks, count);
}

/** Keeps a list whose first `count` places are taken. */
function spare(callbacks, count) {
  const isWorthIt = callbacks.length >= SHORTEST_SPARE && callbacks.length <= LONGEST_SPARE;
  if (!isWorthIt || spares.length === SPARES) return;
  callbacks.fill(undefined, 0, count);
  spares.push(callbacks);
}

/** Calls those of a group that were not called yet. */
function callEach(group) {
  const { callbacks, count, error } = group;
  while (group.called < count) {
    const callback = callbacks[group.called++];
    callback(error);
  }
}

module.exports = Callbacks;
