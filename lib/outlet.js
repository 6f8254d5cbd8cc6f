'use strict';

// The JavaScript half of a native writer: a stream class has one and gives it its bytes.
//
// They go to Rust through a feed, and are handed to the driver at the end of the tick or sooner.
// `Writable` is told that a chunk is done as soon as Rust has it, the user's callback runs when the
// system has it.

const { AsyncResource } = require('node:async_hooks');
const Callbacks = require('./callbacks.js');
const exit = require('./exit.js');
const Feed = require('./feed.js');
const hub = require('./hub.js');
const Intake = require('./intake.js');
const Lease = require('./lease.js');
const Life = require('./life.js');
const native = require('./native.js');
const Schedule = require('./schedule.js');
const turn = require('./turn.js');

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
  #owner;
  #feed;
  #intake;
  #callbacks;
  #lease;
  #schedule = new Schedule(this);

  /** A flush writes from inside of the call what the system takes at once; see src/io/socket.rs. */
  #isDirect;
  /** `take()` answered false. */
  #needsDrain = false;
  /** Until the flush that is due, `gather()` need not ask for anything: only writes have come since. */
  #isGathering = false;
  /** How many chunks were taken or gathered in this tick. */
  #chunks = 0;
  /** In the last one it was one. */
  #isLone = false;
  /** The hub will call `watchEnd()`. */
  #isEndAwaited = false;
  /** Opening, the end, failure and close. */
  life;

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
    this.#lease = new Lease(this, id);
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
    this.#isDirect = isDirect;
    const parts = {
      feed: this.#feed,
      intake: this.#intake,
      callbacks: this.#callbacks,
      lease: this.#lease,
    };
    this.life = new Life(this, owner, parts, isOpen, isSynced);
    if (this.flushesOnExit) exit.arm();
  }

  /** The native stream's number; null once that is gone. */
  get id() {
    return this.#lease.id;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#lease.completedBytes;
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
    return this.#intake.isReady && this.life.error === null;
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return (
      !this.life.isOpening &&
      !this.#schedule.isFlushDue &&
      this.#feed.pendingBytes === 0 &&
      this.#callbacks.isEmpty &&
      !this.#intake.isWaiting
    );
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

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.#lease.isKeptOpen = isKeptOpen;
  }

  /** The stream is destroyed: nobody waits for room any more. */
  stopWaiting() {
    this.stopGathering();
    this.#needsDrain = false;
  }

  /** Something else is done to the stream than a plain write. */
  stopGathering() {
    this.#isGathering = false;
  }

  /**
   * Takes a Buffer or a UTF-8 string; `callback` is called when the system has it. Returns whether
   * there is room and time for more; after a false that is false until `afterDrain`.
   *
   * Of a stream that was given one chunk in its last tick, the first of this one is handed over at
   * once: it reaches the file a quarter sooner. Any others share a system call at the tick's end.
   */
  take(chunk, callback) {
    this.#noteIdle();
    this.#feed.take(chunk);
    if (this.#chunks++ === 0 && this.#isLone) this.#feed.flush();
    if (callback !== undefined) this.#callbacks.add(callback);
    this.flushSoon();
    if (this.#needsDrain) return false;
    const hasRoom = this.#intake.hasRoom && !turn.isSpent && !this.#callbacks.isFull;
    this.#isGathering = hasRoom && !exit.isUnderWay;
    if (!hasRoom) this.drainNextTurn();
    return hasRoom;
  }

  /**
   * `Writable`'s `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust
   * has room for more.
   */
  write(chunks, callback) {
    if (this.life.error !== null) return callback(this.life.error);
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
    const { failure } = this.life;
    if (failure === null) this.flushSoon();
    return failure;
  }

  /** A write may find the stream idle. */
  #noteIdle() {
    if (!this.life.isOpen || this.#schedule.isFlushDue) return;
    this.look();
    if (this.isDrained) this.#callbacks.renew();
  }

  /** Sees what the driver has done of which no event told. */
  look() {
    if (this.id !== null) this.#feed.look();
  }

  /** Asks the native half, without waiting for its event, whether there is room again. */
  hasRoomAgain() {
    return this.life.isUsable && this.#intake.hasRoomAgain();
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
    if (!this.life.isUsable) return;
    if (!this.life.isClosing) this.#intake.takeAll(takesQueue);
    this.#feed.look();
    if (this.#feed.isEmpty && this.#feed.pendingBytes === 0) return;
    this.#feed.flush();
    this.#schedule.flushSoon();
  }

  /**
   * Waits until the system has what `hurry()` gave to Rust, or the stream fails.
   * @param {number} timeoutMs
   * @returns {{bytes: number, error: Error | null}} what was not written, and why if not for the time
   */
  wait(timeoutMs) {
    if (!this.life.isUsable) return { bytes: 0, error: this.life.error };
    const { bytes, errno, call } = native.waitSettled(this.id, timeoutMs);
    return { bytes, error: call === -1 ? null : this.#owner.systemError(errno, call) };
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts, some of which Rust may have by now
   */
  waitingBytes(queuedBytes) {
    if (!this.life.isUsable) return 0;
    return this.#intake.waitingBytes(queuedBytes);
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (this.id === null || this.#owner.stream.writableLength === 0) return;
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
    if (this.id === null) return;
    this.drainNextTurn();
    this.flushSoon();
  }

  /** An event of the native stream; see lib/hub.js. */
  deliver(kind, a, b) {
    this.runInAsyncScope(this.life.deliver, this.life, kind, a, b);
  }

  /** The system has taken so many bytes in all. */
  afterProgress(completedBytes) {
    this.#owner.afterProgress();
    if (this.life.error !== null) return;
    // More may have been accepted since.
    this.#feed.look();
    this.#goOn(completedBytes);
  }

  #goOn(completedBytes) {
    // The callbacks of empty chunks wait for the open, too.
    if (!this.life.isOpen) return;
    try {
      this.#callbacks.call(completedBytes, null);
    } finally {
      this.resume();
    }
  }

  /** What waits goes on, and the progress that matters next is asked for. */
  resume() {
    try {
      this.#goOnWaiting();
    } finally {
      this.settle();
    }
  }

  /** Lets `Writable` and the user go on if there is room and time again. */
  #goOnWaiting() {
    if (!this.#needsDrain && !this.#intake.isWaiting) return;
    if (!this.#intake.isLow) return;
    if (turn.isSpent) return this.#schedule.resumeNextTurn();
    this.release();
    if (this.#needsDrain && this.isReady) {
      this.#needsDrain = false;
      this.#owner.afterDrain();
    }
  }

  /** While Rust is full its progress resumes, in a later turn anyway. */
  #resumeNextTurn() {
    if (this.#intake.isLow) this.#schedule.resumeNextTurn();
  }

  #takeHeld() {
    if (!this.#intake.takeHeld()) return;
    // What went out directly needs no flush; of what the system has refused, a piece is pending.
    if (!this.#isDirect || !this.#feed.isEmpty || this.#feed.pendingBytes > 0) this.flushSoon();
  }

  /** Something was accepted or asked for: flush at the end of this tick. */
  flushSoon() {
    if (this.id === null) return;
    if (exit.isUnderWay) this.#flushLast(false);
    this.#schedule.flushSoon();
  }

  /** Perhaps no tick comes any more. */
  #flushLast(takesQueue) {
    if (this.flushesOnExit) exit.flush(this, takesQueue);
  }

  /** Hands what was accepted to the driver before the end of the tick. */
  flush() {
    if (this.id !== null) this.#feed.flush();
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  handOver() {
    this.stopGathering();
    if (this.id === null) return;
    this.#isLone = this.#chunks === 1;
    this.#chunks = 0;
    if (this.life.error !== null) return this.settle();
    this.#feed.flush();
    if (!this.life.isOpen) this.life.closeWithEndSoon();
    this.#callbacks.place(this.#feed.acceptedBytes);
    if (!this.#isDirect) return this.awaitProgress();
    const completedBytes = this.#feed.acceptedBytes - this.#feed.pendingBytes;
    this.runInAsyncScope(this.#goOn, this, completedBytes);
  }

  /** The driver may have made room already, of which no event tells. */
  awaitProgress() {
    if (this.#needsDrain || this.#intake.isWaiting) this.#resumeNextTurn();
    this.settle();
  }

  /** Asks for the next progress that matters, or lets the process end if there is nothing to do. */
  settle() {
    if (this.isDrained && this.life.isEnding) this.life.afterFinish();
    if (this.#schedule.isFlushDue || this.id === null) return;
    const position = this.#nextPosition();
    if (position !== Infinity) native.watch(this.id, position);
    else if (!this.life.isUnderWay && !this.#intake.isWaiting) this.#restOrWait();
  }

  #nextPosition() {
    const waitsForRoom = !this.#intake.isLow && (this.#intake.isWaiting || this.#needsDrain);
    return Math.min(
      waitsForRoom ? this.#intake.lowPosition : Infinity,
      this.#callbacks.position,
      this.life.isEnding ? this.#feed.acceptedBytes : Infinity,
    );
  }

  /**
   * Nobody wants to hear of what is being written. The end of it only lets the process end, so that a
   * stream that goes on is not told each time that it has caught up: each would be a wake-up.
   */
  #restOrWait() {
    if (this.#feed.pendingBytes === 0) {
      hub.remove(this);
      this.#lease.noteDroppable();
      this.noteQueue();
    } else if (this.#isDirect) {
      // The system has refused bytes, which is rare; the time until it takes them is no silence.
      native.watch(this.id, this.#feed.acceptedBytes);
    } else if (!this.#isEndAwaited) {
      this.#isEndAwaited = true;
      hub.watchEndLater(this);
    }
  }

  /** A while later: asks for the end of what is being written, which may have come. */
  watchEnd() {
    this.#isEndAwaited = false;
    if (this.id === null || this.#schedule.isFlushDue || !hub.isBusy(this)) return;
    native.watch(this.id, this.#feed.acceptedBytes);
  }
}

module.exports = Outlet;
