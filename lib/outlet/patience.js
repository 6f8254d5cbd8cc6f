'use strict';

// A stream that promises only to write some time: what follows a hand-over soon waits for the end of its turn, also the
// first write when it is idle.

const { now } = require('../timers.js');

/** A stream that is written to so soon after a hand-over is taken for a busy one. */
const SOON_MS = 1;

class Patience {
  /** When bytes were last handed over, and how many those were with all before. */
  #lastMs = -Infinity;
  #lastBytes = 0;

  get isBusy() {
    return now() - this.#lastMs < SOON_MS;
  }

  noteHandOver(acceptedBytes) {
    if (acceptedBytes === this.#lastBytes) return;
    this.#lastBytes = acceptedBytes;
    this.#lastMs = now();
  }
}

module.exports = Patience;
