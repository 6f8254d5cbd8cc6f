'use strict';

// What an outlet does with bytes: it gathers them in a batch, gives them to Rust, answers whether there is room
// for more, and lets `Writable` go on.

const { trusted } = require('../chunk.js');
const exit = require('../exit.js');
const turn = require('../turn.js');
const Callbacks = require('./callbacks.js');
const { AT_ONCE_LENGTH, encoded, isSmall } = require('./entries.js');

class Intake {
  // For the subclass, too: a copy of its own would cost each socket more memory.
  native;
  batch;
  backpressure;
  callbacks;
  life;
  completion;
  schedule;
  syncs;
  reopens;
  /** What was written while the stream was corked; null if nothing was. See lib/socket/corked.js. */
  corked = null;

  /** @param {object} parts the outlet's */
  constructor(parts) {
    this.bound = parts.bound;
    this.native = parts.native;
    this.batch = parts.batch;
    this.backpressure = parts.backpressure;
    this.callbacks = parts.callbacks;
    this.life = parts.life;
    this.completion = parts.completion;
    this.schedule = parts.schedule;
    this.syncs = parts.syncs;
    this.reopens = parts.reopens;
  }

  /** The stream was given bytes that the system has not taken. */
  get hasPending() {
    return !this.batch.isEmpty || this.native.pendingBytes > 0;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.native.completedBytes;
  }

  /** Bytes that `Writable` has passed on: in Rust, held or, after a failure, dropped. */
  get acceptedBytes() {
    this.flush();
    return this.native.acceptedBytes + this.backpressure.surplusBytes;
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return !this.schedule.isFlushDue && this.completion.isDrained;
  }

  /** Nothing waits for the system, as far as Rust has told, and no end. */
  get isWritten() {
    return this.native.pendingBytes === 0 && !this.backpressure.isHolding && !this.life.isEnding;
  }

  /** The system has what was accepted in this tick, and there is nothing else to tell. */
  get hasWritten() {
    if (this.schedule.isTelling) return false;
    return this.#isAtRest && this.life.isLive && this.life.failure === null;
  }

  /** `take()` may be called, as far as Rust has told. */
  get isReady() {
    return this.schedule.isUsable && this.backpressure.isReady;
  }

  /** `take()` may be called, perhaps because there is room of which no event has told. */
  canTake() {
    return this.isReady || (!this.backpressure.isHolding && this.hasRoomAgain());
  }

  /** Asks Rust, without waiting for an event, whether there is room again. */
  hasRoomAgain() {
    return this.schedule.isUsable && this.backpressure.hasRoomAgain();
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts
   */
  waitingBytes(queuedBytes) {
    return this.schedule.isUsable ? this.backpressure.waitingBytes(queuedBytes) : queuedBytes;
  }

  /**
   * So many bytes wait on both levels that a write is refused.
   * @param {number} queuedBytes those that `Writable` counts
   */
  isOver(queuedBytes) {
    return this.backpressure.isOver(queuedBytes);
  }

  /** What `_writableState.length` counts besides what `Writable` has. */
  get countedBytes() {
    return this.backpressure.countedBytes;
  }

  /** `Writable` is to see its own bytes alone, in this tick as a rule. */
  uncount() {
    this.backpressure.uncount();
  }

  /** See lib/outlet/backpressure.js. */
  set isCounting(isCounting) {
    this.backpressure.isCounting = isCounting;
  }

  // Writes that go past `Writable`.

  /**
   * Adds a chunk to the open batch, and returns whether it did. `take()` opens the batch; anything but a
   * plain write closes it. Most writes end here, which makes lines a quarter faster.
   * @param {number} [highWaterMark] a longer chunk is not added, nor one of so many units
   */
  gather(chunk, highWaterMark = Infinity) {
    return !turn.isSpent && this.batch.join(chunk, highWaterMark);
  }

  /** Something else is done to the stream than a plain write. */
  stopGathering() {
    this.batch.close();
  }

  /**
   * Takes a Buffer or a UTF-8 string; `callback` is called when the system has it. Returns whether
   * there is room and time for more; after a false that is false until `afterDrain`.
   *
   * The first write of an idle stream is handed over at once: what the program does next, however long
   * it takes, comes after it. Others in the tick share a system call at its end, as a rule.
   * @param {'utf8' | 'latin1'} [encoding] of a string
   */
  take(chunk, callback, encoding = 'utf8') {
    if (this.callbacks.isEmpty && this.#mayWriteAtOnce(chunk)) {
      if (this.batch.writeOne(chunk, encoding)) return this.schedule.endTickAfter(callback);
      this.callbacks.renew();
      this.backpressure.countRefused();
    } else {
      const isIdle = this.#noteIdle();
      this.batch.append(encoding === 'utf8' ? chunk : Buffer.from(chunk, encoding));
      if (isIdle && !this.schedule.mayWait) this.batch.flush();
    }
    this.backpressure.afterAppend();
    if (this.backpressure.countedBytes > 0) this.backpressure.countRefused();
    if (callback !== undefined) this.callbacks.add(callback);
    this.schedule.flushSoon();
    if (this.backpressure.needsDrain) return false;
    const hasRoom = this.backpressure.hasRoom && (this.backpressure.isMark || this.#hasTime);
    if (!hasRoom) this.drainNextTurn();
    else if (!exit.isUnderWay) this.batch.open();
    return hasRoom;
  }

  /**
   * Takes writes that were made while the stream was corked, with their callbacks. Returns false if they have to wait
   * in `Writable`.
   * @param {CorkedWrites} writes
   */
  takeVector(writes) {
    if (this.callbacks.isEmpty && this.#mayWriteAtOnce(writes)) {
      if (this.batch.writeVector(writes)) return this.#tellVector(writes);
      this.callbacks.renew();
    } else {
      const isEasy = this.isReady && !turn.isSpent && !this.backpressure.isSharing;
      if (!isEasy || writes.length > AT_ONCE_LENGTH) return false;
      this.#noteIdle();
      this.batch.appendVector(writes);
    }
    for (let i = 0; i < writes.callbacks.length; i++) {
      if (writes.callbacks[i] !== undefined) this.callbacks.add(writes.callbacks[i]);
    }
    this.schedule.flushSoon();
    this.backpressure.countRefused();
    return true;
  }

  /** The system has them. */
  #tellVector({ callbacks }) {
    for (let i = 0; i < callbacks.length; i++) this.schedule.tellSoon(callbacks[i]);
    return this.schedule.endTickAfter();
  }

  /** A stream with a mark of the program's own stops there, as Node's does; any other leaves time for the rest. */
  get #hasTime() {
    return !turn.isSpent && !this.callbacks.isFull;
  }

