'use strict';

// The way of bytes into a native stream.
//
// Strings are gathered in one and encoded once a batch; small Buffers are gathered, too. Others are
// copied into Rust inside the call, or given to the system from where they are.

const { byteLengthOf, partOf } = require('./chunk.js');
const native = require('./native.js');
const turn = require('./turn.js');

/**
 * Strings are encoded once they have this many UTF-16 units together. V8 appends without copying
 * and copies once, for the encoder; a batch that fits its cache costs least.
 */
const STAGE_UNITS = 16 * 1024;

/** A longer string is encoded by itself, as a Buffer. */
const LONG_UNITS = 64 * 1024;

/**
 * A direct stream's Buffers from this size on are given to the system as they are: what it takes at
 * once is not copied. Smaller ones are better gathered for one system call.
 */
const DIRECT_BYTES = 32 * 1024;

/** Smaller Buffers are gathered: a call of Rust costs as much as a copy of so many bytes, or more. */
const SMALL_BYTES = 1024;

/** Where small Buffers of one stream at a time are gathered, and how many bytes of whom there are. */
const desk = { bytes: null, length: 0, feed: null };

class Feed {
  #id;
  #isDirect;
  /** How much text is staged at most. */
  #stageUnits = STAGE_UNITS;

  /** Strings that are not encoded yet, as one, and where each of the first so many ends in it. */
  #text = '';
  #strings = 0;
  #ends = [];
  /** The last batch had surrogate pairs, halves of which may have met where strings join. */
  #hasPairs = false;

  /** Bytes in Rust's buffer when it last said so; it says so with every append. */
  pendingBytes = 0;
  /** Bytes that Rust had accepted at the last flush. */
  acceptedBytes = 0;
  /** Rust was given nothing since. */
  #isFlushed = false;

  /**
   * @param {number} id the native stream's
   * @param {boolean} isDirect a flush writes from inside of the call; see src/io/socket.rs
   */
  constructor(id, isDirect) {
    this.#id = id;
    this.#isDirect = isDirect;
  }

  /**
   * Under a small bound less text is staged than a batch, which would overfill it. A character takes
   * three bytes at most.
   * @param {number} boundBytes
   * @returns {number} how many bytes the staged text may come to
   */
  fitStage(boundBytes) {
    this.#stageUnits = Math.min(STAGE_UNITS, Math.ceil(boundBytes / 8));
    return 3 * this.#stageUnits;
  }

  /** Nothing is gathered that Rust does not have. */
  get isEmpty() {
    return this.#text === '' && desk.feed !== this;
  }

  /** Takes a string or Uint8Array of which Rust and the turn learn nothing yet. Returns whether it did. */
  gather(chunk) {
    return typeof chunk === 'string' ? this.#gatherText(chunk) : this.#gatherBytes(chunk);
  }

  /** Only behind another string: a Buffer that was taken says nothing about how strings are encoded. */
  #gatherText(line) {
    if (this.#text === '' || this.#text.length + line.length >= this.#stageUnits) return false;
    this.#add(line);
    return true;
  }

  #gatherBytes(bytes) {
    const size = byteLengthOf(bytes);
    const length = desk.length + size;
    // Nothing can be copied from a view whose memory is gone, which has no length.
    if (desk.feed !== this || length >= this.#stageUnits || size === 0) return false;
    desk.bytes.set(bytes, desk.length);
    desk.length = length;
    return true;
  }

  /** Takes a Buffer or a UTF-8 string. */
  take(chunk) {
    if (typeof chunk !== 'string') this.#takeBytes(chunk);
    else if (chunk.length <= LONG_UNITS) this.#stage(chunk);
    else this.append(Buffer.from(chunk));
  }

  #takeBytes(bytes) {
    const size = byteLengthOf(bytes);
    if (size >= SMALL_BYTES) return this.append(bytes);
    // Text that stays gathered says that nothing came since that is no UTF-8 string.
    if (this.#text !== '') this.encode();
    // Nothing can be copied from a view whose memory is gone.
    if (size === 0) return;
    if (desk.feed !== this) this.#takeDesk();
    desk.bytes.set(bytes, desk.length);
    desk.length += size;
    if (desk.length >= this.#stageUnits) this.encode();
  }

  #takeDesk() {
    desk.feed?.encode();
    desk.feed = this;
    desk.bytes ??= Buffer.allocUnsafeSlow(STAGE_UNITS + SMALL_BYTES);
  }

