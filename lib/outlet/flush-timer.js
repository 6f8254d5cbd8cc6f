'use strict';

// When the flush comes that was asked for: at the end of the tick or of the turn.
//
// Nothing says when a tick begins, and to be told of its end costs as much as a write does in JavaScript. So a stream
// whose writes go to the system by themselves asks for that only from time to time.

const exit = require('../exit.js');
const nextTick = require('../tick.js');
const { setImmediate } = require('../timers.js');
const turn = require('../turn.js');

// What is due.

const NOTHING = 0;
/** A flush at the end of the tick. */
const TICK = 1;
/** The end of the tick is seen, and has nothing to flush as far as is known. */
const QUIET_TICK = 2;
/** A flush at the end of the turn. */
const TURN = 3;
/** The same because nobody waits for what it hands over: it may come sooner. */
const UNHURRIED = 4;

/** So many writes go to the system one by one before a stream is known to write several in a tick. */
const MAX_LONE_WRITES = 7;

class FlushTimer {
  /** What the flush calls `handOver()` of. */
  target = null;
  /** One of the above; others only read it. */
  due = NOTHING;
  /** Writes that went to the system by themselves since a tick was known to begin, and how many may do so. */
  #loneWrites = 0;
  #maxLoneWrites = 1;

  get isUnhurried() {
    return this.due === UNHURRIED;
  }

  /**
   * The flush comes at the end of this tick. Once much was written in a turn, more is likely to come, and who reads it
   * should have the other processor first: then at the end of the turn.
   * @param {boolean} isUrgent at the end of the tick in any case
   * @param {boolean} isPatient at the end of the turn otherwise
   * @returns {boolean} whether that is news
   */
  set(isUrgent, isPatient) {
    if (this.due === QUIET_TICK) {
      this.due = TICK;
      return true;
    }
    if (this.due === TICK || (this.due === TURN && !isUrgent)) return false;
    const hasTime = (turn.isRunning || isPatient) && !isUrgent;
    if (exit.isUnderWay || hasTime) {
      this.due = TURN;
      setImmediate(FlushTimer.#flush, this);
    } else {
      this.due = TICK;
      nextTick(FlushTimer.#flush, this);
    }
    return true;
  }

  /** It comes at the end of the turn, for nobody waits. */
  setUnhurried() {
    this.due = UNHURRIED;
    setImmediate(FlushTimer.#flushUnhurried, this);
  }

  /** What the next turn brings waits for its end, too: with `fs` it waits until this is written. */
  static #flushUnhurried(timer) {
    const isBusy = timer.due === UNHURRIED && timer.target.hasUnflushed;
    timer.flush();
    if (isBusy && timer.due === NOTHING && !exit.isUnderWay) timer.setUnhurried();
  }

  /** It comes now. */
  flush() {
    this.due = NOTHING;
    this.target.handOver();
  }

  static #flush(timer) {
    timer.flush();
  }

  /** A write went to the system by itself. Whatever else comes in this tick is to be handed over behind it. */
  noteLoneWrite() {
    if (this.#loneWrites++ < this.#maxLoneWrites) return;
    this.due = QUIET_TICK;
    nextTick(FlushTimer.#endTick, this);
  }

  static #endTick(timer) {
    timer.#loneWrites = 0;
    if (timer.due !== QUIET_TICK) {
      timer.#maxLoneWrites = 0;
      return timer.flush();
    }
    timer.#maxLoneWrites = Math.min(2 * timer.#maxLoneWrites + 1, MAX_LONE_WRITES);
    timer.due = NOTHING;
  }

  /** A tick begins. */
  beginTick() {
    this.#loneWrites = 0;
  }
}

module.exports = Object.assign(FlushTimer, { NOTHING });
