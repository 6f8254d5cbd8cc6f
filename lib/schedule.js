'use strict';

// What an outlet puts off: to hand over what it was given until the tick or the turn ends, so that many
// writes share a call, and to go on with what waits until the next turn.

const exit = require('./exit.js');
const hub = require('./hub.js');
const nextTick = require('./tick.js');
const turn = require('./turn.js');

// Test doubles of timers may take their place later, and stop the clock.
const { setImmediate } = require('node:timers');

class Schedule {
  #outlet;
  #isFlushDue = false;
  #isResuming = false;

  constructor(outlet) {
    this.#outlet = outlet;
  }

  /** `handOver()` comes at the end of this tick, or turn. */
  get isFlushDue() {
    return this.#isFlushDue;
  }

  /**
   * Once much was written in a turn, more is likely to come in its ticks, and whoever reads what is
   * written should be the first to have the other processor. If the thread lives on after an exit,
   * because a listener threw, it has no ticks any more.
   */
  flushSoon() {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    hub.add(this.#outlet);
    if (turn.isRunning || exit.isUnderWay) setImmediate(Schedule.#flush, this);
    else nextTick(Schedule.#flush, this);
  }

  static #flush(schedule) {
    schedule.#isFlushDue = false;
    schedule.#outlet.handOver();
  }

  /** `resume()` comes in the next turn, in the outlet's own context. */
  resumeNextTurn() {
    if (this.#isResuming) return;
    this.#isResuming = true;
    setImmediate(() => {
      this.#isResuming = false;
      this.#outlet.runInAsyncScope(this.#outlet.resume, this.#outlet);
    });
  }
}

module.exports = Schedule;
