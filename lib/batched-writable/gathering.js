'use strict';

// Plain writes past `Writable`, into the open batch.
//
// One is a UTF-8 string or a Uint8Array that `Writable` would hand over at once, answering true. That is
// looked at for the first of them, not for those behind it, until `stop()`: whatever changes the stream
// calls it.

const { lengthOf } = require('./slab.js');

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
    if (typeof chunk === 'string') {
      return this.#isUtf8 && chunk.length > 0 && slab.gatherText(chunk);
    }
    return takeBytes(slab, chunk);
  }

  /** `Writable` would hand a chunk over at once, and answer true when it is taken at once. */
  canBegin() {
    const { length, corked, constructed, highWaterMark } = this.#state;
    const isIdle = length === 0 && corked === 0 && constructed && highWaterMark > 0;
    return isIdle && this.#stream.writable;
  }

  /** Takes the first plain write of a row. Returns whether it did. */
  begin(slab, chunk) {
    const isUtf8 = this.#state.defaultEncoding === 'utf8';
    const isTaken =
      typeof chunk === 'string' ? isUtf8 && takeText(slab, chunk) : takeBytes(slab, chunk);
    if (!isTaken) return false;
    this.#slab = slab;
    this.#isUtf8 = isUtf8;
    return true;
  }

  /** The bytes of a chunk that is a plain write; null if it is none. */
  bytesOf(chunk) {
    if (typeof chunk !== 'string') return lengthOf(chunk) > 0 ? chunk : null;
    return this.#state.defaultEncoding === 'utf8' && chunk !== '' ? Buffer.from(chunk) : null;
  }

  stop() {
    this.#slab = null;
  }
}

/** Near the end of a slab it must be known how long the text is. */
function takeText(slab, text) {
  if (text === '') return false;
  return slab.gatherText(text) || takeBytes(slab, Buffer.from(text));
}

/** Empty chunks have no bytes to be gathered. */
function takeBytes(slab, chunk) {
  const length = lengthOf(chunk);
  return length > 0 && slab.gatherBytes(chunk, length);
}

module.exports = Gathering;
