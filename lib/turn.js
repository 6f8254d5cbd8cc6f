'use strict';

// Fairness: how much of one turn of the event loop writing may take.
//
// Since `drain` costs no thread hop, a loop that respects `write()`'s answer would never let go of
// the thread. All streams of a thread share one budget a turn; when it is spent, streams say
// "full" until the next turn.

const { now, setImmediate } = require('./timers.js');

/** A turn may be spent on writing for this long. */
const TURN_MS = 0.5;

/** The clock is read once for so many bytes. */
const CHECK_BYTES = 16 * 1024;

class Turn {
  // Others only read these two. They are no accessors: every write asks, and V8 interprets the first thousand.
  /** Much was written in this turn. */
  isRunning = false;
  /** The budget of this turn is used up. */
  isSpent = false;
  #startMs = 0;
  #unchecked = 0;

  /** Counts bytes that were accepted in this turn. */
  charge(bytes) {
    this.#unchecked += bytes;
    if (this.#unchecked >= CHECK_BYTES) this.#check();
  }

  #check() {
    this.#unchecked = 0;
    const nowMs = now();
    if (!this.isRunning) {
      // A turn begins with its first full check, so that an occasional line costs no immediate.
      this.isRunning = true;
      this.#startMs = nowMs;
      setImmediate(this.#end);
    } else if (nowMs - this.#startMs >= TURN_MS) {
      this.isSpent = true;
    }
  }

  #end = () => {
    this.isRunning = false;
    this.isSpent = false;
  };
}

/** One for each thread, as there is one event loop. */
module.exports = new Turn();
