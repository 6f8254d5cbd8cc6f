'use strict';

// The life of an outlet: it opens, ends or fails, and is closed.
//
// Rust tells of each step by an event. `Writable` waits for it with a callback, which is kept here until
// then, in the context in which it was given.

const { AsyncResource } = require('node:async_hooks');
const { destroyedError } = require('./errors.js');
const native = require('./native.js');
const nextTick = require('./tick.js');

// Test doubles of timers may take their place later, and stop the clock.
const { setImmediate } = require('node:timers');

/** The kinds of events; see src/addon/events.rs. */
const OPENED = 0;
const PROGRESS = 1;
const FINISHED = 2;
const FAILED = 3;

class Life {
  #outlet;
  #owner;
  #feed;
  #intake;
  #callbacks;
  #lease;

  /** The stream knows its descriptor; before that nothing counts as written. */
  #isOpen;
  #isOpening = false;
  #afterOpen = null;
  /** The descriptor, if a path was opened. */
  #fd = null;

  /** The end waits for a sync. */
  #isSynced;
  /** `end()` calls somebody back. */
  #isEndHeard = false;
  #afterFinal = null;

  /** The driver closes after the last byte without being asked again. */
  #closesWithEnd = false;
  /** It has done so, which is told when the stream asks for the close. */
  #isClosed = false;
  #afterClose = null;

  #error = null;
  /** What pending writes were told when the stream was destroyed. */
  #reason = null;
  /** Comes with the close: what went wrong there, else why the stream was destroyed, or what failed since. */
  #closeReason = null;

  /**
   * @param {Outlet} outlet
   * @param {Owner} owner see lib/outlet.js
   * @param {{feed: Feed, intake: Intake, callbacks: Callbacks, lease: Lease}} parts the outlet's
   * @param {boolean} isOpen there is nothing to open
   * @param {boolean} isSynced the end waits for a sync
   */
  constructor(outlet, owner, { feed, intake, callbacks, lease }, isOpen, isSynced) {
    this.#outlet = outlet;
    this.#owner = owner;
    this.#feed = feed;
    this.#intake = intake;
    this.#callbacks = callbacks;
    this.#lease = lease;
    this.#isOpen = isOpen;
    this.#isSynced = isSynced;
    if (isOpen) lease.noteDroppable();
  }

  get isOpen() {
    return this.#isOpen;
  }

  get isOpening() {
    return this.#isOpening;
  }

  /** The stream has failed. */
  get error() {
    return this.#error;
  }

  /** What a write is told that comes through now: null as long as it may wait for the system. */
  get failure() {
    return this.#error ?? this.#reason;
  }

  /** There is a native stream that takes bytes. */
  get isUsable() {
    return this.#lease.id !== null && this.#error === null;
  }

  /** The end is reached when all that was accepted is written. */
  get isEnding() {
    return this.#afterFinal !== null && !this.#isSynced;
  }

  /** The stream waits for the close. */
  get isClosing() {
    return this.#afterClose !== null;
  }

  /** The next step is on its way, and will be told. */
  get isUnderWay() {
    const closesUnasked = this.#closesWithEnd && !this.#isClosed;
    return this.#isOpening || this.#afterFinal !== null || this.isClosing || closesUnasked;
  }

