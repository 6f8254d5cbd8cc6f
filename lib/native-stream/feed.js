'use strict';

// A native stream as the outlet feeds it: what Rust is given, and how much of it waits.

const { LARGE_BYTES, byteLengthOf, partOf } = require('../chunk.js');
const addon = require('../native.js');
const turn = require('../turn.js');

class Feed {
  /** The number; null before a file is open or a socket connected, and once the stream is gone. */
  id = null;
  /** A flush writes at once what the system takes without waiting. */
  isDirect;
  /** Bytes that wait for the system, as far as Rust has told; it tells with every append. */
  pendingBytes = 0;
  /** Bytes that Rust had accepted at the last flush. */
  #acceptedBytes = 0;
  /** It has accepted more since. */
  #isCountOld = false;
  /** Rust was given nothing that is not handed over. */
  isFlushed = false;
  /** The last flush has left bytes that the system did not take at once. */
  #isStalled = false;

  /** @param {boolean} isDirect a flush writes from inside of the call; see src/io/engine/socket.rs */
  constructor(isDirect) {
    this.isDirect = isDirect;
  }

  get exists() {
    return this.id !== null;
  }

  /** The same if the system has refused some of them, which is known of a direct stream; else zero. */
  get refusedBytes() {
    return this.#isStalled ? this.pendingBytes : 0;
  }

  /** Bytes that Rust had accepted at the last flush. */
  get acceptedBytes() {
    if (this.#isCountOld && this.exists) this.#acceptedBytes = addon.flush(this.id);
    this.#isCountOld = false;
    return this.#acceptedBytes;
  }

  /** Gives Rust the bytes of one write. A large Buffer of a direct stream goes to the system first. */
  append(bytes) {
    const size = byteLengthOf(bytes);
    const sent = this.isDirect && size >= LARGE_BYTES ? this.send(bytes) : 0;
    if (sent === size) return;
    this.copy(sent === 0 ? bytes : partOf(bytes, sent));
  }

  /**
   * Gives Rust one write, and hands it over: a direct stream's is with the system then, if that takes it.
   * Returns whether it did.
   */
  writeString(text, encoding) {
    switch (encoding) {
      case 'utf8':
      case 'utf-8':
        return this.#afterWrite(addon.writeString(this.id, text), text.length);
      case 'latin1':
      case 'binary':
      case 'ascii':
        return this.#afterWrite(addon.writeLatin1(this.id, text), text.length);
    }
    const bytes = Buffer.from(text, encoding);
    return this.writeFront(bytes, bytes.length);
  }

  /** The same with so many bytes of a Buffer. */
  writeFront(bytes, length) {
    return this.#afterWrite(addon.writeBytes(this.id, bytes, length), length);
  }

  #afterWrite(pendingBytes, length) {
    this.pendingBytes = pendingBytes;
    this.isFlushed = true;
    this.#isCountOld = true;
    this.#isStalled = pendingBytes > 0;
    turn.charge(length);
    return pendingBytes === 0;
  }

  /**
   * Gives the driver one write, a UTF-8 string or a Buffer, in one call; all before it was handed over.
   * @param {boolean} watches one progress event comes when it is completed
   */
  handOver(chunk, watches) {
    const total =
      typeof chunk === 'string'
        ? addon.handOverString(this.id, chunk, watches)
        : addon.handOverBytes(this.id, chunk, watches);
    const bytes = total - this.#acceptedBytes;
    this.#acceptedBytes = total;
    this.pendingBytes += bytes;
    this.isFlushed = true;
    turn.charge(bytes);
  }

  /** Copies bytes into Rust. */
  copy(bytes) {
    this.pendingBytes = addon.appendBytes(this.id, bytes);
    this.isFlushed = false;
    turn.charge(byteLengthOf(bytes));
  }

  /** Gives the system what it takes at once of a Buffer. Returns how many bytes that is. */
  send(bytes) {
    const sent = addon.sendBytes(this.id, bytes);
    this.isFlushed = false;
    if (sent > 0) this.pendingBytes = 0;
    turn.charge(sent);
    return sent;
  }

  /** A Buffer has lost its memory before the system had all of it: the stream fails. */
  loseMemory() {
    addon.loseMemory(this.id);
  }

  /**
   * Gives Rust a string. Returns whether it has surrogate pairs; then Rust has refused it unless
   * `isSeamless`.
   */
  appendText(text, isSeamless) {
    const answer = addon.appendString(this.id, text, isSeamless);
    const hasPairs = answer < 0;
    // Not `~`, which cuts to 32 bits.
    this.pendingBytes = hasPairs ? -1 - answer : answer;
    this.isFlushed = false;
    return hasPairs;
  }

  /** Hands to the driver what Rust has. A direct stream's has written what it could by now. */
  flush() {
    if (this.isFlushed) return this.refresh();
    this.#acceptedBytes = addon.flush(this.id);
    this.#isCountOld = false;
    this.isFlushed = true;
    this.refresh();
    this.#isStalled = this.pendingBytes > 0;
  }

  /** A write failed in a call of this thread, not behind its back. */
  get hasFailedInCall() {
    return this.exists && addon.hasFailedInCall(this.id);
  }

  /** Asks Rust how many bytes wait, if any did. */
  refresh() {
    if (this.pendingBytes > 0) this.pendingBytes = addon.pending(this.id);
  }

  /** The system has so many bytes. Rust is asked only if it may have more. */
  noteCompleted(completedBytes) {
    if (this.isFlushed && !this.#isCountOld && completedBytes === this.#acceptedBytes) {
      this.pendingBytes = 0;
    } else {
      this.refresh();
    }
  }

  /** No flush comes any more. */
  keepCount() {
    this.#acceptedBytes = addon.accepted(this.id);
    this.#isCountOld = false;
  }

  /** Nothing waits any more: the stream has finished, failed or closed. */
  forgetPending() {
    this.pendingBytes = 0;
  }
}

module.exports = Feed;
