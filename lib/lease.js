'use strict';

// An outlet's hold on its native stream, until one of them is done with: the outlet gives it back when the
// stream is closed, the garbage collector when the outlet was dropped before.

const hub = require('./hub.js');
const native = require('./native.js');

/** Gives back the native streams of outlets that were dropped without a close. */
const dropped = new FinalizationRegistry((id) => native.release(id));

class Lease {
  #outlet;
  #id;
  /** The final count, once the native stream is gone. */
  #completedBytes = 0;
  #isRegistered = false;
  #isKeptOpen = false;

  /**
   * @param {Outlet} outlet
   * @param {number} id the native stream's, from lib/hub.js
   */
  constructor(outlet, id) {
    this.#outlet = outlet;
    this.#id = id;
  }

  /** The native stream's number; null once that is gone. */
  get id() {
    return this.#id;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#id === null ? this.#completedBytes : native.completed(this.#id);
  }

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.#isKeptOpen = isKeptOpen;
    if (isKeptOpen) this.#unregister();
    else this.noteDroppable();
  }

  /** Nothing may hold the outlet from now on. Most short streams are closed before that. */
  noteDroppable() {
    if (this.#isRegistered || this.#isKeptOpen || this.#id === null) return;
    this.#isRegistered = true;
    dropped.register(this.#outlet, this.#id, this.#outlet);
  }

  #unregister() {
    if (this.#isRegistered) dropped.unregister(this.#outlet);
    this.#isRegistered = false;
  }

  /** The native stream is done with. */
  release() {
    hub.remove(this.#outlet);
    this.#unregister();
    this.#completedBytes = this.completedBytes;
    native.release(this.#id);
    this.#id = null;
  }
}

module.exports = Lease;
