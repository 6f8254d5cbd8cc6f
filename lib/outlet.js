'use strict';

// The JavaScript half of a native writer: a stream class has one and gives it its bytes.
//
// They go to Rust through a feed, and are handed to the driver at the end of the tick or sooner.
// `Writable` is told that a chunk is done as soon as Rust has it, the user's callback runs when the
// system has it.

const { AsyncResource } = require('node:async_hooks');
const Callbacks = require('./callbacks.js');
const { destroyedError } = require('./errors.js');
const exit = require('./exit.js');
const Feed = require('./feed.js');
const hub = require('./hub.js');
const Intake = require('./intake.js');
const native = require('./native.js');
const turn = require('./turn.js');

// Test doubles of timers may take their place later, and stop the clock.
const { setImmediate } = require('node:timers');
const { nextTick } = process;

/** The kinds of events; see src/addon/events.rs. */
const OPENED = 0;
const PROGRESS = 1;
const FINISHED = 2;
const FAILED = 3;

/** Native streams of outlets that were dropped without a close. */
const dropped = new FinalizationRegistry((id) => native.release(id));

/**
 * @typedef {object} Owner the stream
 * @property {Writable} stream
 * @property {(fd: number | null, callback: () => void) => void} afterOpen calls `Writable` back; without
 *   a number the descriptor may be closed already
 * @property {() => void} afterDrain there is room again after `take()` answered false
 * @property {() => void} afterProgress the system has taken something that it had refused before
 * @property {(error: Error) => void} afterFailure a failure that no callback of Writable takes
 * @property {(errno: number, call: number) => Error} systemError
 * @property {boolean} [isUnobserved] nobody would see that it is closed before it says so; of streams
 *   that are opened
 */
class Outlet extends AsyncResource {
  #id;
  #owner;
  /** A finalizer releases the native stream, unless the descriptor is the user's to close. */
  #isRegistered = false;
  #isKeptOpen = false;
  /** The end waits for a sync. */
  #isSynced;
  /** A flush writes from inside of the call what the system takes at once; see src/io/socket.rs. */
  #isDirect;

  #feed;
  #intake;
  #callbacks;

  /** The final count, once the native stream is gone. */
  #completedBytes = 0;

  /** `take()` answered false. */
  #needsDrain = false;
  /** What waits will go on in the next turn. */
  #isResuming = false;

  /** A flush at the end of this tick, or turn, is due. */
  #isScheduled = false;
  /** And until then `gather()` need not ask for anything: nothing but writes has come since. */
  #isGathering = false;
  /** How many chunks were taken or gathered in this tick. */
  #chunks = 0;
  /** In the last one it was one. */
  #isLone = false;
  /** The hub will call `watchEnd()`. */
  #isEndAwaited = false;
  /** The stream knows its descriptor; before that nothing counts as written. */
  #isOpen;
  #isOpening = false;
  #afterOpen = null;
  /** `end()` calls somebody back. */
  #isEndHeard = false;
  /** The driver closes after the last byte without being asked again. */
  #closesWithEnd = false;
  /** It has done so, which is told when the stream asks for the close. */
  #isClosed = false;
  #afterFinal = null;
  #afterClose = null;
  #error = null;
  /** What pending writes were told when the stream was destroyed. */
  #reason = null;
  /** Comes with the close: what went wrong there, or since the stream was destroyed. */
  #lateError = null;

