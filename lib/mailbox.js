'use strict';

// A queue of events in Rust, and the way they come to JavaScript: each in a task of its own. The process
// stays alive while a user waits for one.
//
// The queue holds a function and the async context in which it was made, and lets go of them some turns after it is
// released. So it is made where no context is entered, and the function can let go of this realm at once.

const detached = require('./detached.js');
const environment = require('./environment.js');
const { makeLink } = require('./main-realm.js');
const addon = require('./native.js');
const { setImmediate } = require('./timers.js');

class Mailbox {
  #takeAll;
  #deliver;
  /** The number of our queue in Rust, while there is one. */
  #id = null;
  /** What it calls. */
  #link = null;
  /** How many may be sent events. */
  #users = 0;
  #isLingering = false;
  /** How many wait for events. */
  #waiters = 0;
  /** Events that were taken; those before `#next` were delivered. */
  #events = [];
  #next = 0;

  /** Called when the queue is made, and when it is released. */
  afterOpen = () => {};
  afterClose = () => {};

  /**
   * @param {(id: number) => object[]} takeAll takes the events that are in the queue
   * @param {(event: object) => void} deliver
   */
  constructor(takeAll, deliver) {
    this.#takeAll = takeAll;
    this.#deliver = deliver;
  }

  /** The queue's number. Only users may ask for it. */
  get id() {
    return this.#id;
  }

  /** Adds a user, which may get events until `removeUser()`. */
  addUser() {
    this.#users++;
    if (this.#id === null) detached(() => this.#open());
  }

  #open() {
    this.#link = makeLink();
    this.#link.target = () => this.#afterWake();
    this.#id = addon.attach(this.#link.call, environment.settings());
    this.afterOpen();
  }

  removeUser() {
    if (--this.#users > 0 || this.#isLingering) return;
    this.#isLingering = true;
    detached(() => this.#linger());
  }

  /**
   * Until the end of this turn of the event loop: a program that makes a stream when the last one has closed
   * needs no new queue, and a test file that has ended leaves nothing behind.
   */
  #linger() {
    setImmediate(() => {
      this.#isLingering = false;
      if (this.#users === 0) this.#close();
    });
  }

  #close() {
    addon.detach(this.#id);
    this.#id = null;
    this.#link.target = null;
    this.#events = [];
    this.#next = 0;
    this.afterClose();
  }

  /** A user waits for an event. */
  addWaiter() {
    if (this.#waiters++ === 0) addon.keepAlive(this.#id, true);
  }

  /** A user waits no more. */
  removeWaiter() {
    if (--this.#waiters === 0) addon.keepAlive(this.#id, false);
  }

  /**
   * Each event is delivered in a task of its own, as each completion of `fs` is: ticks and promise
   * jobs run in between, and one that throws does not stop the next. All that have come are delivered in
   * one phase of the event loop, before immediates and before what other threads do next is seen: so Rust calls
   * again for the next one.
   */
  #afterWake() {
    if (this.#next === this.#events.length) {
      this.#events = this.#takeAll(this.#id);
      this.#next = 0;
    }
    if (this.#events.length === 0) return;
    const event = this.#events[this.#next];
    this.#events[this.#next++] = undefined;
    if (this.#next < this.#events.length) addon.wake(this.#id);
    this.#deliver(event);
  }
}

module.exports = Mailbox;
