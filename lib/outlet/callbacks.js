'use strict';

// The callbacks of writes, by position: a count of bytes from the stream's beginning.
//
// A callback gets its position at the flush that hands its write's bytes over, and is called when that many
// bytes are completed, in order.
//
// The callbacks of one tick share a group.

const { AsyncResource } = require('node:async_hooks');
const CallbackGroup = require('./callback-group.js');
const Due = require('./due.js');

/** The position of a group whose callback was called or cancelled: before all others. */
const GONE = -1;

/** No groups: a list that is empty, and stays so. */
const NONE = [];

/** What `Writable`'s callback is called with if the write was refused. */
const CANCELLED = Symbol('cancelled');

class Callbacks extends Due {
  /**
   * Groups of writes, in order; those before `#head` are done with. No Set: V8 links the tables that
   * one outgrows, so that what it held long ago would live on until a major collection.
   */
  #groups = NONE;
  #head = 0;
  /**
   * The context that callbacks see, as Node shows it: that of the write that found the stream idle,
   * and the stream's own for those before the open.
   */
  #scope;
  /** Groups of writes that were accepted since the last flush, if there are any. The next one gives them their position. */
  #fresh = NONE;
  /** The last of them, if callbacks of further writes may join it. */
  #open = null;
  /** Why accepted writes have failed. Some may stand behind one that `Writable` still has. */
  #rejection = null;
  /** A write found the stream idle: the next callback's context is that of now. */
  #isRenewed = false;
  /** The stream's own context. */
  #ownScope;

  /** @param {AsyncResource} scope the stream's own */
  constructor(scope) {
    super();
    this.#scope = scope;
    this.#ownScope = scope;
  }

  /** The context of what comes of the writes under way: their errors, the end behind them, the close. */
  get scope() {
    return this.#scope;
  }

  get isEmpty() {
    return this.#head === this.#groups.length;
  }

  /** The count of bytes at which the first one is due. */
  get position() {
    return this.#groups[this.#head]?.position ?? Infinity;
  }

  /** Some wait for a flush that gives them their position. */
  get hasFresh() {
    return this.#fresh.length > 0;
  }

  /** A write finds the stream idle. */
  renew() {
    this.#isRenewed = true;
  }

  /** Its context is kept now, whether or not it has a callback. */
  capture() {
    this.#renewedScope();
  }

