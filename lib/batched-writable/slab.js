'use strict';

// The memory of one batch: bytes, and behind them text that is not encoded yet.
//
// The memory is V8's, since Electron refuses any other, and it is the subclass's from the hand-over
// until its callback. Then it moves to another ArrayBuffer: a Buffer that the subclass has kept is empty
// from then on, so that it can't show the bytes of a later batch.

const { types } = require('node:util');
const { bufferOf, byteLengthOf, byteOffsetOf } = require('../chunk.js');
const native = require('../native.js');
const splitAtSeams = require('../seams.js');

/** How much text is encoded at once, in UTF-16 units. V8 appends to a string without copying it. */
const STAGE_UNITS = 16 * 1024;

/** A UTF-16 unit takes so many bytes at most. */
const UNIT_BYTES = 3;

/** Node 20 has no `transfer()`. */
const move =
  typeof ArrayBuffer.prototype.transfer === 'function'
    ? (memory) => memory.transfer()
    : (memory) => structuredClone(memory, { transfer: [memory] });

class Slab {
  #bytes;
  /** Bytes so far, text not counted. */
  #filled = 0;
  /** Strings as one, and where each of the first so many ends in it. Encoded, they always fit. */
  #text = '';
  #strings = 0;
  #ends = [];
  /** How many units of text there may be. */
  #unitsAtMost = 0;
  /** The last text had surrogate pairs, halves of which may have met where strings join. */
  #hasPairs = false;

  constructor(size) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#limitText();
  }

  get isEmpty() {
    return this.#filled === 0 && this.#text === '';
  }

  /** Text is encoded before there may be no room for it: a slab with text is never full. */
  get isFull() {
    return this.#filled === this.#bytes.length;
  }

  /** So many bytes fill it, and leave room in another one of its size. */
  isFilledBy(length) {
    if (this.#text !== '') this.#encode();
    const room = this.#bytes.length - this.#filled;
    return length >= room && length - room < this.#bytes.length;
  }

  /** Takes a string that surely fits. Returns whether it did. */
  gatherText(line) {
    const text = this.#text + line;
    if (text.length > this.#unitsAtMost) return this.#gatherBehind(line);
    this.#text = text;
    this.#ends[this.#strings++] = text.length;
    return true;
  }

  /** The text so far is a stage, or comes near the end of the slab. */
  #gatherBehind(line) {
    this.#encode();
    if (line.length > this.#unitsAtMost) return false;
    this.#text = line;
    this.#ends[this.#strings++] = line.length;
    return true;
  }

  /** Takes a Uint8Array that leaves room. Returns whether it did. */
  gatherBytes(bytes, length) {
    if (this.#text !== '') this.#encode();
    if (length >= this.#bytes.length - this.#filled) return false;
    // Nothing can be copied from a view whose memory is gone.
    if (length > 0) this.#bytes.set(bytes, this.#filled);
    this.#filled += length;
    this.#limitText();
    return true;
  }

  /** Takes what there is room for of the bytes from `start` to `end`, and returns how many that is. */
  take(bytes, start, end) {
    if (this.#text !== '') this.#encode();
    const length = Math.min(end - start, this.#bytes.length - this.#filled);
    const part = new Uint8Array(bufferOf(bytes), byteOffsetOf(bytes) + start, length);
    this.#bytes.set(part, this.#filled);
    this.#filled += length;
    this.#limitText();
    return length;
  }

  /** What was gathered, to be handed over. */
  contents() {
    if (this.#text !== '') this.#encode();
    return this.#bytes.subarray(0, this.#filled);
  }

  /** Takes the memory back. Returns false if the subclass has given it away. */
  reclaim() {
    const { length } = this.#bytes;
    const memory = this.#bytes.buffer;
    if (memory.byteLength !== length || length === 0) return false;
    this.#bytes = Buffer.from(move(memory));
    this.#filled = 0;
    this.#limitText();
    return true;
  }

  #limitText() {
    const room = this.#bytes.length - this.#filled;
    this.#unitsAtMost = Math.min(STAGE_UNITS, Math.floor(room / UNIT_BYTES));
  }

  #encode() {
    const text = this.#text;
    const strings = this.#strings;
    this.#text = '';
    this.#strings = 0;
    if (this.#hasPairs && strings > 1) this.#encodeRuns(text, strings);
    else if (!this.#encodeText(text, strings === 1)) this.#encodeRuns(text, strings);
    this.#limitText();
  }

  #encodeRuns(text, strings) {
    for (const run of splitAtSeams(text, this.#ends.slice(0, strings))) this.#encodeText(run, true);
  }

  /** Unless `isSeamless`, text with surrogate pairs is refused. Returns whether it was encoded. */
  #encodeText(text, isSeamless) {
    const length = native.encodeInto(this.#bytes, this.#filled, text, isSeamless);
    this.#hasPairs = length < 0;
    this.#filled += this.#hasPairs ? ~length : length;
    return isSeamless || !this.#hasPairs;
  }
}

/** The length of a Uint8Array in bytes; -1 for anything else. */
function lengthOf(chunk) {
  return types.isUint8Array(chunk) ? byteLengthOf(chunk) : -1;
}

module.exports = { Slab, lengthOf };
