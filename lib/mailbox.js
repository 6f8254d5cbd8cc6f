'use strict';

// A queue of events in Rust, and the way they come to JavaScript: each in a task of its own. The process
// stays alive while somebody waits for one.

const addon = require('./native.js');

// Test doubles of timers may take their place later, and stop the clock.
const { setImmediate } = require('node:timers');

class Mailbox {
  #takeAll;
  #deliver;
  /** The number of our queue in Rust, once there is one. */
  #id = null;
  /** How many wait for events. */
  #waiters = 0;
  /** Events that wait for a task. */
  #undelivered = 0;

  /**
   * @param {(id: number) => object[]} takeAll takes the events that are in the queue
   * @param {(event: object) => void} deliver
   */
  constructor(takeAll, deliver) {
    this.#takeAll = takeAll;
    this.#deliver = deliver;
  }

  /** The queue's number. */
  get id() {
    this.#id ??= addon.attach(() => this.#afterWake());
    return this.#id;
  }

  /** Somebody waits for an event. */
  addWaiter() {
    if (this.#waiters++ === 0) addon.keepAlive(this.id, true);
  }

  /** Somebody waits no more. */
  removeWaiter() {
    if (--this.#waiters === 0) addon.keepAlive(this.id, false);
  }

  /**
   * Each event is delivered in a task of its own, as each completion of `fs` is: ticks and promise
   * jobs run in between, and one that throws does not stop the next. The first one has this task.
   */
  #afterWake() {
    const events = this.#takeAll(this.#id);
    const first = this.#undelivered === 0 ? events.shift() : undefined;
    for (const event of events) {
      this.#undelivered++;
      setImmediate(() => {
        this.#undelivered--;
        this.#deliver(event);
      });
    }
    if (first !== undefined) this.#deliver(first);
  }
}

module.exports = Mailbox;
