'use strict';

// How much may wait for the system: when `write()` says false and when `drain` follows, and what
// `Writable` passes on while there is no room, which is held here while `Writable` waits.

const { AsyncResource } = require('node:async_hooks');
const Fullness = require('./fullness.js');
const Held = require('./held.js');
const Limit = require('./limit.js');
const Refused = require('./refused.js');

const { NOTHING } = Held;

/** What is copied of a large Buffer that a direct stream can't send at once. */
const PILOT_BYTES = 64 * 1024;

class Backpressure extends Limit {
  #stream;
  #held = NOTHING;
  /** `write()` said false, and `drain` has to follow in this context: the one of that write. */
  #drainScope = null;
  /** It comes when nothing waits any more. */
  #isAllAwaited = false;
  /** Of a stream that somebody has waited for; most short ones never have it. */
  #fullness = null;
  /** Of a direct stream, once the system has refused bytes, or counts no more. */
  #refused = null;

  /**
   * @param {NativeStream} native
   * @param {Batch} batch
   * @param {Writable} stream
   * @param {object} settings see lib/outlet/limit.js
   */
  constructor(native, batch, stream, settings) {
    super(native, batch, settings);
    this.#stream = stream;
  }

  /** A write may go past `Writable`. */
  get isReady() {
    return (this.hasRoom || this.isUnlimited) && (this.#held === NOTHING || !this.#held.isWaiting);
  }

  /** So few bytes wait that what was told to wait may go on. */
  get isLow() {
    return this.unwrittenBytes <= this.#lowBytes();
  }

  #lowBytes() {
    if (this.isMark) return 0;
    const isAllAwaited = this.#isAllAwaited || this.#heldLarge() !== null;
    return this.native.isDirect && isAllAwaited ? 0 : this.limitBytes / 2;
  }

  /** The count of completed bytes from which on it is low. */
  get lowPosition() {
    return Math.ceil(this.native.acceptedBytes - this.#lowBytes());
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts, some of which Rust may have by now
   */
  waitingBytes(queuedBytes) {
    return this.count() + this.#unsharedBytes(queuedBytes);
  }

  /** Those of `Writable`'s bytes that Rust does not have. */
  #unsharedBytes(queuedBytes) {
    return Math.max(0, queuedBytes - this.#held.sharedBytes - this.countedBytes);
  }

  /** See lib/outlet/refused.js. */
  countRefused() {
    if (this.native.refusedBytes > 0 && this.native.isDirect) this.#ownRefused();
    return this.#refused?.count(this.#held.sharedBytes) ?? false;
  }

  uncount() {
    this.#refused?.uncount();
  }

  passVector() {
    this.#refused?.passVector();
  }

  get countedBytes() {
    return this.#refused?.bytes ?? 0;
  }

  set isCounting(isCounting) {
    if (this.native.isDirect) this.#ownRefused().isCounting = isCounting;
  }

  #ownRefused() {
    this.#refused ??= new Refused(this.native, this.#stream);
    return this.#refused;
  }

  get needsDrain() {
    return this.#drainScope !== null;
  }

  /** `write()` says false. */
  askForDrain() {
    this.#drainScope ??= new AsyncResource('RUSHWRITE');
    this.noteFull();
  }

  /** Somebody may wait for room from now on. */
  noteFull() {
    if (!this.isAwaited) return;
    this.#fullness ??= new Fullness();
    this.#fullness.begin();
  }

  #noteRoom() {
    if (!this.isAwaited) this.#fullness?.end();
  }

  /** What `stats()` tells of what waits in JavaScript. */
  stats() {
    this.batch.commit();
    const { length } = this.#stream._writableState;
    return {
      queuedBytes: this.#unsharedBytes(length),
      writes: this.batch.writes,
      drains: this.#fullness?.drains ?? 0,
      fullMicros: this.#fullness?.micros ?? 0,
    };
  }

  /** `drain` is to follow when nothing waits any more, not before. */
  askForAll() {
    this.#isAllAwaited = true;
    this.askForDrain();
  }

  /** `drain` is told, or nobody waits for it any more. Returns the context in which to tell it. */
  stopDrain() {
    const scope = this.#drainScope;
    this.#drainScope = null;
    this.#isAllAwaited = false;
    this.#noteRoom();
    return scope;
  }

  /** `Writable` waits for its callback. */
  get isHolding() {
    return this.#held.isWaiting;
  }

