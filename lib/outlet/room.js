'use strict';

// Whether an outlet has room: what waits on both levels, and whether a write may go past `Writable`, or to the system
// at once.

const exit = require('../exit.js');
const turn = require('../turn.js');
const { AT_ONCE_LENGTH } = require('./entries.js');
const { NOTHING } = require('./flush-timer.js');

class Room {
  // For the subclasses, too: a copy of its own would cost each socket more memory.
  native;
  batch;
  backpressure;
  callbacks;
  life;
  completion;
  schedule;
  timer;
  syncs;
  reopens;
  /** What was written while the stream was corked; null if nothing was. See lib/socket/corked.js. */
  corked = null;

  /** @param {object} parts the outlet's */
  constructor(parts) {
    this.bound = parts.bound;
    this.native = parts.native;
    this.batch = parts.batch;
    this.backpressure = parts.backpressure;
    this.callbacks = parts.callbacks;
    this.life = parts.life;
    this.completion = parts.completion;
    this.schedule = parts.schedule;
    this.timer = parts.timer;
    this.syncs = parts.syncs;
    this.reopens = parts.reopens;
  }

  /** The stream was given bytes that the system has not taken. */
  get hasPending() {
    return !this.batch.isEmpty || this.native.pendingBytes > 0;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.native.completedBytes;
  }

  /** Bytes that `Writable` has passed on: in Rust, held or, after a failure, dropped. */
  get acceptedBytes() {
    this.flush();
    return this.native.acceptedBytes + this.backpressure.surplusBytes;
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return !this.schedule.isFlushDue && this.completion.isDrained;
  }

  /** Nothing waits for the system, as far as Rust has told, and no end. */
  get isWritten() {
    return this.native.pendingBytes === 0 && !this.backpressure.isHolding && !this.life.isEnding;
  }

  /**
   * The system has what was accepted in this tick, and there is nothing else to tell. A `destroy()` in the same tick does
   * not change that.
   */
  get hasWritten() {
    if (this.schedule.isTelling || this.life.failure !== null) return false;
    if (this.life.isClosing) return this.native.exists && this.#isTaken;
    return this.isAtRest && this.life.isLive;
  }

  /** `take()` may be called, as far as Rust has told. */
  get isReady() {
    return this.schedule.isUsable && this.backpressure.isReady;
  }

  /** `take()` may be called, perhaps because there is room of which no event has told. */
  canTake() {
    return this.isReady || (!this.backpressure.isHolding && this.hasRoomAgain());
  }

  /** Asks Rust, without waiting for an event, whether there is room again. */
  hasRoomAgain() {
    return this.schedule.isUsable && this.backpressure.hasRoomAgain();
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts
   */
  waitingBytes(queuedBytes) {
    return this.schedule.isUsable ? this.backpressure.waitingBytes(queuedBytes) : queuedBytes;
  }

  /**
   * So many bytes wait on both levels that a write is refused.
   * @param {number} queuedBytes those that `Writable` counts
   */
  isOver(queuedBytes) {
    return this.backpressure.isOver(queuedBytes);
  }

  /** What `_writableState.length` counts besides what `Writable` has. */
  get countedBytes() {
    return this.backpressure.countedBytes;
  }

  /** `Writable` is to see its own bytes alone, in this tick as a rule. */
  uncount() {
    this.backpressure.uncount();
  }

  /** See lib/outlet/backpressure.js. */
  set isCounting(isCounting) {
    this.backpressure.isCounting = isCounting;
  }

  /** A direct stream was given nothing in this tick that the system does not have. */
  get isAtRest() {
    return this.timer.due === NOTHING && this.#isTaken;
  }

  /** The system has all that a direct stream was given, as far as Rust has told. */
  get #isTaken() {
    return (
      this.native.isDirect &&
      this.native.pendingBytes === 0 &&
      this.batch.isEmpty &&
      this.backpressure.isIdle
    );
  }

  /** A large Buffer may go to the system within the call, from where it lies. */
  get maySend() {
    return (
      this.bound === null &&
      !turn.isSpent &&
      !exit.isUnderWay &&
      this.isAtRest &&
      this.schedule.isUsable &&
      this.callbacks.isEmpty
    );
  }

  /** `write()` has said false. */
  get needsDrain() {
    return this.backpressure.needsDrain;
  }

  /** This chunk, or vector, may go to the system within the call. */
  mayWriteAtOnce(chunk) {
    const isShort = chunk.length <= AT_ONCE_LENGTH;
    return isShort && !turn.isSpent && !exit.isUnderWay && this.isAtRest;
  }
}

module.exports = Room;
