'use strict';

// The life of an outlet, as JavaScript knows it: where it stands, and which callback of `Writable` waits
// for the next step. It decides nothing and calls nothing; each transition returns the callback to call.
//
//   UNOPENED ─open─► OPENING ─opened─► OPEN ─end─► ENDING ─finished─► FINISHED
//      │    └──────── attach ──────────►┘
//      │ leave                     all of them ─fail─► FAILED
//      ▼                           all of them ─close─► CLOSING ─closed─► CLOSED
//    UNUSED                        all of them ─closed─► CLOSED, if the driver closes unasked
//
// A file stream with a descriptor begins OPEN. A socket is UNOPENED until it is connected; where Node
// writes to it, it is UNUSED then.

const { AsyncResource } = require('node:async_hooks');

const UNUSED = 0;
const UNOPENED = 1;
const OPENING = 2;
const OPEN = 3;
const ENDING = 4;
const FINISHED = 5;
const FAILED = 6;
const CLOSING = 7;
const CLOSED = 8;

class Lifecycle {
  #state;
  // Others only read these three. They are no accessors: every write to a socket asks.
  /** The stream was opened, and its close was not requested. */
  isLive;
  /** The end is asked for. */
  isEnding;
  /** Why the stream failed. A stream that is closing may fail, too. */
  error = null;
  /** The callbacks of `Writable` for the open, the end and the close. */
  #afterOpen = null;
  #afterEnd = null;
  #afterClose = null;

  /** The error of pending writes when the stream was destroyed. */
  #rejection = null;
  /** What the close tells: what went wrong there, else why the stream was destroyed or failed. */
  #closeReason = null;
  /** `Writable` knows of the open. Before that a write counts as not begun, as it is in Node. */
  #isOpenTold = true;
  /** The stream was destroyed then, so the failure of such a write is not reported. */
  #isFailureMuted = false;
  /** The driver closes after the last byte without being asked again. */
  #closesUnasked = false;
  #isEndHeard = false;

  /** @param {boolean} isOpen there is nothing to open */
  constructor(isOpen) {
    this.#become(isOpen ? OPEN : UNOPENED);
  }

  #become(state) {
    this.#state = state;
    this.isLive = state >= OPEN && state <= FAILED;
    this.isEnding = state === ENDING;
  }

  get isUnopened() {
    return this.#state === UNOPENED;
  }

  get isOpening() {
    return this.#state === OPENING;
  }

  /** The stream was opened or has failed to open; before that nothing counts as written. */
  get isOpened() {
    return this.#state >= OPEN;
  }

  /** All is written, and `Writable` knows. */
  get hasEnded() {
    return this.#state === FINISHED;
  }

  /** The close is asked for. */
  get isClosing() {
    return this.#afterClose !== null;
  }

  /** Node writes. */
  get isUnused() {
    return this.#state === UNUSED;
  }

  /** An event will come, whatever is written. */
  get isEventDue() {
    const closesUnasked = this.#closesUnasked && this.#state !== CLOSED;
    return this.#state === OPENING || this.#state === ENDING || this.isClosing || closesUnasked;
  }

  /** The error of a write that `Writable` passes on now. Null: the write may wait for the system. */
  get failure() {
    return this.error ?? this.#rejection;
  }

  /** `Writable` waits for the open. Returns false if the stream is closed already. */
  open(callback) {
    if (this.#state !== UNOPENED) return false;
    this.#become(OPENING);
    this.#afterOpen = callback;
    return true;
  }

  /** Returns the callback to call. */
  opened() {
    if (this.#state === OPENING) this.#become(OPEN);
    this.#isOpenTold = false;
    const callback = this.#afterOpen;
    this.#afterOpen = null;
    return callback;
  }

  get isOpenTold() {
    return this.#isOpenTold;
  }

  /** `Writable` knows of the open. */
  openTold() {
    this.#isOpenTold = true;
  }

  /** The stream is destroyed. */
  destroyed() {
    if (!this.#isOpenTold) this.#isFailureMuted = true;
  }

  /** A socket is connected. */
  attach() {
    this.#become(OPEN);
  }

  /** Node writes to this socket. */
  leave() {
    this.#become(UNUSED);
  }

  /**
   * `Writable` waits for the end. Returns false if that has been.
   * @param {AsyncResource} [scope] the context to tell it in; that of now if there is none
   */
  end(callback, scope) {
    if (this.#state === CLOSED) return false;
    this.#become(ENDING);
    this.#afterEnd = inContext(callback, scope);
    return true;
  }

  /** All is written, and synced where that was requested. Returns the callback to call, or null. */
  finished() {
    if (this.#state === ENDING) this.#become(FINISHED);
    return this.#takeAfterEnd();
  }

  #takeAfterEnd() {
    const callback = this.#afterEnd;
    this.#afterEnd = null;
    return callback;
  }

  /** The stream is destroyed: its end never comes, and pending writes fail with `error`. */
  reject(error) {
    this.#rejection = error;
    this.#afterEnd = null;
  }

  /**
   * A system call failed. Returns the callback of `Writable` that waits for the open or the end, if one does.
   */
  fail(error) {
    this.error = error;
    if (!this.isClosing) this.#become(FAILED);
    else if (!this.#isFailureMuted) this.#closeReason ??= error;
    const callback = this.#afterOpen ?? this.#takeAfterEnd();
    this.#afterOpen = null;
    return callback;
  }

  /** `end()` has a callback, which may use the descriptor. */
  noteEndHeard() {
    this.#isEndHeard = true;
  }

  /** Whether the driver may close after the last byte without being asked again. */
  get mayCloseUnasked() {
    return !this.isOpened && !this.#isEndHeard && !this.#closesUnasked;
  }

  /** The driver closes after the last byte. */
  closeUnasked() {
    this.#closesUnasked = true;
  }

  get closesUnasked() {
    return this.#closesUnasked;
  }

  /**
   * `Writable` waits for the close.
   * @param {Error | null | undefined} reason reported unless the close fails
   * @param {AsyncResource} [scope] as for `end()`
   * @returns {boolean} false if there is nothing to close
   */
  close(reason, callback, scope) {
    const isOver = this.#state === CLOSED || this.#state === UNOPENED;
    this.#closeReason ??= reason;
    // Where there is nothing to close it is told at once.
    this.#afterClose = isOver ? callback : inContext(callback, scope);
    this.#become(CLOSING);
    return !isOver;
  }

  /** The descriptor is closed. Returns the callback of the close, if it was requested. */
  closed(error) {
    this.#become(CLOSED);
    this.#closeReason = error ?? this.#closeReason;
    return this.#afterClose;
  }

  get closeReason() {
    return this.#closeReason;
  }
}

/** `callback`, for a context. `AsyncResource.bind` does the same, for that of now, at twenty times the price. */
function inContext(callback, scope = new AsyncResource('RUSHWRITE')) {
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}

module.exports = Lifecycle;
