'use strict';

// What is gathered for one call of Rust: strings as one, encoded together, or small Buffers in one
// piece of memory. Longer chunks go to Rust in a call of their own, after the gathered ones.

const { byteLengthOf, lengthOf, trusted } = require('../chunk.js');
const turn = require('../turn.js');
const { BATCH_UNITS, BYTES_A_UNIT, LONG_UNITS, SHORT_UNITS, SMALL_BYTES } = require('./desk.js');
const { addShort, desk, leave, takeFor } = require('./desk.js');

class Batch {
  #native;
  /** How many UTF-16 units, or bytes, are gathered at most, and how many as far as the next write is concerned. */
  #mostUnits = BATCH_UNITS;
  #maxUnits = BATCH_UNITS;
  /** The strings as one, how many they are, and where each of them ends. */
  #text = '';
  #strings = 0;
  #ends = null;
  /** Only plain writes have come since the last one that was appended, so that more of them may `join()`. */
  isOpen = false;
  /** How many writes were given to Rust. */
  #earlierWrites = 0;
  /** The last text had surrogate pairs, halves of which may have met where strings join. */
  #hasPairs = false;
  /** What is gathered is never more than the maximum, unless it is one chunk. */
  #isStrict;

  /**
   * @param {NativeStream} native
   * @param {number} [fileSize] of a stream whose files have a size. What is gathered goes to one file,
   *   so that it is a small part of one
   */
  constructor(native, fileSize) {
    this.#native = native;
    this.#isStrict = fileSize !== undefined;
    if (this.#isStrict) this.limit(fileSize / 8);
  }

  /**
   * Under a small bound less is gathered, which would overfill it. A character takes three bytes at most.
   * @param {number} boundBytes
   * @returns {number} how many bytes the gathered text may come to
   */
  limit(boundBytes) {
    this.#mostUnits = Math.min(this.#mostUnits, Math.ceil(boundBytes / 8));
    this.#maxUnits = this.#mostUnits;
    return BYTES_A_UNIT * this.#maxUnits;
  }

  get isEmpty() {
    return this.#text === '' && desk.batch !== this;
  }

  open() {
    this.isOpen = true;
  }

  /**
   * Gives Rust what is gathered if it may come to so many bytes, which only the encoder knows; a shorter
   * batch stays, and may grow by as little as that.
   */
  commitNear(bytes) {
    this.#maxUnits = Math.min(this.#mostUnits, Math.floor(bytes / BYTES_A_UNIT));
    const units = desk.batch === this ? desk.length : this.#text.length;
    if (units >= this.#maxUnits) this.commit();
  }

  /** Something else than a plain write is done to the stream. */
  close() {
    this.isOpen = false;
  }

  /** Adds a string or Uint8Array if the batch is open, and of the same kind, and has room. Returns whether it did. */
  join(chunk, highWaterMark = Infinity) {
    if (!this.isOpen) return false;
    if (typeof chunk === 'string') return chunk.length < highWaterMark && this.#joinText(chunk);
    const length = lengthOf(chunk);
    // What is no chunk has no length.
    return length < highWaterMark && this.#joinBytes(chunk, length);
  }

  /** Only behind another string: a Buffer says nothing about how strings are encoded. */
  #joinText(line) {
    if (this.#text === '' || this.#text.length + line.length >= this.#maxUnits) return false;
    this.#addText(line);
    return true;
  }

  #joinBytes(bytes, size) {
    const length = desk.length + size;
    // Nothing can be copied from a view whose memory is gone, which has no length.
    if (desk.batch !== this || length >= this.#maxUnits || size === 0) return false;
    desk.bytes.set(bytes, desk.length);
    desk.length = length;
    desk.writes++;
    return true;
  }

  /** Gives Rust what is gathered if a chunk that may join finds no room. Returns whether it did. */
  makeRoom(chunk, highWaterMark) {
    const isOfKind = typeof chunk === 'string' ? this.#text !== '' : desk.batch === this;
    const length = this.isOpen && isOfKind ? lengthOf(chunk) : 0;
    const mayJoin = length > 0 && length < highWaterMark && length < SMALL_BYTES;
    if (mayJoin) this.commit();
    return mayJoin;
  }

  /** How many writes there were that had bytes. */
  get writes() {
    return this.#earlierWrites + (desk.batch === this ? desk.writes : this.#strings);
  }

  /** One that went to the system past the batch. */
  countWrite() {
    this.#earlierWrites++;
  }

  /** Appends a Buffer or a UTF-8 string to what is gathered, or gives it to Rust behind that. */
  append(chunk) {
    if (typeof chunk !== 'string') this.#addBytes(chunk, byteLengthOf(chunk));
    else if (chunk.length <= LONG_UNITS) this.#addString(chunk);
    else this.appendWrite(Buffer.from(chunk));
  }

  #addBytes(bytes, size) {
    if (size >= SMALL_BYTES) return this.appendWrite(bytes);
    // Text that stays gathered says that nothing came since that is no UTF-8 string.
    if (this.#text !== '') this.commit();
    // Nothing can be copied from a view whose memory is gone.
    if (size === 0) return;
    if (this.#isStrict && desk.length + size > this.#maxUnits) this.commit();
    if (desk.batch !== this) takeFor(this);
    desk.bytes.set(bytes, desk.length);
    desk.length += size;
    desk.writes++;
    if (desk.length >= this.#maxUnits) this.commit();
  }

  /** Appends entries of `Writable`'s, in any encoding: small ones make one piece. */
  appendEntries(entries) {
    for (let i = 0; i < entries.length; i++) this.#addAny(entries[i].chunk, entries[i].encoding);
  }

  #addAny(chunk, encoding) {
    if (typeof chunk !== 'string') this.#addChunk(chunk);
    else if (chunk.length <= SHORT_UNITS) this.#addEncoded(chunk, encoding);
    else this.#copyWrite(Buffer.from(chunk, encoding));
  }

  /** The same of writes that were made while the stream was corked. */
  appendVector(writes) {
    let i = 0;
    if (writes.length <= SHORT_UNITS && !this.#isStrict) {
      if (this.#text !== '' || desk.length + writes.length * BYTES_A_UNIT > BATCH_UNITS)
        this.commit();
      if (desk.batch !== this) takeFor(this);
      i = addShort(writes);
      if (desk.length >= this.#maxUnits) this.commit();
    }
    for (; i < writes.count; i++) this.#addAny(writes.chunks[i], writes.encodingAt(i));
  }

  /** A small one is copied by its internal slots, whatever it says of itself. */
  #addChunk(chunk) {
    const size = lengthOf(chunk);
    if (size < SMALL_BYTES) this.#addBytes(chunk, size);
    else this.#copyWrite(trusted(chunk));
  }

  /** However large it is: a vector is to leave in one call of the system. */
  #copyWrite(bytes) {
    this.#earlierWrites++;
    this.commit();
    this.#native.copy(bytes);
  }

  #addEncoded(text, encoding) {
    if (this.#text !== '') this.commit();
    if (text === '') return;
    if (desk.length + text.length * BYTES_A_UNIT > BATCH_UNITS + SMALL_BYTES) this.commit();
    if (desk.batch !== this) takeFor(this);
    desk.length += desk.bytes.write(text, desk.length, encoding);
    desk.writes++;
    if (desk.length >= this.#maxUnits) this.commit();
  }

  #addString(line) {
    if (desk.batch === this) this.commit();
    if (this.#isStrict && this.#text.length + line.length > this.#maxUnits) this.commit();
    this.#addText(line);
    if (this.#text.length >= this.#maxUnits) this.commit();
  }

  #addText(line) {
    if (line === '') return;
    const text = this.#text + line;
    this.#text = text;
    this.#ends ??= [];
    this.#ends[this.#strings++] = text.length;
  }

  /** Gives Rust the Buffer of one write in a call of its own, after the gathered chunks. */
  appendWrite(bytes) {
    this.#earlierWrites++;
    this.appendBytes(bytes);
  }

  /** The same for a part of a write. */
  appendBytes(bytes) {
    this.commit();
    this.#native.append(bytes);
  }

  /** Gives Rust what is gathered: strings or Buffers, never both. */
  commit() {
    if (desk.batch === this) this.#commitDesk();
    else if (this.#text !== '') this.#commitText();
  }

  #commitDesk() {
    const bytes = desk.bytes.subarray(0, desk.length);
    this.#earlierWrites += desk.writes;
    leave();
    this.#native.copy(bytes);
  }

  #commitText() {
    const text = this.#text;
    const strings = this.#strings;
    this.#earlierWrites += strings;
    this.clear();
    turn.charge(text.length);
    if (!this.#hasPairs) {
      this.#hasPairs = this.#native.appendText(text, strings === 1);
      if (!this.#hasPairs || strings === 1) return;
    }
    const splitAtSeams = require('../seams.js');
    const ends = this.#ends.slice(0, strings);
    for (const run of splitAtSeams(text, ends)) this.#hasPairs = this.#native.appendText(run, true);
  }

  /** Hands what was accepted to the driver. */
  flush() {
    if (!this.#native.exists) return;
    this.commit();
    this.#native.flush();
  }

  /** Hands one write to the driver, behind what is gathered. Returns whether an event will tell of its end. */
  handOver(chunk, watches) {
    this.commit();
    const size = lengthOf(chunk);
    if (size === 0) return false;
    this.#earlierWrites++;
    const isLong = typeof chunk === 'string' && size > LONG_UNITS;
    this.#native.handOver(isLong ? Buffer.from(chunk) : chunk, watches);
    return watches;
  }

  /**
   * Writes one chunk, by one call; of a direct stream, and nothing waits. Returns whether the system has
   * taken it.
   */
  writeOne(chunk, encoding) {
    const size = lengthOf(chunk);
    if (size === 0) return true;
    this.#earlierWrites++;
    if (typeof chunk !== 'string') return this.#native.writeFront(chunk, size);
    return this.#native.writeString(chunk, encoding);
  }

  /** The same of writes that were made while the stream was corked. */
  writeVector(writes) {
    if (writes.count === 1) return this.writeOne(writes.chunks[0], writes.encodingAt(0));
    this.appendVector(writes);
    return this.writeAtOnce();
  }

  /** Writes what is gathered, by one call; of a direct stream, and nothing else waits. Returns whether it is taken. */
  writeAtOnce() {
    if (desk.batch !== this) {
      this.flush();
      return this.#native.pendingBytes === 0;
    }
    const { length } = desk;
    this.#earlierWrites += desk.writes;
    leave();
    return this.#native.writeFront(desk.bytes, length);
  }

  /** Drops what is gathered. */
  clear() {
    this.#text = '';
    this.#strings = 0;
    if (desk.batch === this) leave();
  }
}

module.exports = Batch;
