'use strict';

// How much of a stream its feed is given, and when: as long as there is room in the Rust-owned buffer.
// What there is no room for is held, and `Writable` waits with its queue meanwhile.

const Held = require('./held.js');

/**
 * A held Buffer is copied in pieces of so many bytes: the driver can begin with the first, and the
 * Rust-owned buffer's bound is missed by one at most.
 */
const PIECE_BYTES = 256 * 1024;

/** What is copied of a large Buffer that a direct stream can't send at once. */
const PILOT_BYTES = 64 * 1024;

class Intake {
  #feed;
  #stream;
  /** The Rust-owned buffer is full when so many bytes wait in it. */
  #limitBytes;
  /** A flush writes from inside of the call what the system takes at once; see src/io/socket.rs. */
  #isDirect;
  #held = new Held();

  /** Rust takes what comes, be it ever so much. */
  takesAll;

  /**
   * @param {Feed} feed
   * @param {Writable} stream
   * @param {object} settings
   * @param {number} settings.bufferSize
   * @param {number} settings.maxBytes how much may wait on both levels
   * @param {boolean} settings.isDirect
   * @param {boolean} settings.takesAll
   */
  constructor(feed, stream, { bufferSize, maxBytes, isDirect, takesAll }) {
    this.#feed = feed;
    this.#stream = stream;
    this.#isDirect = isDirect;
    this.#limitBytes = this.#limit(bufferSize, maxBytes);
    this.takesAll = takesAll;
  }

  /**
   * Without a buffer it is full with the first byte and has room after the last. Under a bound there
   * must be room for a batch of text besides.
   */
  #limit(bufferSize, maxBytes) {
    const stageBytes = this.#feed.fitStage(Math.min(bufferSize, maxBytes));
    return Math.max(Math.min(bufferSize, maxBytes - stageBytes), 1);
  }

  /** There is room, as far as Rust has told. */
  get hasRoom() {
    return this.#feed.pendingBytes < this.#limitBytes;
  }

  /** The feed may be given something that comes past `Writable`. */
  get isReady() {
    return (this.hasRoom || this.takesAll) && !this.isWaiting;
  }

  /** So few bytes wait that what was told to wait may go on. */
  get isLow() {
    return this.#feed.pendingBytes <= this.#lowBytes;
  }

  get #lowBytes() {
    return this.#isDirect && this.#heldLarge !== null ? 0 : this.#limitBytes / 2;
  }

  /** The count of completed bytes from which on it is low. */
  get lowPosition() {
    return Math.ceil(this.#feed.acceptedBytes - this.#lowBytes);
  }

  /** Asks Rust, without waiting for an event, whether there is room again. */
  hasRoomAgain() {
    this.#feed.look();
    return this.#feed.pendingBytes <= this.#limitBytes / 2;
  }

  /** `Writable` waits for its callback. */
  get isWaiting() {
    return this.#held.isWaiting;
  }

  /** By how much more than Rust has accepted `Writable` has passed on. */
  get surplusBytes() {
    return this.#held.surplusBytes;
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts, some of which Rust may have by now
   */
  waitingBytes(queuedBytes) {
    this.#feed.encode();
    this.#feed.look();
    return this.#feed.pendingBytes + Math.max(0, queuedBytes - this.#held.sharedBytes);
  }

  /** Takes what `Writable` passes on; it waits for `callback`. */
  hold(chunks, callback) {
    this.#held.hold(chunks, callback);
  }

  /** Gives the feed what is held as far as there is room. Returns whether that was anything. */
  takeHeld() {
    let hasTaken = false;
    while (!this.#held.isEmpty && this.#makeRoom()) {
      if (this.#isDirect) this.#takeDirectly();
      else this.#feed.take(this.#held.next(PIECE_BYTES));
      hasTaken = true;
    }
    return hasTaken;
  }

  /** Nothing is held any more, and there is room for more. */
  isDone() {
    return this.#held.isEmpty && this.#makeRoom();
  }

  #makeRoom() {
    if (!this.#isDirect) return this.hasRoom;
    const limitBytes = this.#heldLarge === null ? this.#limitBytes : 1;
    if (this.#feed.pendingBytes >= limitBytes) this.#feed.flush();
    return this.#feed.pendingBytes < limitBytes;
  }

  /** A large Buffer is copied only to know, by its first piece, when the system takes the rest. */
  #takeDirectly() {
    const large = this.#heldLarge;
    const sent = large === null ? 0 : this.#feed.send(large);
    if (sent > 0) this.#held.advance(sent);
    if (sent < large?.length || large === null) this.#feed.take(this.#held.next(PILOT_BYTES));
  }

  /** A Buffer for which `write()` has answered false, so that it may stay where it is. */
  get #heldLarge() {
    return this.#held.large(Math.max(PILOT_BYTES, this.#stream.writableHighWaterMark));
  }

  /**
   * Gives the feed all that the stream has accepted, whatever the limit: what is held, and what waits in
   * `Writable`'s own queue, whose chunks are passed over when it comes to them.
   * @param {boolean} takesQueue false while `Writable` itself may be at work on its queue
   */
  takeAll(takesQueue) {
    while (!this.#held.isEmpty) this.#feed.take(this.#held.next(PIECE_BYTES));
    if (!takesQueue) return;
    const ahead = this.#held.takeAhead(this.#stream.writableBuffer);
    for (const bytes of ahead) this.#feed.append(bytes);
  }

  /** `Writable` may go on. Returns its callback. */
  release() {
    return this.#held.release();
  }

  /** Drops what is held and returns `Writable`'s callback, if it waits for one. */
  drop() {
    return this.#held.drop();
  }
}

module.exports = Intake;
