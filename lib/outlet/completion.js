'use strict';

// The way up: what the system has done, told to `Writable` and to the user. Callbacks of writes, drain,
// the open, the end, a failure, the close.
//
// Most of it calls functions of the user's, which may throw. Whatever happened, lib/outlet/outlook.js then says what
// has to come next, and lib/outlet/schedule.js does it.

const { publish } = require('../diagnostics.js');
const { destroyedError } = require('../errors.js');
const { constants } = require('../native.js');
const nextTick = require('../tick.js');
const turn = require('../turn.js');
const { callIn } = require('./context.js');
const { Outlook } = require('./outlook.js');

const {
  EVENT_OPENED,
  EVENT_PROGRESS,
  EVENT_SYNCED,
  EVENT_UNSYNCABLE,
  EVENT_STALLED,
  EVENT_RECOVERED,
  EVENT_FINISHED,
  EVENT_FAILED,
  EVENT_CLOSED,
  EVENT_REOPENED,
  EVENT_ROTATED,
  EVENT_ROTATE_FAILED,
  EVENT_MOVED,
  SYSTEM_CALLS,
} = constants;

/** What an event has in the place of a call if none has failed. */
const NO_CALL = -1;

/**
 * @typedef {object} Owner the stream
 * @property {Writable} stream
 * @property {(fd: number | null, callback: () => void) => void} afterOpen calls `Writable` back; without
 *   a number the descriptor may be closed already
 * @property {() => void} afterDrain there is room again after `take()` answered false
 * @property {() => void} afterProgress of a socket: the system has taken something that it had refused before
 * @property {() => void} beforeWait of a direct stream: a tick ends in which the system has not taken all, or
 *   which is not told of all
 * @property {(error: Error) => void} [afterStall] the system refuses bytes for now
 * @property {() => void} [afterRecovery] it takes them again
 * @property {boolean} [commits] the end puts what was written in its place
 * @property {(error: Error) => void} beforeFailure the stream has failed, of which callbacks will be told
 * @property {(error: Error) => void} afterFailure a failure that no callback of Writable takes
 * @property {(errno: number, syscall: string, path?: string | Buffer) => Error} systemError of the call that
 *   failed; the path is the stream's own unless it is given
 * @property {boolean} isUnobserved nobody would see that it is closed before it says so; of streams
 *   that are opened
 */
class Completion extends Outlook {
  #owner;
  #batch;

  /**
   * @param {Owner} owner
   * @param {object} parts the outlet's
   * @param {boolean} isSynced
   */
  constructor(owner, parts, isSynced) {
    super(parts, isSynced);
    this.#owner = owner;
    this.#batch = parts.batch;
  }

  /** An event of the native stream. */
  deliver(kind, a, b) {
    switch (kind) {
      case EVENT_OPENED:
        return this.#afterOpened(a);
      case EVENT_PROGRESS:
        return this.#afterProgress(a);
      case EVENT_SYNCED:
        return this.syncs.answer(a);
      case EVENT_UNSYNCABLE:
        return this.syncs.refuse(a);
      case EVENT_STALLED:
        return this.#afterStalled(this.#errorOf(a, b));
      case EVENT_RECOVERED:
        return this.#afterRecovered();
      case EVENT_FINISHED:
        return this.end();
      case EVENT_FAILED:
        return this.fail(this.#errorOf(a, b));
      case EVENT_CLOSED:
        return this.#afterClosed(b === NO_CALL ? null : this.#errorOf(a, b));
      case EVENT_REOPENED:
        return this.#afterReopened(a, b);
      case EVENT_MOVED:
        return this.#afterMoved(a, b);
      case EVENT_ROTATED:
        return this.#owner.afterRotate(a, b);
      case EVENT_ROTATE_FAILED:
        return this.#owner.afterRotateFailure(this.#errorOf(a, b));
    }
  }

  /** Who has destroyed the stream hears nothing more of it. */
  #afterStalled(error) {
    this.isStalled = true;
    if (!this.life.isClosing) this.#owner.afterStall(error);
  }