  /** `Writable`'s `_construct`: opens, and calls back. Bytes may be taken before. */
  open(callback) {
    if (this.#lease.id === null) return callback(destroyedError());
    this.#afterOpen = callback;
    if (this.#isOpen) return nextTick(() => this.#tellOpen());
    if (this.#error !== null) return nextTick(callback, this.#error);
    this.#isOpening = true;
    this.#outlet.flushSoon();
  }

  /** `Writable`'s `_final`: all bytes are written, and synced where that was asked for. */
  finish(callback) {
    if (this.#error !== null) return callback(this.#error);
    if (this.#isClosed) return nextTick(callback);
    this.#feed.encode();
    this.#afterFinal = bound(callback);
    this.#outlet.flushSoon();
    if (this.#isSynced) native.end(this.#lease.id);
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order. While the
   * file is opening nothing was written, and nothing will be.
   */
  rejectSoon(reason) {
    this.#outlet.stopGathering();
    if (!this.#isOpen) this.#feed.discard();
    if (!this.#intake.isWaiting && this.#callbacks.isEmpty) return;
    nextTick(() => {
      const error = reason ?? destroyedError();
      this.#reason = error;
      this.#callbacks.reject(this.#feed.acceptedBytes, error);
      this.#afterFinal = null;
      this.#intake.drop()?.(error);
    });
  }

  /**
   * `Writable`'s `_destroy`: what Rust has accepted is written as far as that needs no waiting, then
   * the descriptor is closed.
   * @param {Error | null | undefined} reason why, which is told unless the close fails
   * @param {(error: Error | null) => void} callback
   */
  destroy(reason, callback) {
    this.#outlet.stopWaiting();
    this.#closeReason ??= reason;
    this.#afterClose = bound(callback);
    const isUnopened = !this.#isOpen && !this.#isOpening && this.#error === null;
    if (isUnopened || this.#isClosed) return this.#tellClosed();
    if (this.#error === null) this.#feed.encode();
    this.#outlet.flushSoon();
    native.close(this.#lease.id);
  }

  /** An event of the native stream. */
  deliver(kind, a, b) {
    switch (kind) {
      case OPENED:
        return this.#afterOpened(a);
      case PROGRESS:
        return this.#outlet.afterProgress(a);
      case FINISHED:
        return this.afterFinish();
      case FAILED:
        return this.#afterFailure(this.#owner.systemError(a, b));
      default:
        return this.#afterClosed(b === -1 ? null : this.#owner.systemError(a, b));
    }
  }

  #afterOpened(fd) {
    this.#isOpening = false;
    this.#isOpen = true;
    this.#intake.takesAll = false;
    this.#feed.look();
    this.#outlet.awaitProgress();
    // The number may be another file's by now.
    this.#fd = this.#closesWithEnd ? null : fd;
    this.#tellOpen();
  }

  /** `Writable` may ask for the open after it is done: a flush opened the file, and ticks were held up. */
  #tellOpen() {
    const callback = this.#afterOpen;
    this.#afterOpen = null;
    if (callback !== null) this.#owner.afterOpen(this.#fd, callback);
  }

  /** All that was accepted is written, and synced. */
  afterFinish() {
    this.#feed.pendingBytes = 0;
    const callback = this.#afterFinal;
    this.#afterFinal = null;
    this.#callbacks.place(this.#feed.acceptedBytes);
    try {
      this.#callbacks.call(Infinity, null);
    } finally {
      this.#outlet.settle();
      callback?.();
    }
  }

  #afterFailure(error) {
    if (!this.isUsable) return;
    this.#error = error;
    this.#outlet.stopGathering();
    if (this.isClosing) this.#closeReason ??= error;
    this.#feed.drop();
    const isOpening = this.#isOpening;
    const callback = this.#intake.drop() ?? this.#afterFinal;
    this.#afterFinal = null;
    this.#isOpening = false;
    try {
      // What the system took before it failed was written.
      if (!isOpening) this.#callbacks.call(this.#lease.completedBytes, null);
      this.#callbacks.reject(this.#feed.acceptedBytes, error);
    } finally {
      this.#outlet.settle();
      if (isOpening) this.#afterOpen(error);
      else if (callback !== null) callback(error);
      else if (!this.isClosing) this.#owner.afterFailure(error);
    }
  }

  #afterClosed(error) {
    this.#isClosed = true;
    this.#closeReason = error ?? this.#closeReason;
    if (this.isClosing) return this.#tellClosed();
    if (this.#afterFinal !== null) this.afterFinish();
    this.#outlet.settle();
  }

  /** The native stream is done with. */
  #tellClosed() {
    this.#feed.drop();
    this.#lease.release();
    this.#afterClose(this.#closeReason);
  }

  /** The driver may close with the end. Whoever begins to listen in this turn still counts. */
  closeWithEndSoon() {
    if (this.#mayCloseWithEnd) setImmediate(() => this.#closeWithEnd());
  }

  /**
   * Of a file that was given all it gets before it is open, the driver opens, writes and closes in one go
   * if nobody can tell: short files are written half as fast again.
   */
  #closeWithEnd() {
    if (!this.#mayCloseWithEnd) return;
    this.#closesWithEnd = true;
    native.endAndClose(this.#lease.id);
  }

  get #mayCloseWithEnd() {
    if (this.#isOpen || !this.isUsable) return false;
    const { stream } = this.#owner;
    const isComplete = stream.writableEnded && stream.writableLength === 0;
    const isHeard = this.#isEndHeard || !this.#callbacks.isEmpty;
    return isComplete && !isHeard && !this.#closesWithEnd && this.#owner.isUnobserved;
  }

  /** `end()` calls somebody back. */
  noteHeard() {
    this.#isEndHeard = true;
  }
}

/** `callback`, for the context of now. `AsyncResource.bind` does the same at twenty times the price. */
function bound(callback) {
  const scope = new AsyncResource('RUSHWRITE');
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}

module.exports = Life;