  #leaveDesk() {
    desk.feed = null;
    desk.length = 0;
  }

  /** Gives a Buffer to Rust, behind all that came before it. */
  append(bytes) {
    this.encode();
    const size = byteLengthOf(bytes);
    const sent = this.#isDirect && size >= DIRECT_BYTES ? this.send(bytes) : 0;
    if (sent === size) return;
    this.#appendBytes(sent === 0 ? bytes : partOf(bytes, sent));
    turn.charge(size - sent);
  }

  #appendBytes(bytes) {
    this.pendingBytes = native.appendBytes(this.#id, bytes);
    this.#isFlushed = false;
  }

  /** Gives the system what it takes at once of a Buffer, and returns how many bytes that is. */
  send(bytes) {
    this.encode();
    const sent = native.sendBytes(this.#id, bytes);
    this.#isFlushed = false;
    if (sent > 0) this.pendingBytes = 0;
    turn.charge(sent);
    return sent;
  }

  /** Keeps a string for the next batch. */
  #stage(line) {
    if (desk.feed === this) this.encode();
    this.#add(line);
    if (this.#text.length >= this.#stageUnits) this.encode();
  }

  #add(line) {
    if (line === '') return;
    const text = this.#text + line;
    this.#text = text;
    this.#ends[this.#strings++] = text.length;
  }

  /** Gives Rust what is gathered. Strings and Buffers never are at the same time. */
  encode() {
    if (desk.feed === this) this.#appendDesk();
    else if (this.#text !== '') this.#appendText();
  }

  #appendDesk() {
    const bytes = desk.bytes.subarray(0, desk.length);
    this.#leaveDesk();
    this.#appendBytes(bytes);
    turn.charge(bytes.length);
  }

  #appendText() {
    const text = this.#text;
    const strings = this.#strings;
    this.#unstage();
    turn.charge(text.length);
    if (!this.#hasPairs) {
      this.#encodeText(text, strings === 1);
      if (!this.#hasPairs || strings === 1) return;
    }
    const ends = this.#ends.slice(0, strings);
    for (const run of splitAtSeams(text, ends)) this.#encodeText(run, true);
  }

  #unstage() {
    this.#text = '';
    this.#strings = 0;
    if (desk.feed === this) this.#leaveDesk();
  }

  /** Unless `isSeamless`, text with surrogate pairs is refused. */
  #encodeText(text, isSeamless) {
    const pendingBytes = native.appendString(this.#id, text, isSeamless);
    this.#hasPairs = pendingBytes < 0;
    // Not `~`, which cuts to 32 bits.
    this.pendingBytes = this.#hasPairs ? -1 - pendingBytes : pendingBytes;
    this.#isFlushed = false;
  }

  /** Hands all that was taken to the driver. A direct stream's has written what it could by now. */
  flush() {
    this.encode();
    if (!this.#isFlushed) this.acceptedBytes = native.flush(this.#id);
    this.#isFlushed = true;
    this.look();
  }

  /** Asks Rust how many bytes wait, if any did. */
  look() {
    if (this.pendingBytes > 0) this.pendingBytes = native.pending(this.#id);
  }

  /** Forgets what the driver has not taken. */
  discard() {
    this.#unstage();
    native.discard(this.#id);
  }

  /** The stream failed, so that nothing waits any more. */
  drop() {
    this.#unstage();
    this.pendingBytes = 0;
  }
}

/**
 * Splits text where a high surrogate at the end of one string and a low one at the beginning of the
 * next would become one character that neither contained.
 * @param {string} text
 * @param {number[]} ends where each string ends in it
 */
function splitAtSeams(text, ends) {
  const runs = [];
  let start = 0;
  for (const end of ends) {
    if (end > start && isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end))) {
      runs.push(text.slice(start, end));
      start = end;
    }
  }
  runs.push(text.slice(start));
  return runs;
}

function isHigh(unit) {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit) {
  return (unit & 0xfc00) === 0xdc00;
}

module.exports = Feed;
