'use strict';

// Callbacks that are due, in order. One that throws keeps no other from being called.

class DueCallbacks {
  #due = [];
  #isCalling = false;
  #isScheduled = false;

  get isEmpty() {
    return this.#due.length === 0;
  }

  /** Adds a function and its one argument. */
  add(callback, argument) {
    this.#due.push(callback, argument);
  }

  addAll(callbacks, argument) {
    for (const callback of callbacks) this.#due.push(callback, argument);
  }

  /** Calls them in the next tick, because the program's own code is on the stack now. */
  callLater() {
    if (this.#isScheduled || this.#due.length === 0) return;
    this.#isScheduled = true;
    process.nextTick(this.#callNow);
  }

  #callNow = () => {
    this.#isScheduled = false;
    this.call();
  };

  /** Calls them now, and those that become due meanwhile. */
  call() {
    if (this.#isCalling) return;
    this.#isCalling = true;
    try {
      while (this.#due.length > 0) this.#callDue();
    } finally {
      this.#isCalling = false;
      this.callLater();
    }
  }

  #callDue() {
    const due = this.#due;
    this.#due = [];
    let next = 0;
    try {
      while (next < due.length) {
        const callback = due[next];
        const argument = due[next + 1];
        next += 2;
        callback(argument);
      }
    } finally {
      if (next < due.length) this.#due = due.slice(next).concat(this.#due);
    }
  }
}

module.exports = DueCallbacks;