  /**
   * @param {Owner} owner
   * @param {number} id the native stream's, from lib/hub.js
   * @param {object} settings
   * @param {number} settings.bufferSize
   * @param {{flushOnExit: boolean, bound: Bound | null}} settings.trust what was accepted is written
   *   before the thread ends; and how much may wait on both levels, see lib/overflow.js
   * @param {boolean} [settings.isOpen] there is nothing to open
   * @param {boolean} [settings.isSynced] the end waits for a sync
   * @param {Callbacks} [settings.callbacks] those of writes that were made before
   * @param {boolean} [settings.isDirect] a flush writes what the system takes at once
   */
  constructor(owner, id, settings) {
    super('RUSHWRITE');
    const { bufferSize, trust, isOpen = true, isSynced = false, isDirect = false } = settings;
    this.#owner = owner;
    this.#id = id;
    this.#feed = new Feed(id, isDirect);
    this.#callbacks = settings.callbacks ?? new Callbacks(this);
    this.flushesOnExit = trust.flushOnExit;
    this.bound = trust.bound;
    this.#intake = new Intake(this.#feed, owner.stream, {
      bufferSize,
      maxBytes: this.bound?.maxBytes ?? Infinity,
      isDirect,
      takesAll: !isOpen && this.bound === null,
    });
    this.#isOpen = isOpen;
    this.#isSynced = isSynced;
    this.#isDirect = isDirect;
    if (isOpen) this.#noteDroppable();
    if (this.flushesOnExit) exit.arm();
  }

  /** The native stream's number; null once that is gone. */
  get id() {
    return this.#id;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#id === null ? this.#completedBytes : this.#feed.completedBytes;
  }

  /** Bytes that `Writable` has passed on: in Rust, held or, after a failure, dropped. */
  get acceptedBytes() {
    this.flush();
    return this.#feed.acceptedBytes + this.#intake.surplusBytes;
  }

  /**
   * `take()` may be called. Before the open `Writable` can't pass anything on, so that what a writer
   * who ignores `false` adds is still better off in Rust, which holds bytes and not chunks.
   */
  get isReady() {
    return this.#intake.isReady && this.#error === null;
  }

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.#isKeptOpen = isKeptOpen;
    if (isKeptOpen) {
      dropped.unregister(this);
      this.#isRegistered = false;
    } else {
      this.#noteDroppable();
    }
  }

  /** Nothing may hold the stream from now on. Most short ones are closed before that. */
  #noteDroppable() {
    if (this.#isRegistered || this.#isKeptOpen || this.#id === null) return;
    this.#isRegistered = true;
    dropped.register(this, this.#id, this);
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return (
      !this.#isOpening &&
      !this.#isScheduled &&
      this.#feed.pendingBytes === 0 &&
      this.#callbacks.isEmpty &&
      !this.#intake.isWaiting
    );
  }

  /** `Writable`'s `_construct`: opens, and calls back. Bytes may be taken before. */
  open(callback) {
    if (this.#id === null) return callback(destroyedError());
    this.#isOpening = true;
    this.#afterOpen = callback;
    this.#schedule();
  }

  /**
   * Takes a chunk, as `take()` does, if that changes nothing: since that answered that there is room for
   * more, in this tick, nothing but this was done to the stream by its own methods. Returns whether it
   * did. Most writes end here, which makes lines a quarter faster.
   */
  gather(chunk) {
    if (!this.#isGathering || turn.isSpent || !this.#feed.gather(chunk)) return false;
    this.#chunks++;
    return true;
  }

  /** Something else is done to the stream than a plain write. */
  stopGathering() {
    this.#isGathering = false;
  }

  /**
   * Takes a Buffer or a UTF-8 string; `callback` is called when the system has it. Returns whether
   * there is room and time for more.
   *
   * Of a stream that was given one chunk in its last tick, the first of this one is handed over at
   * once: it reaches the file a quarter sooner. Any others share a system call at the tick's end.
   */
  take(chunk, callback) {
    this.#noteIdle();
    this.#feed.take(chunk);
    if (this.#chunks++ === 0 && this.#isLone) this.#feed.flush();
    if (callback !== undefined) this.#callbacks.add(callback);
    this.#schedule();
    const hasRoom = this.#intake.hasRoom && !turn.isSpent && !this.#callbacks.isFull;
    this.#isGathering = hasRoom && !exit.isUnderWay;
    if (!hasRoom && !this.#needsDrain) this.drainNextTurn();
    return hasRoom;
  }

  /**
   * `Writable`'s `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust
   * has room for more.
   */
  write(chunks, callback) {
    if (this.#error !== null) return callback(this.#error);
    this.#intake.hold(chunks, callback);
    if (turn.isSpent) {
      this.#takeHeld();
      this.#resumeNextTurn();
    } else {
      this.release();
    }
  }

  /** Makes a callback for `Writable`, which calls it when Rust has the bytes, of a user's. */
  wrap(callback) {
    this.#noteIdle();
    return this.#callbacks.wrap(callback, () => this.accept());
  }

  /** `Writable` has passed a write on. Its callback waits for the system, unless the stream failed. */
  accept() {
    const failure = this.#error ?? this.#reason;
    if (failure === null) this.#schedule();
    return failure;
  }

  /** A write may find the stream idle. */
  #noteIdle() {
    if (!this.#isOpen || this.#isScheduled) return;
    this.look();
    if (this.isDrained) this.#callbacks.renew();
  }

  /** Sees what the driver has done of which no event told. */
  look() {
    if (this.#id !== null) this.#feed.look();
  }

  /** `end()` calls somebody back. */
  noteHeard() {
    this.#isEndHeard = true;
  }

  /** Asks the native half, without waiting for its event, whether there is room again. */
  hasRoomAgain() {
    return this.#error === null && this.#id !== null && this.#intake.hasRoomAgain();
  }

  /** `take()` may be called, perhaps because there is room of which no event has told. */
  canTake() {
    return this.isReady || (!this.#intake.isWaiting && this.hasRoomAgain());
  }

  /** Takes what is held as far as there is room, and lets `Writable` go on if that was all. */
  release() {
    if (!this.#intake.isWaiting) return;
    this.#takeHeld();
    if (this.#intake.isDone()) this.#intake.release()();
  }

  /**
   * Gives Rust all that the stream has accepted, whatever the limit: what is held, and what waits in
   * `Writable`'s own queue, whose chunks are passed over when it comes to them. Calls nothing back.
   * @param {boolean} takesQueue false while `Writable` itself may be at work on its queue
   */
  hurry(takesQueue) {
    this.stopGathering();
    if (this.#id === null || this.#error !== null) return;
    if (this.#afterClose === null) this.#intake.takeAll(takesQueue);
    this.#feed.look();
    if (this.#feed.isEmpty && this.#feed.pendingBytes === 0) return;
    this.#feed.flush();
    this.#scheduleTick();
  }

  /**
   * Waits until the system has what `hurry()` gave to Rust, or the stream fails.
   * @param {number} timeoutMs
   * @returns {{bytes: number, error: Error | null}} what was not written, and why if not for the time
   */
  wait(timeoutMs) {
    if (this.#id === null || this.#error !== null) return { bytes: 0, error: this.#error };
    const { bytes, errno, call } = native.waitSettled(this.#id, timeoutMs);
    return { bytes, error: call === -1 ? null : this.#owner.systemError(errno, call) };
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts, some of which Rust may have by now
   */
  waitingBytes(queuedBytes) {
    if (this.#id === null || this.#error !== null) return 0;
    return this.#intake.waitingBytes(queuedBytes);
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (this.#id === null || this.#owner.stream.writableLength === 0) return;
    if (exit.isUnderWay) return this.#flushLast(true);
    hub.addQueued(this);
  }

  /** `afterDrain` follows in a later turn, when there is room. */
  drainNextTurn() {
    this.#needsDrain = true;
    this.#resumeNextTurn();
  }

  /** The same where nothing was accepted that would ask for progress. */
  drainLater() {
    if (this.#id === null) return;
    this.drainNextTurn();
    this.#schedule();
  }

  /** `Writable`'s `_final`: all bytes are written, and synced where that was asked for. */
  finish(callback) {
    if (this.#error !== null) return callback(this.#error);
    if (this.#isClosed) return nextTick(callback);
    this.#feed.encode();
    this.#afterFinal = bound(callback);
    this.#schedule();
    if (this.#isSynced) native.end(this.#id);
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order. While the
   * file is opening nothing was written, and nothing will be.
   */
  rejectSoon(reason) {
    this.stopGathering();
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
   */
  destroy(callback) {
    this.stopGathering();
    if (!this.#isOpen && !this.#isOpening && this.#error === null) return this.#release(callback);
    if (this.#error === null) this.#feed.encode();
    this.#needsDrain = false;
    this.#afterClose = bound(callback);
    if (this.#isClosed) return this.#tellClosed();
    this.#schedule();
    native.close(this.#id);
  }

  /** An event of the native stream; see lib/hub.js. */
  deliver(kind, a, b) {
    this.runInAsyncScope(this.#deliver, this, kind, a, b);
  }

  #deliver(kind, a, b) {
    switch (kind) {
      case OPENED:
        this.#isOpening = false;
        this.#isOpen = true;
        this.#intake.takesAll = false;
        this.look();
        this.#awaitProgress();
        // The number may be another file's by now.
        return this.#tellOpened(this.#closesWithEnd ? null : a);
      case PROGRESS:
        this.#owner.afterProgress();
        return this.#afterProgress(a);
      case FINISHED:
        return this.#afterFinish();
      case FAILED:
        return this.#afterFailure(this.#owner.systemError(a, b));
      default:
        return this.#afterClosed(b === -1 ? null : this.#owner.systemError(a, b));
    }
  }

  #tellOpened(fd) {
    const callback = this.#afterOpen;
    this.#afterOpen = null;
    this.#owner.afterOpen(fd, callback);
  }

  #afterProgress(completedBytes) {
    if (this.#error !== null) return;
    // More may have been accepted since.
    this.#feed.look();
    this.#goOn(completedBytes);
  }

  #goOn(completedBytes) {
    // The callbacks of empty chunks wait for the open, too.
    if (!this.#isOpen) return;
    try {
      this.#callbacks.call(completedBytes, null);
    } finally {
      this.#proceed();
    }
  }

  /** What waits goes on, and the progress that matters next is asked for. */
  #proceed() {
    try {
      this.#resume();
    } finally {
      this.#settle();
    }
  }

  #afterFinish() {
    this.#feed.pendingBytes = 0;
    const callback = this.#afterFinal;
    this.#afterFinal = null;
    this.#callbacks.place(this.#feed.acceptedBytes);
    try {
      this.#callbacks.call(Infinity, null);
    } finally {
      this.#settle();
      callback?.();
    }
  }

  #afterFailure(error) {
    if (this.#error !== null || this.#id === null) return;
    this.#error = error;
    this.#isGathering = false;
    if (this.#afterClose !== null) this.#lateError = error;
    this.#feed.drop();
    const isOpening = this.#isOpening;
    const callback = this.#intake.drop() ?? this.#afterFinal;
    this.#afterFinal = null;
    this.#isOpening = false;
    try {
      // What the system took before it failed was written.
      if (!isOpening) this.#callbacks.call(this.#feed.completedBytes, null);
      this.#callbacks.reject(this.#feed.acceptedBytes, error);
    } finally {
      this.#settle();
      if (isOpening) this.#afterOpen(error);
      else if (callback !== null) callback(error);
      else if (this.#afterClose === null) this.#owner.afterFailure(error);
    }
  }

  #afterClosed(error) {
    this.#completedBytes = this.#feed.completedBytes;
    this.#isClosed = true;
    this.#lateError = error ?? this.#lateError;
    if (this.#afterClose !== null) return this.#tellClosed();
    if (this.#afterFinal !== null) this.#afterFinish();
    this.#settle();
  }

  #tellClosed() {
    this.#release(() => this.#afterClose(this.#lateError));
  }

  /** The native stream is done with. */
  #release(callback) {
    hub.remove(this);
    if (this.#isRegistered) dropped.unregister(this);
    this.#feed.drop();
    native.release(this.#id);
    this.#id = null;
    callback();
  }

  /** Lets `Writable` and the user go on if there is room and time again. */
  #resume() {
    if (!this.#needsDrain && !this.#intake.isWaiting) return;
    if (!this.#intake.isLow) return;
    if (turn.isSpent) return this.#resumeNextTurn();
    this.release();
    if (this.#needsDrain && this.isReady) {
      this.#needsDrain = false;
      this.#owner.afterDrain();
    }
  }

  /** While Rust is full its progress resumes, in a later turn anyway. */
  #resumeNextTurn() {
    if (this.#isResuming || !this.#intake.isLow) return;
    this.#isResuming = true;
    setImmediate(() => {
      this.#isResuming = false;
      this.runInAsyncScope(this.#proceed, this);
    });
  }

  #takeHeld() {
    if (!this.#intake.takeHeld()) return;
    // What went out directly needs no flush.
    if (!this.#isDirect || !this.#feed.isEmpty || this.#feed.pendingBytes > 0) this.#schedule();
  }

  /** Something was accepted or asked for: flush at the end of this tick. */
  #schedule() {
    if (exit.isUnderWay && this.#id !== null) this.#flushLast(false);
    this.#scheduleTick();
  }

  #scheduleTick() {
    if (this.#isScheduled || this.#id === null) return;
    this.#isScheduled = true;
    hub.add(this);
    // Once much was written in a turn, more is likely to come in its ticks, and whoever reads what is
    // written should be the first to have the other processor. If the thread lives on after an exit,
    // because a listener threw, it has no ticks any more.
    if (turn.isRunning || exit.isUnderWay) {
      setImmediate(Outlet.#flush, this);
    } else {
      nextTick(Outlet.#flush, this);
    }
  }

  /** Perhaps no tick comes any more. */
  #flushLast(takesQueue) {
    if (this.flushesOnExit) exit.flush(this, takesQueue);
  }

  static #flush(outlet) {
    outlet.#isScheduled = false;
    outlet.#isGathering = false;
    outlet.handOver();
  }

  /** Hands what was accepted to the driver before the end of the tick. */
  flush() {
    if (this.#id !== null) this.#feed.flush();
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  handOver() {
    if (this.#id === null) return;
    this.#isLone = this.#chunks === 1;
    this.#chunks = 0;
    if (this.#error !== null) return this.#settle();
    this.#feed.flush();
    if (!this.#isOpen) this.#closeWithEndSoon();
    this.#callbacks.place(this.#feed.acceptedBytes);
    if (!this.#isDirect) return this.#awaitProgress();
    const completedBytes = this.#feed.acceptedBytes - this.#feed.pendingBytes;
    this.runInAsyncScope(this.#goOn, this, completedBytes);
  }

  /** Whoever begins to listen in this turn still counts. */
  #closeWithEndSoon() {
    if (this.#mayCloseWithEnd) setImmediate(() => this.#closeWithEnd());
  }

  /**
   * Of a file that was given all it gets before it is open, the driver opens, writes and closes in one go
   * if nobody can tell: short files are written half as fast again.
   */
  #closeWithEnd() {
    if (!this.#mayCloseWithEnd) return;
    this.#closesWithEnd = true;
    native.endAndClose(this.#id);
  }

  get #mayCloseWithEnd() {
    if (this.#isOpen || this.#id === null || this.#error !== null) return false;
    const { stream } = this.#owner;
    const isComplete = stream.writableEnded && stream.writableLength === 0;
    const isHeard = this.#isEndHeard || !this.#callbacks.isEmpty;
    return isComplete && !isHeard && !this.#closesWithEnd && this.#owner.isUnobserved;
  }

  /** The driver may have made room already, of which no event tells. */
  #awaitProgress() {
    if (this.#needsDrain || this.#intake.isWaiting) this.#resumeNextTurn();
    this.#settle();
  }

  /** Asks for the next progress that matters, or lets the process end if there is nothing to do. */
  #settle() {
    if (this.isDrained && !this.#isSynced && this.#afterFinal !== null) this.#afterFinish();
    if (this.#isScheduled || this.#id === null) return;
    const position = this.#nextPosition();
    if (position !== Infinity) native.watch(this.#id, position);
    else if (this.#afterFinal === null && this.#afterClose === null) this.#restOrWait();
  }

  /**
   * Nobody wants to hear of what is being written. The end of it only lets the process end, so that a
   * stream that goes on is not told each time that it has caught up: each would be a wake-up.
   */
  #restOrWait() {
    if (this.#isOpening || this.#intake.isWaiting) return;
    // The close comes without having been asked for.
    if (this.#closesWithEnd && !this.#isClosed) return;
    if (this.#feed.pendingBytes === 0) {
      hub.remove(this);
      this.#noteDroppable();
      this.noteQueue();
    } else if (this.#isDirect) {
      // The system has refused bytes, which is rare; the time until it takes them is no silence.
      native.watch(this.#id, this.#feed.acceptedBytes);
    } else if (!this.#isEndAwaited) {
      this.#isEndAwaited = true;
      hub.watchEndLater(this);
    }
  }

  /** A while later: asks for the end of what is being written, which may have come. */
  watchEnd() {
    this.#isEndAwaited = false;
    if (this.#id === null || this.#isScheduled || !hub.isBusy(this)) return;
    native.watch(this.#id, this.#feed.acceptedBytes);
  }

  #nextPosition() {
    const waitsForRoom = !this.#intake.isLow && (this.#intake.isWaiting || this.#needsDrain);
    return Math.min(
      waitsForRoom ? this.#intake.lowPosition : Infinity,
      this.#callbacks.position,
      this.#afterFinal === null || this.#isSynced ? Infinity : this.#feed.acceptedBytes,
    );
  }
}

/** `callback`, for the context of now. `AsyncResource.bind` does the same at twenty times the price. */
function bound(callback) {
  const scope = new AsyncResource('RUSHWRITE');
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}

module.exports = Outlet;