  #afterRecovered() {
    this.isStalled = false;
    if (!this.life.isClosing) this.#owner.afterRecovery();
  }

  /** Another file is open, or could not be opened. Of a stream that is destroyed the close rejects what waits. */
  #afterReopened(a, b) {
    if (this.life.isClosing) return;
    const { path, callback } = this.reopens.next();
    if (b === NO_CALL) callback(null, a);
    else callback(this.#errorOf(a, b, path));
  }

  /** The same, and nobody has asked for it. */
  #afterMoved(a, b) {
    if (this.life.isClosing) return;
    if (b === NO_CALL) this.#owner.afterMove(null, a);
    else this.#owner.afterMove(this.#errorOf(a, b));
  }

  #errorOf(errno, call, path) {
    return this.#owner.systemError(errno, SYSTEM_CALLS[call], path);
  }

  /**
   * `Writable` may ask for the open after it is done: a flush opened the file while a test double held
   * the ticks up. Then it is told in a tick of its own.
   */
  retell(deliver) {
    const fd = this.earlyFd;
    this.earlyFd = null;
    if (fd !== null) nextTick(() => deliver(EVENT_OPENED, fd, 0));
    return fd !== null;
  }

  #afterOpened(fd) {
    if (this.life.isUnopened) {
      this.earlyFd = fd;
      return;
    }
    const callback = this.life.opened();
    this.backpressure.isUnlimited = false;
    this.native.refresh();
    // The number may be another file's by now.
    // `Writable` begins to pass writes on in a tick that the callback asks for.
    const afterOpen = () => {
      callback();
      nextTick(() => this.life.openTold());
    };
    this.#owner.afterOpen(this.life.closesUnasked ? null : fd, afterOpen);
  }

  /** Of a direct stream; for a file see `tell()`. */
  #afterProgress(completedBytes) {
    this.#owner.afterProgress();
    if (this.life.error !== null) return;
    this.#count(completedBytes);
    this.advance(completedBytes);
  }

  /** The same of a file, if nobody waits for room: its callbacks are told. */
  tell(completedBytes) {
    if (this.life.error !== null) return;
    this.#count(completedBytes);
    // The callbacks of empty chunks wait for the open, too.
    if (this.life.isOpened) this.callbacks.call(completedBytes, null);
  }

  #count(completedBytes) {
    // More may have been accepted since.
    this.native.noteCompleted(completedBytes);
    this.backpressure.afterProgress(completedBytes);
  }

  /** The system has taken so many bytes in all. */
  advance(completedBytes) {
    // The callbacks of empty chunks wait for the open, too.
    if (!this.life.isOpened) return;
    const isCountOver = this.backpressure.countRefused();
    try {
      this.callbacks.call(completedBytes, null);
    } finally {
      this.resume();
      if (isCountOver) this.#afterCount();
    }
  }

  /** `Writable` has seen bytes, and does not any more: it may have said nothing because of them. */
  #afterCount() {
    const { needsDrain, isHolding } = this.backpressure;
    if (!needsDrain && !isHolding && this.life.error === null) this.#owner.afterDrain();
  }

  /** Lets `Writable` and the user go on if there is room and time again. */
  resume() {
    if (!this.backpressure.isAwaited || !this.backpressure.isLow || turn.isSpent) return;
    if (this.backpressure.moveHeld()) this.hasMoved = true;
    this.backpressure.nextWritable()?.();
    if (!this.backpressure.needsDrain || !this.backpressure.isReady) return;
    if (this.life.error !== null) return;
    callIn(this.backpressure.stopDrain(), this.#owner.afterDrain, this.#owner);
  }

  /** All that was accepted is written, and synced where that was asked for. */
  end() {
    this.native.forgetPending();
    this.native.forgetTemporary();
    const callback = this.life.finished();
    this.callbacks.place(this.native.acceptedBytes);
    try {
      this.callbacks.call(Infinity, null);
    } finally {
      callback?.();
    }
  }

  /** A call of the system has failed. */
  fail(error) {
    if (this.life.error !== null) return;
    const { isOpening } = this.life;
    this.syncs.reject(error);
    this.isStalled = false;
    publish('error', this.#owner.stream, { error });
    const afterFailure = this.life.fail(error);
    const callback = this.backpressure.drop() ?? afterFailure;
    this.#batch.clear();
    this.#batch.close();
    this.native.forgetPending();
    this.backpressure.isCounting = false;
    this.#owner.beforeFailure(error);
    try {
      // What the system took before it failed was written.
      if (!isOpening) this.callbacks.call(this.native.completedBytes, null);
      this.callbacks.reject(this.native.acceptedBytes, error);
      this.reopens.reject(error);
    } finally {
      if (callback !== null) callback(error);
      else if (!this.life.isClosing) this.#owner.afterFailure(error);
    }
  }

  /** Writes that came after the failure fail, too. */
  failLate() {
    this.#batch.clear();
    this.callbacks.reject(this.native.acceptedBytes, this.life.error);
  }

  /** The stream is destroyed: writes that are not with the system yet have failed. */
  reject(error) {
    this.rejectAccepted(error);
    this.backpressure.drop()?.(error);
  }

  /** The same for those that `Writable` has passed on, or never had. */
  rejectAccepted(error) {
    this.life.reject(error);
    // A socket's system took them within the tick, and `net` says so.
    if (this.native.isDirect) this.callbacks.call(this.native.completedBytes, null);
    this.callbacks.reject(this.native.acceptedBytes, error);
  }

  #afterClosed(error) {
    this.life.closed(error);
    if (this.life.isClosing) return this.close();
    try {
      this.end();
    } finally {
      this.native.free();
    }
  }

  /** The native stream is done with: tells `Writable`, which waits for the close. */
  close() {
    this.#batch.clear();
    // A driver that has closed tells of no progress any more.
    if (!this.callbacks.isEmpty) {
      this.callbacks.place(this.native.acceptedBytes);
      this.callbacks.call(this.native.completedBytes, null);
    }
    this.syncs.reject(this.life.closeReason);
    this.native.free();
    // An error is dear, and most streams have no reopen that waits.
    if (!this.reopens.isEmpty) {
      this.reopens.reject(this.life.closeReason ?? destroyedError('reopen'));
    }
    publish('close', this.#owner.stream);
    this.life.closed(null)(this.life.closeReason);
  }
}

module.exports = Completion;
