'use strict';

// The outlet's view of a SonicBoom.

const { systemError } = require('../errors.js');
const { renew } = require('./opening.js');
const { kState } = require('./state.js');
const { askForWritten, giveHeld } = require('./writing.js');

/** What an outlet takes for the mark of a `Writable`. */
const HIGH_WATER_MARK = 16 * 1024;

class Owner {
  #sonic;
  /** The SonicBoom with what an outlet wants to know of a `Writable`. */
  stream;

  constructor(sonic) {
    this.#sonic = sonic;
    const lengthOf = () => sonic[kState].heldLength;
    this.stream = Object.create(sonic, {
      _writableState: {
        value: {
          get length() {
            return lengthOf();
          },
        },
      },
      writableLength: { get: lengthOf },
      writableBuffer: { value: [] },
      writableHighWaterMark: { value: HIGH_WATER_MARK },
      writableEnded: { get: () => sonic[kState].isEnding },
    });
  }

  afterOpen(fd, callback) {
    this.#sonic.fd = fd;
    callback();
  }

  afterDrain() {
    this.#sonic[kState].excess = 0;
    if (this.#sonic[kState].isHeard) askForWritten(this.#sonic);
  }

  beforeFailure() {}

  /** A synchronous write has reported its failure itself. */
  afterFailure(error) {
    if (this.#sonic.sync) return;
    this.noteFailure();
    this.#sonic.emit('error', error);
  }

  /** What waited is lost; the next write begins anew. */
  noteFailure() {
    const state = this.#sonic[kState];
    state.isBroken = true;
    state.isHeard = true;
  }

  /** Begins anew, where the last failure was. */
  renew() {
    this.#sonic[kState].isBroken = false;
    renew(this.#sonic);
  }

  giveRest() {
    giveHeld(this.#sonic);
  }

  systemError(errno, syscall, path = this.#sonic[kState].path) {
    return systemError(errno, syscall, path);
  }

  get isUnobserved() {
    return false;
  }
}

module.exports = Owner;