  /** The stream has another context of its own: it is connected. */
  moveTo(scope) {
    if (this.#scope === this.#ownScope) this.#scope = scope;
    this.#ownScope = scope;
  }

  /** No write is under way any more: releases the async context. */
  rest() {
    this.#scope = this.#ownScope;
  }

  /**
   * So many were added in this tick that the stream is full until the next turn, which calls those that are due. At
   * full speed a tick had 60,000, for which V8 kept 28 MiB more.
   */
  get isFull() {
    // Others may be before it, each of one write.
    return this.#open?.isFullBehind(this.#groups.length - 1 - this.#head) ?? false;
  }

  /** The write of this callback is accepted. */
  add(callback) {
    if (this.#open === null) {
      this.#open = new CallbackGroup(this.#renewedScope());
      this.#append(this.#open);
      this.#addFresh(this.#open);
    }
    this.#open.add(callback);
  }

  /** The same, and it is handed over by itself. None waits for a flush. */
  addPlaced(callback, position) {
    const group = CallbackGroup.of(callback, this.#renewedScope());
    group.position = position;
    this.#append(group);
  }

  /**
   * The write of this callback goes through `Writable`, but its place in the list is taken now. Returns
   * the callback for `Writable`, which calls it when it has passed the write on. A call with `CANCELLED` gives the
   * place up.
   * @param {{accept: (error?: Error) => Error | null | undefined, hasWritten: boolean}} judge `accept()` is told
   *   what `Writable` passes. Null: the bytes wait for the system, unless `Writable` passes an error. Anything else goes
   *   to the callback at once. `hasWritten`: the system has all that was accepted
   */
  wrap(callback, judge) {
    // A write that the system takes at once needs no context: `Writable` calls back in its own.
    const group = CallbackGroup.of(callback, this.#isRenewed ? null : this.#scope);
    group.isQueued = true;
    this.#append(group);
    this.#open = null;
    return (error) => this.#afterWrite(error, group, judge);
  }

  #afterWrite(error, group, judge) {
    const callback = group.first;
    // `Writable` fails its queue once more where a callback that it fails leads back to it.
    if (!group.isQueued) return;
    if (error === CANCELLED) return this.#forget(group);
    const isFirst = this.#groups[this.#head] === group;
    if (!error && isFirst && judge.hasWritten) return this.#tellFirst(group, callback, judge);
    const judgement = judge.accept(error);
    const failure = error || judgement;
    if (failure === null) return this.#accept(group);
    if (this.#rejection !== null && this.#mustWait(group)) return this.#failLater(group, failure);
    this.#fail(group, callback, failure);
  }

  /** `Writable` has passed the write on. */
  #accept(group) {
    group.isQueued = false;
    group.scope ??= this.#renewedScope();
    this.#addFresh(group);
  }

  /** Others come first: they are being called, or `Writable`, which fails its queue at once, has yet to call back. */
  #mustWait(group) {
    if (this.isCalling) return true;
    const groups = this.#groups;
    for (let i = this.#head; i < groups.length && groups[i] !== group; i++) {
      if (groups[i].isQueued) return true;
    }
    return false;
  }

  /** It fails with those that were accepted behind the same write. */
  #failLater(group, failure) {
    group.isQueued = false;
    group.failure = failure;
    group.scope ??= this.#scope;
    group.place(Number.MAX_SAFE_INTEGER);
    this.call(Number.MAX_SAFE_INTEGER, this.#rejection);
  }

  #append(group) {
    if (this.#groups === NONE) this.#groups = [];
    this.#groups.push(group);
  }

  #addFresh(group) {
    if (this.#fresh === NONE) this.#fresh = [group];
    else this.#fresh.push(group);
  }

  /** Empties a group. If it stands behind others, it is removed with them. */
  #forget(group) {
    group.empty();
    group.isQueued = false;
    group.position = GONE;
    while (this.#groups[this.#head]?.position === GONE) this.#head++;
    this.#cutFront();
  }

  /** Calls one that `Writable` had, before all others. Those behind it may be due, unless it has them, too. */
  #tellFirst(group, callback, judge) {
    this.#forget(group);
    if (this.#groups[this.#head]?.isQueued === false) judge.accept();
    callback(null);
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

  /** Removes the groups of writes at the front whose position is at most this, and returns them. */
  #removeUpTo(position) {
    const groups = this.#groups;
    const start = this.#head;
    let end = start;
    while (end < groups.length && groups[end].position <= position) end++;
    this.#head = end;
    const due = groups.slice(start, end);
    this.#cutFront();
    return due;
  }

  /** Lets go of groups that are done with: at most once for each, however many there are. */
  #cutFront() {
    const groups = this.#groups;
    if (this.#head * 2 <= groups.length) return;
    if (this.#head === 1 && groups.length === 1) groups.pop();
    else groups.splice(0, this.#head);
    this.#head = 0;
  }

  #renewedScope() {
    if (this.#isRenewed) this.#scope = new AsyncResource('RUSHWRITE');
    this.#isRenewed = false;
    return this.#scope;
  }

  /** Those of accepted writes are due when so many bytes are completed. */
  place(acceptedBytes) {
    if (this.#fresh === NONE) return;
    for (const group of this.#fresh) group.place(acceptedBytes);
    this.#fresh = NONE;
    this.#open = null;
  }

  /** Calls those of writes that are due when so many bytes are completed. */
  call(completedBytes, error) {
    if (this.isEmpty || this.position > completedBytes) return;
    const isOnly = this.#head === 0 && this.#groups.length === 1;
    if (isOnly && !this.isCalling) this.callOne(this.#groups.pop(), error);
    else this.callAll(this.#removeUpTo(completedBytes), error);
  }

  /**
   * Fails all accepted writes. Writes that are still in `Writable` fail when it gets to
   * them, and the accepted ones behind those then, in order.
   */
  reject(acceptedBytes, error) {
    this.place(acceptedBytes);
    this.#rejection = error;
    this.call(Number.MAX_SAFE_INTEGER, error);
  }
}

module.exports = Object.assign(Callbacks, { CANCELLED });
