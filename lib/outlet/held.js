'use strict';

// The chunks that `Writable` has passed on and Rust has no room for yet, and the count of those that
// Rust was given before `Writable` came to them.

const { mayMove, partOf, trusted } = require('../chunk.js');

class Held {
  /** `Writable`'s callback, while its chunks are held or it is to wait for the next turn. */
  #callback = null;
  /** What is left of its chunks, the last one first. */
  #chunks = [];
  /** How long the next one was when all before it were done with. */
  #nextLength = 0;
  /** Bytes of those chunks that Rust has. `Writable` counts them until it is called back. */
  #givenBytes = 0;
  /** Bytes of what was left when the stream failed or was destroyed. */
  #droppedBytes = 0;
  /** How many chunks in `Writable`'s queue Rust has already, and their bytes. */
  #aheadChunks = 0;
  #aheadBytes = 0;

  /** `Writable` waits for its callback. */
  get isWaiting() {
    return this.#callback !== null;
  }

  /** Neither does it, nor has Rust anything of its queue. */
  get isIdle() {
    return this.#callback === null && this.#givenBytes === 0 && this.#aheadBytes === 0;
  }

  get isEmpty() {
    return this.#chunks.length === 0;
  }

  /** Bytes that `Writable` still counts although Rust has them. */
  get sharedBytes() {
    return this.#givenBytes + this.#aheadBytes;
  }

  /** By how much more than Rust has accepted `Writable` has passed on. */
  get surplusBytes() {
    return sizeOf(this.#chunks) + this.#droppedBytes - this.#aheadBytes;
  }

  /** Holds what `Writable` passes on; chunks that Rust has already are left out. */
  hold(chunks, callback) {
    if (this.#aheadChunks > 0) this.#skip(chunks);
    this.#chunks = chunks.reverse();
    this.#noteNext();
    this.#callback = callback;
  }

  #skip(chunks) {
    for (const chunk of chunks.splice(0, this.#aheadChunks)) {
      const bytes = Buffer.byteLength(chunk);
      this.#aheadChunks--;
      this.#aheadBytes -= bytes;
      this.#givenBytes += bytes;
    }
  }

  #noteNext() {
    this.#nextLength = this.#chunks.at(-1)?.length ?? 0;
  }

  /**
   * The memory of the next chunk is gone, or a part of it. Node's handle goes on with memory that was given away, and
   * fails where it was cut off. That is out of reach here; but what is lost is never told to be written.
   */
  get hasLost() {
    return !this.isEmpty && this.#chunks.at(-1).length < this.#nextLength;
  }

  /** The next chunk, if it is a Buffer of at least `minBytes`; else null. */
  largeBuffer(minBytes) {
    const chunk = this.#chunks.at(-1);
    return typeof chunk !== 'string' && chunk?.length >= minBytes ? chunk : null;
  }

  /** Removes the next chunk and returns it whole; of a Buffer, at most `maxBytes`. */
  next(maxBytes = Infinity) {
    const chunk = this.#chunks.at(-1);
    // A Buffer whose memory is gone has no length, and no parts either.
    const isWhole = typeof chunk === 'string' || chunk.length <= maxBytes;
    const piece = isWhole ? chunk : chunk.subarray(0, maxBytes);
    this.skip(piece.length);
    return piece;
  }

  /** Rust or the system has so much of the next chunk. */
  skip(length) {
    const chunk = this.#chunks.pop();
    this.#givenBytes += length;
    if (chunk.length > length) this.#chunks.push(stayingPart(chunk, length));
    this.#noteNext();
  }

  /**
   * The chunks of `Writable`'s own queue, as Buffers for Rust to have before `Writable` comes to them.
   * @param {{chunk: Buffer | string, encoding: string}[]} entries `writableBuffer`
   */
  copyAhead(entries) {
    const chunks = entries.slice(this.#aheadChunks).map(asBuffer);
    this.#aheadChunks = entries.length;
    this.#aheadBytes += sizeOf(chunks);
    return chunks;
  }

  /** `Writable` need not wait any more. Returns its callback, or null if it did not wait. */
  stopWaiting() {
    const callback = this.#callback;
    this.#callback = null;
    this.#givenBytes = 0;
    return callback;
  }

  /** Drops what is left. Returns `Writable`'s callback, as `stopWaiting()` does. */
  drop() {
    this.#droppedBytes += sizeOf(this.#chunks);
    this.#chunks = [];
    return this.stopWaiting();
  }
}

/** What is left of a Buffer. It has to stay as it is for some turns. */
function stayingPart(bytes, start) {
  const part = partOf(bytes, start);
  return mayMove(part) ? Buffer.from(part) : part;
}

function asBuffer({ chunk, encoding }) {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : trusted(chunk);
}

/** The bytes of Buffers and UTF-8 strings. */
function sizeOf(chunks) {
  return chunks.reduce((bytes, chunk) => bytes + Buffer.byteLength(chunk), 0);
}

/** For all streams of which nothing was held yet: most never wait. */
Held.NOTHING = new Held();

module.exports = Held;
