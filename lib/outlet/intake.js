'use strict';

// What an outlet does with bytes: it gathers them in a batch, gives them to Rust, answers whether there is room
// for more, and lets `Writable` go on.

const { lengthOf, trusted } = require('../chunk.js');
const exit = require('../exit.js');
const turn = require('../turn.js');
const Callbacks = require('./callbacks.js');
const { BYTES_A_UNIT } = require('./desk.js');
const { AT_ONCE_LENGTH, encoded, isSmall } = require('./entries.js');
const Room = require('./room.js');

class Intake extends Room {
  // Writes that go past `Writable`.

  /**
   * Adds a chunk to the open batch, and returns whether it did. `take()` opens the batch; anything but a
   * plain write closes it. Most writes end here, which makes lines a quarter faster.
   * @param {number} [highWaterMark] a longer chunk is not added, nor one of so many units
   */
  gather(chunk, highWaterMark = Infinity) {
    if (turn.isSpent) return false;
    return this.batch.join(chunk, highWaterMark) || this.#gatherOn(chunk, highWaterMark);
  }

  /** Begins another batch with a chunk that the full one has no room for, where there is surely room for both. */
  #gatherOn(chunk, highWaterMark) {
    const { isMark, limitBytes, unwrittenBytes } = this.backpressure;
    if (isMark || 2 * unwrittenBytes > limitBytes) return false;
    if (!this.batch.makeRoom(chunk, highWaterMark)) return false;
    this.batch.append(chunk);
    return true;
  }

  /** Gives the system what it takes at once of a Buffer, if `maySend`. Returns how many bytes that is. */
  send(bytes, size) {
    this.batch.close();
    const sent = this.native.send(bytes);
    if (sent === size) this.batch.countWrite();
    return sent;
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
   * it takes, comes after it. Others share a system call at the end of the tick or the turn.
   * @param {'utf8' | 'latin1'} [encoding] of a string
   */
  take(chunk, callback, encoding = 'utf8') {
    const { isDirect } = this.native;
    let isHandedOver = false;
    if (isDirect && this.callbacks.isEmpty && this.mayWriteAtOnce(chunk)) {
      if (this.batch.writeOne(chunk, encoding)) return this.schedule.endTickAfter(callback);
      this.callbacks.renew();
      this.backpressure.countRefused();
    } else {
      isHandedOver = this.#noteIdle() && !this.schedule.mayWait;
      const bytes = encoding === 'utf8' ? chunk : Buffer.from(chunk, encoding);
      if (!isHandedOver) this.batch.append(bytes);
      else if (this.#handOver(bytes, callback)) return true;
      // Behind the hand-over: a thread wakes meanwhile.
      if (!isDirect) this.callbacks.capture();
    }
    this.backpressure.afterAppend();
    if (isDirect && this.backpressure.countedBytes > 0) this.backpressure.countRefused();
    if (callback !== undefined) this.callbacks.add(callback);
    this.schedule.flushAfterWrite(callback === undefined, isHandedOver);
    if (this.backpressure.needsDrain) return false;
    const hasRoom = this.backpressure.hasRoom && (this.backpressure.isMark || this.#hasTime);
    if (!hasRoom) this.drainNextTurn();
    else if (!exit.isUnderWay) this.batch.open();
    return hasRoom;
  }

  /**
   * Hands one write to the driver. Returns true if all that follows is an event, which has its callback called: there
   * is room, and nothing to do at the end of the tick.
   */
  #handOver(bytes, callback) {
    const isEasy = callback !== undefined && !turn.isSpent && this.schedule.mayTellAlone;
    const hasRoom = isEasy && BYTES_A_UNIT * lengthOf(bytes) < this.backpressure.limitBytes;
    if (!this.batch.handOver(bytes, hasRoom)) return false;
    this.backpressure.afterAppend();
    this.callbacks.addPlaced(callback, this.native.acceptedBytes);
    this.schedule.expectEvent();
    return true;
  }

  /**
   * Takes writes that were made while the stream was corked, with their callbacks. Returns false if they have to wait
   * in `Writable`.
   * @param {CorkedWrites} writes
   */
  takeVector(writes) {
    if (this.callbacks.isEmpty && this.mayWriteAtOnce(writes)) {
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

  /** A write may find the stream idle: open, and with nothing to do. Returns whether it does. */
  #noteIdle() {
    if (!this.life.isOpened || !this.life.isOpenTold || this.schedule.isFlushDue) return false;
    this.backpressure.refresh();
    const isIdle = this.isDrained;
    if (isIdle) this.callbacks.renew();
    return isIdle;
  }

  /** The same, and its context is kept at once. */
  #noteIdleNow() {
    this.#noteIdle();
    if (!this.native.isDirect) this.callbacks.capture();
  }

  // Writes that `Writable` passes on.

  /**
   * `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust has room for more.
   */
  write(chunks, callback) {
    if (this.life.error !== null) return callback(this.life.error);
    if (!this.native.isDirect) this.#noteIdleNow();
    this.backpressure.hold(chunks, callback);
    if (turn.isSpent) {
      if (this.backpressure.moveHeld()) this.schedule.flushSoon();
      this.schedule.resumeSoon();
    } else {
      this.moveHeld();
    }
    // It goes on behind progress of which nobody may have asked to be told.
    if (this.backpressure.isHolding && !this.native.isDirect) this.schedule.flushSoon();
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
    return this.mayWriteAtOnce(chunk) && this.life.error === null;
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
    this.#noteIdleNow();
    return this.callbacks.wrap(callback, this);
  }

  /** What `wrap()` has made a callback of was refused. */
  unwrap(callback) {
    callback(Callbacks.CANCELLED);
  }

  // What follows.

  /** Calls back in a tick; the system has that write. */
  tellSoon(callback) {
    this.schedule.tellSoon(callback);
  }

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
    const { batch, native } = this;
    if (!native.isFlushed || native.pendingBytes > 0 || !batch.isEmpty) batch.flush();
  }
}

module.exports = Intake;
