'use strict';

// How often, and how long, somebody has waited for room: what `stats()` tells of it.

const { now } = require('../timers.js');

class Fullness {
  /** Since when somebody waits; null if nobody does. */
  #sinceMs = null;
  #drains = 0;
  #fullMs = 0;

  /** Somebody waits from now on. */
  begin() {
    this.#sinceMs ??= now();
  }

  /** Nobody waits any more. */
  end() {
    if (this.#sinceMs === null) return;
    this.#drains++;
    this.#fullMs += now() - this.#sinceMs;
    this.#sinceMs = null;
  }

  /** How often there was room again. */
  get drains() {
    return this.#drains;
  }

  /** How long there was none, in microseconds. */
  get micros() {
    const fullMs = this.#sinceMs === null ? 0 : now() - this.#sinceMs;
    return Math.round((this.#fullMs + fullMs) * 1000);
  }
}

module.exports = Fullness;