  /** Somebody waits for room: `Writable` for its callback, or the user for 'drain'. */
  get isAwaited() {
    return this.needsDrain || this.#held.isWaiting;
  }

  /** Nobody waits for room, and all that `Writable` has passed on is its own. */
  get isIdle() {
    return this.#drainScope === null && (this.#held === NOTHING || this.#held.isIdle);
  }

  /** By how much more than Rust has accepted `Writable` has passed on. */
  get surplusBytes() {
    return this.#held.surplusBytes;
  }

  /**
   * So many bytes wait on both levels that a write is refused.
   * @param {number} queuedBytes as for `waitingBytes()`
   */
  isOver(queuedBytes) {
    return this.maxBytes !== null && this.waitingBytes(queuedBytes) >= this.maxBytes;
  }

  /** Rust has chunks of `Writable`'s queue already. */
  get isSharing() {
    return this.#held.sharedBytes > 0;
  }

  /** Holds what `Writable` passes on; it waits for `callback`. */
  hold(chunks, callback) {
    this.#ownHeld().hold(chunks, callback);
  }

  #ownHeld() {
    if (this.#held === NOTHING) this.#held = new Held();
    return this.#held;
  }

  /** Gives Rust what is held, as far as there is room. Returns whether a flush has to follow. */
  moveHeld() {
    let hasMoved = false;
    while (!this.#held.isEmpty && this.#makeRoom()) {
      if (this.native.isDirect && this.#held.hasLost) {
        // An event tells.
        this.native.loseMemory();
        break;
      }
      if (this.native.isDirect) this.#moveDirectly();
      else this.#move(this.#held.next());
      hasMoved = true;
      this.afterAppend();
    }
    // What the system took directly needs no flush; of what it has refused, a piece is pending.
    const isSent = this.native.isDirect && this.batch.isEmpty && this.native.pendingBytes === 0;
    return hasMoved && !isSent;
  }

  #move(chunk) {
    this.growFor(chunk.length);
    this.batch.append(chunk);
  }

  /**
   * If nothing is held any more and there is room, `Writable` may go on. Returns its callback, or null if it is to
   * wait, or does not.
   */
  nextWritable() {
    if (!this.#held.isWaiting) return null;
    if (!this.#held.isEmpty || !this.#makeRoom()) {
      this.noteFull();
      return null;
    }
    const callback = this.#held.stopWaiting();
    this.#noteRoom();
    return callback;
  }

  #makeRoom() {
    if (!this.native.isDirect) return this.hasRoom;
    const limitBytes = this.#heldLarge() === null ? this.limitBytes : 1;
    if (this.native.pendingBytes >= limitBytes) this.batch.flush();
    return this.native.pendingBytes < limitBytes;
  }

  /** A large Buffer is copied only to know, by its first piece, when the system takes the rest. */
  #moveDirectly() {
    const large = this.#heldLarge();
    if (large === null) return this.batch.append(this.#held.next(PILOT_BYTES));
    const sent = this.#send(large);
    if (sent > 0) this.#held.skip(sent);
    if (sent < large.length) this.batch.appendBytes(this.#held.next(PILOT_BYTES));
    if (sent + PILOT_BYTES >= large.length) this.batch.countWrite();
  }

  #send(bytes) {
    this.batch.commit();
    return this.native.send(bytes);
  }

  /** A Buffer for which `write()` has answered false, so that it may stay where it is. */
  #heldLarge() {
    return this.#held.largeBuffer(Math.max(PILOT_BYTES, this.#stream.writableHighWaterMark));
  }

  /**
   * Gives Rust all that the stream has accepted, whatever the limit: what is held, and what waits in
   * `Writable`'s own queue, whose chunks are left out when it comes to them.
   * @param {boolean} takesQueue false while `Writable` itself may be at work on its queue
   */
  moveAll(takesQueue) {
    while (!this.#held.isEmpty) this.batch.append(this.#held.next());
    if (!takesQueue) return;
    const entries = this.#stream.writableBuffer;
    if (entries.length === 0) return;
    const ahead = this.#ownHeld().copyAhead(entries);
    for (const bytes of ahead) this.batch.appendWrite(bytes);
  }

  /** Drops what is held. Returns `Writable`'s callback, or null if it did not wait. */
  drop() {
    return this.#held.drop();
  }
}

module.exports = Backpressure;