  /** A direct stream was given nothing in this tick that the system does not have. */
  get #isAtRest() {
    return (
      this.native.isDirect &&
      !this.schedule.isFlushDue &&
      this.native.pendingBytes === 0 &&
      this.batch.isEmpty &&
      this.backpressure.isIdle
    );
  }

  /** This chunk, or vector, may go to the system within the call. */
  #mayWriteAtOnce(chunk) {
    const isShort = chunk.length <= AT_ONCE_LENGTH;
    return isShort && !turn.isSpent && !exit.isUnderWay && this.#isAtRest;
  }

  /** A write may find the stream idle: open, and with nothing to do. Returns whether it does. */
  #noteIdle() {
    if (!this.life.isOpened || !this.life.isOpenTold || this.schedule.isFlushDue) return false;
    this.backpressure.refresh();
    const isIdle = this.isDrained;
    if (isIdle) this.callbacks.renew();
    if (!this.native.isDirect) this.callbacks.capture();
    return isIdle;
  }

  // Writes that `Writable` passes on.

  /**
   * `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust has room for more.
   */
  write(chunks, callback) {
    if (this.life.error !== null) return callback(this.life.error);
    if (!this.native.isDirect) this.#noteIdle();
    this.backpressure.hold(chunks, callback);
    if (!turn.isSpent) return this.moveHeld();
    if (this.backpressure.moveHeld()) this.schedule.flushSoon();
    this.schedule.resumeSoon();
  }

  /** `_write` of a socket, in any encoding: goes to the system at once if the socket is idle. */
  writeEntry(chunk, encoding, callback) {
    if (!this.#mayPassAtOnce(chunk)) return this.#writeEntries([{ chunk, encoding }], callback);
    this.#afterEntries(this.batch.writeOne(trusted(chunk), encoding), callback);
  }

  /** The same for a vector: small entries make one piece. */
  writeEntries(entries, callback) {
    this.backpressure.passVector();
    this.#writeEntries(entries, callback);
  }

  #writeEntries(entries, callback) {
    if (this.#mayPassAtOnce(entries) && isSmall(entries)) {
      this.batch.appendEntries(entries);
      return this.#afterEntries(this.batch.writeAtOnce(), callback);
    }
    const isEasy = this.isReady && !turn.isSpent && !this.backpressure.isSharing;
    if (!isEasy || !isSmall(entries)) return this.write(entries.map(encoded), callback);
    this.batch.appendEntries(entries);
    this.#afterEntries(false, callback);
  }

  #mayPassAtOnce(chunk) {
    return this.#mayWriteAtOnce(chunk) && this.life.error === null;
  }

  /** @param {boolean} isWritten the system has all that was accepted */
  #afterEntries(isWritten, callback) {
    if (isWritten) {
      this.schedule.endTickAfter();
      return callback();
    }
    this.schedule.flushSoon();
    if (this.backpressure.hasRoom) {
      callback();
    } else {
      this.backpressure.hold([], callback);
      this.schedule.resumeSoon();
    }
    this.backpressure.countRefused();
  }

  /** Gives Rust what is held, as far as there is room, and lets `Writable` go on if that was all. */
  moveHeld() {
    if (!this.backpressure.isHolding) return;
    if (this.backpressure.moveHeld()) this.schedule.flushSoon();
    this.backpressure.nextWritable()?.();
    this.backpressure.countRefused();
  }

  /** Makes a callback for `Writable`, which calls it when Rust has the bytes, of a user's. */
  wrap(callback) {
    this.#noteIdle();
    return this.callbacks.wrap(callback, this);
  }

  /** What `wrap()` has made a callback of was refused. */
  unwrap(callback) {
    callback(Callbacks.CANCELLED);
  }

  // What follows.

  /** `afterDrain` follows in a later turn, when there is room. */
  drainNextTurn() {
    this.backpressure.askForDrain();
    this.schedule.resumeSoon();
  }

  /** `afterDrain` follows when the system has all. */
  drainWhenWritten() {
    this.backpressure.askForAll();
    this.schedule.flushSoon();
  }

  /** The same where nothing was accepted that would ask for progress. */
  drainLater() {
    if (this.native.exists) this.drainNextTurn();
    this.schedule.flushSoon();
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    this.schedule.noteQueue();
  }

  /** Hands what was accepted to the driver before the end of the tick. */
  flush() {
    if (!this.native.isIdle || !this.batch.isEmpty) this.batch.flush();
  }
}

module.exports = Intake;
