'use strict';

// Plain writes past `Writable`, into the open batch.
//
// One is a UTF-8 string or a Uint8Array that `Writable` would hand over at once, answering true. That is
// looked at for the first of them; those behind it ask only for their own size, until `stop()`: whatever
// changes the stream calls it.

const { lengthOf } = require('./slab.js');

/** A string's unit takes so many bytes at most. */
const UNIT_BYTES = 3;

class Gathering {
  #stream;
  #state;
  /** Null when the next write must be looked at. */
  #slab = null;
  /** Strings without an encoding of their own are UTF-8. Of account while there is a slab. */
  #isUtf8 = true;

  constructor(stream) {
    this.#stream = stream;
    this.#state = stream._writableState;
  }

  /** Takes a plain write behind another one. Returns whether it did. */
  take(chunk) {
    const slab = this.#slab;
    if (slab === null) return false;
    if (typeof chunk !== 'string') return this.#takeBytes(slab, chunk);
    return this.#isUtf8 && this.#isShort(chunk) && slab.gatherText(chunk);
  }

  /** `Writable` would answer true. Empty chunks have no bytes to be gathered. */
  #isShort(text) {
    return text !== '' && text.length * UNIT_BYTES < this.#state.highWaterMark;
  }

  #takeBytes(slab, chunk) {
    const length = lengthOf(chunk);
    return length > 0 && length < this.#state.highWaterMark && slab.gatherBytes(chunk, length);
  }

  /** `Writable` would hand a chunk over at once. */
  canBegin() {
    const { length, corked, constructed } = this.#state;
    return length === 0 && corked === 0 && constructed && this.#stream.writable;
  }

  /** Takes the first plain write of a row. Returns whether it did. */
  begin(slab, chunk) {
    const isUtf8 = this.#state.defaultEncoding === 'utf8';
    if (typeof chunk !== 'string') {
      if (!this.#takeBytes(slab, chunk)) return false;
    } else if (!isUtf8 || !this.#isShort(chunk) || !this.#takeText(slab, chunk)) return false;
    this.#slab = slab;
    this.#isUtf8 = isUtf8;
    return true;
  }

  /** Near the end of a slab it must be known how long the text is. */
  #takeText(slab, text) {
    return slab.gatherText(text) || this.#takeBytes(slab, Buffer.from(text));
  }

  stop() {
    this.#slab = null;
  }
}

module.exports = Gathering;
