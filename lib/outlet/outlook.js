'use strict';

// What is still to come of a stream, and what the outlet has to do for it. Every change of state ends in `settle()`.

// What `settle()` answers, several at once where that makes sense.

/** Bytes that were held have moved: flush at the end of the tick. */
const FLUSH = 1;
/** What waits for room goes on in the next turn: call `resume()`. */
const RESUME = 2;
/** All is written, and `Writable` waits for that: call `end()`. */
const END = 4;
/** There is nothing to do. */
const REST = 8;
/** Nobody waits for what is being written; its end only lets the process end. */
const WATCH_LATER = 16;

class Outlook {
  // For the subclass, too: a copy of its own would cost each socket more memory.
  native;
  backpressure;
  callbacks;
  life;
  syncs;
  reopens;
  /** The end waits for a sync or a commit, of which an event tells. */
  #isSynced;

  /** The descriptor of a file that was opened before `Writable` asked for it. */
  earlyFd = null;
  /** Held chunks were moved since the last `settle()`. */
  hasMoved = false;
  /** The system refuses bytes; an event tells when it takes them again. */
  isStalled = false;

  /**
   * @param {object} parts the outlet's
   * @param {boolean} isSynced
   */
  constructor({ native, backpressure, callbacks, life, syncs, reopens }, isSynced) {
    this.native = native;
    this.backpressure = backpressure;
    this.callbacks = callbacks;
    this.life = life;
    this.syncs = syncs;
    this.reopens = reopens;
    this.#isSynced = isSynced;
  }

  /** All that was handed over, or is about to be, is with the system, and its callbacks have been called. */
  get isDrained() {
    return (
      !this.life.isOpening &&
      this.native.pendingBytes === 0 &&
      !this.hasMoved &&
      this.callbacks.isEmpty &&
      !this.backpressure.isHolding
    );
  }

  /** The end waits for an event, although all is written. */
  get mustEnd() {
    return this.#isSynced || !this.syncs.isEmpty || !this.reopens.isEmpty || this.isStalled;
  }

  /** An event that is no progress comes before the end. To watch what is written already would be told at once, each time. */
  get #isEndDue() {
    return this.#isSynced || (this.mustEnd && this.native.pendingBytes === 0);
  }

  /** Something will come that is no progress. */
  get isEventDue() {
    if (this.life.isEventDue || this.backpressure.isHolding) return true;
    // A flush opens a file that `Writable` has not asked to open yet; see `retell()`.
    if (this.life.isUnopened && this.earlyFd === null) return true;
    return !this.syncs.isEmpty || !this.reopens.isEmpty || this.isStalled;
  }

  /**
   * Asks for the next progress that matters, and answers what the outlet has to do. After a flush, and after
   * `end()`, it is asked again.
   * @param {boolean} isFlushDue
   */
  settle(isFlushDue) {
    const flush = this.hasMoved ? FLUSH : 0;
    this.hasMoved = false;
    const mayResume =
      this.backpressure.isAwaited && this.backpressure.isLow && this.life.error === null;
    const next = mayResume ? flush | RESUME : flush;
    if (isFlushDue || flush !== 0) return next;
    if (this.life.isEnding && !this.mustEnd && this.isDrained) return END;
    const position = this.#nextPosition();
    if (position !== Infinity) this.native.watch(position);
    else if (!this.isEventDue) return next | this.#atRest();
    return next;
  }

  /** The count of completed bytes from which on somebody can go on. */
  #nextPosition() {
    let { position } = this.callbacks;
    if (this.backpressure.isAwaited && !this.backpressure.isLow) {
      position = Math.min(position, this.backpressure.lowPosition);
    }
    if (this.life.isEnding && !this.#isEndDue) {
      position = Math.min(position, this.native.acceptedBytes);
    }
    return position;
  }

  /**
   * Nobody wants to hear of what is being written. A stream at rest hears of nothing (lib/events.js), so no event that
   * matters may come then:
   * - an open, a sync, a reopen, an end or a close was asked for, which `isEventDue` says until the answer comes;
   * - a failure drops bytes, which stay pending, or a mark. A panic is told again when something is asked for;
   * - a driver that is parked has bytes or a mark to carry out, and so has one that is stalled;
   * - files that take the place of others, and the end of a stall, come to streams that listen.
   */
  #atRest() {
    if (this.native.pendingBytes === 0) return REST;
    if (!this.native.isDirect) return WATCH_LATER;
    // The system has refused bytes, which is rare; the time until it takes them is no silence.
    this.native.watch(this.native.acceptedBytes);
    return 0;
  }
}

module.exports = { FLUSH, RESUME, END, REST, WATCH_LATER, Outlook };
