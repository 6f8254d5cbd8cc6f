'use strict';

// The JavaScript half of a native writer: a stream class has one and gives it its bytes.
//
// Strings are gathered in one and encoded once a batch, straight into Rust's memory;
// Buffers are copied into Rust inside the call. What was accepted in a tick is handed to the driver
// at its end. `Writable` is told that a chunk is done as soon as Rust has it, the user's callback
// runs when the system has it.

const { AsyncResource } = require('node:async_hooks');
const native = require('./native.js');
const { destroyedError } = require('./errors.js');
const exit = require('./exit.js');
const hub = require('./hub.js');
const turn = require('./turn.js');

/**
 * Strings are encoded once they have this many UTF-16 units together. V8 appends without copying
 * and copies once, for the encoder; a batch that fits its cache costs least.
 */
const STAGE_UNITS = 16 * 1024;

/** A longer string is encoded by itself, as a Buffer. The native half has room for 64 Ki units. */
const LONG_UNITS = 64 * 1024;

/**
 * A Buffer is copied in pieces of so many bytes: the driver can begin with the first, and the
 * Rust-owned buffer's bound is missed by one at most.
 */
const PIECE_BYTES = 256 * 1024;

/**
 * A direct stream is given Buffers from this size on as they are: what the system takes at once is
 * not copied. Smaller ones are better gathered for one system call.
 */
const DIRECT_BYTES = 32 * 1024;

/** The kinds of events; see src/addon/events.rs. */
const OPENED = 0;
const PROGRESS = 1;
const FINISHED = 2;
const FAILED = 3;

/** Native streams of outlets that were dropped without a close. */
const dropped = new FinalizationRegistry((id) => native.release(id));

/**
 * @typedef {object} Owner the stream
 * @property {Writable} stream
 * @property {(error: Error | null, fd?: number) => void} afterOpen
 * @property {() => void} afterDrain there is room again after `take()` answered false
 * @property {() => void} afterProgress the system has taken something that it had refused before
 * @property {(error: Error) => void} afterFailure a failure that no callback of Writable takes
 * @property {(errno: number, call: number) => Error} systemError
 */
class Outlet extends AsyncResource {
  #id;
  #owner;
  #bufferBytes;
  /** The Rust-owned buffer is full when so many bytes wait in it. */
  #limitBytes;
  /** How much text is staged at most: a batch, or less in a small buffer, which it would overfill. */
  #stageUnits;
  /** The end waits for a sync. */
  #isSynced;
  /** A flush writes from inside of the call what the system takes at once; see src/io/socket.rs. */
  #isDirect;

  /** Strings that are not encoded yet, as one, and where each of them ends in it. */
  #text = '';
  #ends = [];
  /** The last batch had other characters than ASCII, so surrogates may meet where strings join. */
  #hasWideText = false;

  /** Bytes in Rust's buffer when it was last asked, and all that it had accepted at the last flush. */
  #pendingBytes = 0;
  #acceptedBytes = 0;
  /** The final count, once the native stream is gone. */
  #completedBytes = 0;

  /**
   * User callbacks in the order of their writes, as groups `{ callbacks, position, scope }`: they are
   * due when so many bytes are completed. Infinity means that the next flush, or `Writable`, will
   * tell.
   */
  #groups = new Set();
  /**
   * The context that callbacks see, as Node shows it: that of the write that found the stream idle,
   * and the stream's own for those before the open.
   */
  #scope = this;
  /** Groups of writes that were accepted since the last flush, which will place them. */
  #fresh = [];
  /** The last of them, if callbacks of further writes may join it. */
  #open = null;
  /** `Writable`'s callback while Rust is full or the turn is spent, and what is left of its chunks. */
  #held = null;
  #rest = [];
  /** Bytes of what was left when the stream failed or was destroyed. */
  #droppedBytes = 0;
  /** Bytes of those chunks that Rust has. `Writable` counts them until it is called back. */
  #heldBytes = 0;
  /** How many chunks in `Writable`'s queue Rust has already, and their bytes; see `hurry()`. */
  #aheadChunks = 0;
  #aheadBytes = 0;
  /** `take()` answered false. */
  #needsDrain = false;

  /** A flush at the end of this tick, or turn, is due. */
  #isScheduled = false;
  /** The turn of the last flush, if much was written in it. */
  #flushedTurn;
  /** The hub knows us: there is work to do. */
  #isBusy = false;
  /** The hub knows that the stream's own queue has bytes although there is no work to do. */
  #isQueued = false;
  /** The stream knows its descriptor; before that nothing counts as written. */
  #isOpen;
  /** Rust takes what comes, be it ever so much: before the open, unless there is a bound. */
  #takesAll;
  #isOpening = false;
  #afterFinal = null;
  #afterClose = null;
  #error = null;
  /** The stream was destroyed before it failed: the error comes with the close. */
  #lateError = null;

  /**
   * @param {Owner} owner
   * @param {number} id the native stream's, from lib/hub.js
   * @param {object} settings
   * @param {number} settings.bufferSize
   * @param {boolean} [settings.isOpen] there is nothing to open
   * @param {boolean} [settings.isSynced] the end waits for a sync
   * @param {boolean} [settings.isDirect] a flush writes what the system takes at once
   * @param {boolean} [settings.flushOnExit] what was accepted is written before the thread ends
   * @param {Bound | null} [settings.bound] how much may wait on both levels; see lib/overflow.js
   */
  constructor(owner, id, settings) {
    super('RUSHWRITE');
    const { isOpen = true, isSynced = false, isDirect = false } = settings;
    this.#owner = owner;
    this.#id = id;
    this.flushesOnExit = settings.flushOnExit ?? true;
    this.bound = settings.bound ?? null;
    this.bufferSize = settings.bufferSize;
    this.#isOpen = isOpen;
    this.#takesAll = !isOpen && this.bound === null;
    this.#isSynced = isSynced;
    this.#isDirect = isDirect;
    dropped.register(this, id, this);
    if (this.flushesOnExit) exit.arm();
  }

  /**
   * Without a buffer it is full with the first byte and has room after the last. Under a bound there
   * must be room for a batch of text besides, whose characters take three bytes at most.
   */
  set bufferSize(bytes) {
    if (bytes === this.#bufferBytes) return;
    this.#bufferBytes = bytes;
    const maxBytes = this.bound?.maxBytes ?? Infinity;
    const smallestBytes = Math.min(bytes, maxBytes);
    this.#stageUnits = Math.min(STAGE_UNITS, Math.ceil(smallestBytes / 8));
    this.#limitBytes = Math.max(Math.min(bytes, maxBytes - 3 * this.#stageUnits), 1);
  }

  /** `Writable` is called back when the system has the bytes, so that it may call the user back itself. */
  get isWriteThrough() {
    return this.#limitBytes === 1;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#id === null ? this.#completedBytes : native.completed(this.#id);
  }

  /** Bytes that `Writable` has passed on: in Rust, held or, after a failure, dropped. */
  get acceptedBytes() {
    this.flush();
    return this.#acceptedBytes - this.#aheadBytes + sizeOf(this.#rest) + this.#droppedBytes;
  }

  /**
   * `take()` may be called. Before the open `Writable` can't pass anything on, so that what a writer
   * who ignores `false` adds is still better off in Rust, which holds bytes and not chunks.
   */
  get isReady() {
    const hasRoom = this.#pendingBytes < this.#limitBytes || this.#takesAll;
    return hasRoom && this.#held === null && this.#error === null;
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return (
      !this.#isOpening &&
      !this.#isScheduled &&
      this.#pendingBytes === 0 &&
      this.#groups.size === 0 &&
      this.#held === null
    );
  }

  /** Opens; `afterOpen` follows. Bytes may be taken before. */
  open() {
    if (this.#id === null) return this.#owner.afterOpen(destroyedError());
    this.#isOpening = true;
    this.#schedule();
  }

  /** Takes a Buffer or a UTF-8 string. Returns whether there is room and time for more. */
  take(chunk) {
    if (typeof chunk === 'string') this.#takeString(chunk);
    else this.#append(chunk);
    this.#schedule();
    if (this.#pendingBytes < this.#limitBytes && !turn.isSpent) return true;
    if (!this.#needsDrain) this.drainNextTurn();
    return false;
  }

  /**
   * `Writable`'s `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust
   * has room for more.
   */
  write(chunks, callback) {
    if (this.#error !== null) return callback(this.#error);
    if (this.#aheadChunks > 0) this.#skipAhead(chunks);
    this.#rest = chunks.reverse();
    this.#held = callback;
    if (turn.isSpent) {
      this.#appendRest();
      this.#resumeNextTurn();
    } else {
      this.release();
    }
  }

  /** Calls `callback` once the bytes accepted so far, and those of this tick, are with the system. */
  onWritten(callback) {
    if (this.#error !== null) return process.nextTick(callback, this.#error);
    if (this.#open === null) {
      this.#open = this.#newGroup();
      this.#fresh.push(this.#open);
      this.#schedule();
    }
    this.#open.callbacks.push(callback);
  }

  /** Makes a callback for `Writable`, which calls it when Rust has the bytes, of a user's. */
  wrap(callback) {
    const group = this.#newGroup();
    group.callbacks.push(callback);
    this.#open = null;
    const afterWrite = (error) => {
      if (error || this.#error !== null) {
        this.#groups.delete(group);
        callback(error ?? this.#error);
      } else {
        this.#fresh.push(group);
        this.#schedule();
      }
    };
    afterWrite.cancel = () => this.#groups.delete(group);
    return afterWrite;
  }

  #newGroup() {
    if (this.#isOpen && this.isDrained) this.#scope = new AsyncResource('RUSHWRITE');
    const group = { callbacks: [], position: Infinity, scope: this.#scope };
    this.#groups.add(group);
    return group;
  }

  /** Asks the native half, without waiting for its event, whether there is room again. */
  hasRoomAgain() {
    if (this.#error !== null || this.#id === null) return false;
    this.#pendingBytes = native.pending(this.#id);
    return this.#pendingBytes <= this.#limitBytes / 2;
  }

  /** `take()` may be called, after all. */
  isReadyAgain() {
    return this.#held === null && this.hasRoomAgain();
  }

  /** Takes what is held as far as there is room, and lets `Writable` go on if that was all. */
  release() {
    const callback = this.#held;
    if (callback === null || !this.#appendRest()) return;
    this.#held = null;
    this.#heldBytes = 0;
    callback();
  }

  /**
   * Gives Rust all that the stream has accepted, whatever the limit: what is held, and what waits in
   * `Writable`'s own queue, whose chunks are passed over when it comes to them. Calls nothing back.
   */
  hurry() {
    if (this.#id === null || this.#error !== null) return;
    if (this.#afterClose === null) {
      while (this.#rest.length > 0) this.#appendPiece(this.#rest.pop());
      this.#takeAhead(this.#owner.stream.writableBuffer);
    }
    if (this.#text === '' && native.pending(this.#id) === 0) return;
    this.flush();
    if (exit.isUnderWay) this.#isScheduled = false;
    else this.#schedule();
  }

  #takeAhead(entries) {
    for (const { chunk, encoding } of entries.slice(this.#aheadChunks)) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      this.#append(bytes);
      this.#aheadBytes += bytes.length;
    }
    this.#aheadChunks = entries.length;
  }

  /** Takes chunks that Rust has already from the front of `chunks`. */
  #skipAhead(chunks) {
    for (const chunk of chunks.splice(0, this.#aheadChunks)) {
      this.#aheadChunks--;
      this.#aheadBytes -= chunk.length;
      this.#heldBytes += chunk.length;
    }
  }

  /**
   * Waits until the system has what `hurry()` gave to Rust, or the stream fails.
   * @param {number} timeoutMs
   * @returns {{bytes: number, error: Error | null}} what was not written, and why if not for the time
   */
  wait(timeoutMs) {
    if (this.#id === null || this.#error !== null) return { bytes: 0, error: this.#error };
    const { bytes, errno, call } = native.waitSettled(this.#id, timeoutMs);
    return { bytes, error: call === -1 ? null : this.#owner.systemError(errno, call) };
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts, some of which Rust may have by now
   */
  waitingBytes(queuedBytes) {
    if (this.#id === null || this.#error !== null) return 0;
    this.#encode();
    const sharedBytes = this.#heldBytes + this.#aheadBytes;
    return native.pending(this.#id) + Math.max(0, queuedBytes - sharedBytes);
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (this.#id === null || this.#owner.stream.writableLength === 0) return;
    if (exit.isUnderWay) return this.#flushLast();
    if (this.#isBusy) return;
    this.#isQueued = true;
    hub.setQueued(this, true);
  }

  #forgetQueue() {
    if (!this.#isQueued) return;
    this.#isQueued = false;
    hub.setQueued(this, false);
  }

  /** `afterDrain` follows in a later turn, when there is room. */
  drainNextTurn() {
    this.#needsDrain = true;
    this.#resumeNextTurn();
  }

  /** The same where nothing was accepted that would ask for progress. */
  drainLater() {
    if (this.#id === null) return;
    this.drainNextTurn();
    this.#schedule();
  }

  /** `Writable`'s `_final`: all bytes are written, and synced where that was asked for. */
  finish(callback) {
    if (this.#error !== null) return callback(this.#error);
    this.#encode();
    this.#afterFinal = bound(callback);
    this.#schedule();
    if (this.#isSynced) native.end(this.#id);
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order. While the
   * file is opening nothing was written, and nothing will be.
   */
  rejectSoon(reason) {
    if (!this.#isOpen) this.#discard();
    if (this.#held === null && this.#groups.size === 0 && this.#fresh.length === 0) return;
    process.nextTick(() => {
      const error = reason ?? destroyedError();
      this.#reject(error);
      const callback = this.#held;
      this.#held = this.#afterFinal = null;
      this.#dropRest();
      callback?.(error);
    });
  }

  /**
   * `Writable`'s `_destroy`: what Rust has accepted is written as far as that needs no waiting, then
   * the descriptor is closed.
   */
  destroy(callback) {
    if (!this.#isOpen && !this.#isOpening && this.#error === null) return this.#release(callback);
    if (this.#error === null) this.#encode();
    this.#needsDrain = false;
    this.#afterClose = bound(callback);
    this.#schedule();
    native.close(this.#id);
  }

  /** An event of the native stream; see lib/hub.js. */
  deliver(kind, a, b) {
    this.runInAsyncScope(this.#deliver, this, kind, a, b);
  }

  #deliver(kind, a, b) {
    switch (kind) {
      case OPENED:
        this.#isOpening = false;
        this.#isOpen = true;
        this.#takesAll = false;
        this.#settle();
        return this.#owner.afterOpen(null, a);
      case PROGRESS:
        this.#owner.afterProgress();
        return this.#afterProgress(a);
      case FINISHED:
        return this.#afterFinish();
      case FAILED:
        return this.#afterFailure(this.#owner.systemError(a, b));
      default:
        return this.#afterClosed(b === -1 ? null : this.#owner.systemError(a, b));
    }
  }

  #afterProgress(completedBytes) {
    if (this.#error !== null) return;
    this.#pendingBytes = Math.max(0, this.#acceptedBytes - completedBytes);
    // The callbacks of empty chunks wait for the open, too.
    if (!this.#isOpen) return;
    try {
      callAll(this.#takeGroups(completedBytes), null);
    } finally {
      this.#resume();
      this.#settle();
    }
  }

  #afterFinish() {
    this.#pendingBytes = 0;
    const callback = this.#afterFinal;
    this.#afterFinal = null;
    try {
      callAll(this.#takeGroups(Infinity), null);
    } finally {
      this.#settle();
      callback?.();
    }
  }

  #afterFailure(error) {
    if (this.#error !== null) return;
    this.#error = error;
    if (this.#afterClose !== null) this.#lateError = error;
    this.#unstage();
    this.#pendingBytes = 0;
    const isOpening = this.#isOpening;
    const callback = this.#held ?? this.#afterFinal;
    this.#held = this.#afterFinal = null;
    this.#dropRest();
    this.#isOpening = false;
    try {
      // What the system took before it failed was written.
      if (!isOpening) callAll(this.#takeGroups(native.completed(this.#id)), null);
      this.#reject(error);
    } finally {
      this.#settle();
      if (isOpening) this.#owner.afterOpen(error);
      else if (callback !== null) callback(error);
      else if (this.#afterClose === null) this.#owner.afterFailure(error);
    }
  }

  #afterClosed(error) {
    this.#completedBytes = native.completed(this.#id);
    this.#release(() => this.#afterClose(error ?? this.#lateError));
  }

  /** The native stream is done with. */
  #release(callback) {
    hub.remove(this.#id);
    this.#forgetQueue();
    dropped.unregister(this);
    native.release(this.#id);
    this.#id = null;
    callback();
  }

  /** Callbacks of writes that Rust has accepted get `error`, in order. */
  #reject(error) {
    this.#placeFresh();
    callAll(this.#takeGroups(Number.MAX_SAFE_INTEGER), error);
  }

  /** Callbacks of what was accepted so far are due when all of it is completed. */
  #placeFresh() {
    for (const group of this.#fresh) group.position = this.#acceptedBytes;
    this.#fresh = [];
    this.#open = null;
  }

  /** Takes the groups of callbacks that are due when so many bytes are completed. */
  #takeGroups(completedBytes) {
    const groups = [];
    for (const group of this.#groups) {
      if (group.position > completedBytes) break;
      this.#groups.delete(group);
      groups.push(group);
    }
    return groups;
  }

  /** Lets `Writable` and the user go on if there is room and time again. */
  #resume() {
    if (this.#pendingBytes > this.#limitBytes / 2) return;
    if (turn.isSpent) return this.#resumeNextTurn();
    this.release();
    if (this.#needsDrain && this.isReady) {
      this.#needsDrain = false;
      this.#owner.afterDrain();
    }
  }

  /** While Rust is full its progress resumes, in a later turn anyway. */
  #resumeNextTurn() {
    if (this.#pendingBytes > this.#limitBytes / 2) return;
    setImmediate(() => this.runInAsyncScope(this.#resume, this));
  }

  #dropRest() {
    this.#droppedBytes += sizeOf(this.#rest);
    this.#rest = [];
  }

  /** Takes held chunks, the last one first, in pieces. Returns whether there is room for more. */
  #appendRest() {
    while (this.#rest.length > 0 && this.#hasRoom()) this.#appendPiece(this.#rest.pop());
    this.#schedule();
    return this.#rest.length === 0 && this.#hasRoom();
  }

  #appendPiece(chunk) {
    this.#heldBytes += Math.min(chunk.length, typeof chunk === 'string' ? Infinity : PIECE_BYTES);
    if (typeof chunk === 'string') return this.#takeString(chunk);
    this.#append(chunk.subarray(0, PIECE_BYTES));
    if (chunk.length > PIECE_BYTES) this.#rest.push(chunk.subarray(PIECE_BYTES));
  }

  #hasRoom() {
    if (this.#pendingBytes >= this.#limitBytes && this.#isDirect) this.#flushDirectly();
    return this.#pendingBytes < this.#limitBytes;
  }

  #takeString(text) {
    if (text.length <= LONG_UNITS) this.#stage(text);
    else this.#append(Buffer.from(text));
  }

  /** Gives a Buffer to Rust, which copies it, behind the strings that came before it. */
  #append(chunk) {
    this.#encode();
    const isLarge = this.#isDirect && chunk.length >= DIRECT_BYTES;
    const append = isLarge ? native.sendBytes : native.appendBytes;
    this.#pendingBytes = append(this.#id, chunk);
    turn.charge(chunk.length);
  }

  /** Keeps a string for the next batch. */
  #stage(line) {
    this.#text += line;
    this.#ends.push(this.#text.length);
    if (this.#text.length >= this.#stageUnits) this.#encode();
  }

  /** Encodes the staged strings into Rust's memory. */
  #encode() {
    const text = this.#text;
    if (text === '') return;
    const ends = this.#ends;
    this.#unstage();
    turn.charge(text.length);
    if (!this.#hasWideText) {
      this.#encodeText(text, ends.length === 1);
      if (!this.#hasWideText || ends.length === 1) return;
    }
    for (const run of splitAtSeams(text, ends)) this.#encodeText(run, true);
  }

  #unstage() {
    this.#text = '';
    this.#ends = [];
  }

  /** Unless `isSeamless`, text with other characters than ASCII is refused. */
  #encodeText(text, isSeamless) {
    const pendingBytes = native.appendString(this.#id, text, isSeamless);
    this.#hasWideText = pendingBytes < 0;
    this.#pendingBytes = this.#hasWideText ? ~pendingBytes : pendingBytes;
  }

  /** Forgets what the driver has not taken. */
  #discard() {
    this.#unstage();
    native.discard(this.#id);
  }

  /** Something was accepted or asked for: flush at the end of this tick. */
  #schedule() {
    if (this.#isScheduled || this.#id === null) return;
    this.#isScheduled = true;
    if (!this.#isBusy) {
      this.#isBusy = true;
      hub.add(this.#id, this);
      this.#forgetQueue();
    }
    if (exit.isUnderWay) return this.#flushLast();
    // A loop that goes on in ticks, as `drain` lets it, need not wake the driver in each of them.
    if (this.#flushedTurn !== undefined && this.#flushedTurn === turn.number) {
      setImmediate(Outlet.#flush, this);
    } else {
      process.nextTick(Outlet.#flush, this);
    }
  }

  /** No tick comes any more. */
  #flushLast() {
    if (this.flushesOnExit) exit.flush(this);
    this.#isScheduled = false;
  }

  static #flush(outlet) {
    outlet.#isScheduled = false;
    if (outlet.#id !== null) outlet.#handOver();
  }

  /** Hands what was accepted to the driver before the end of the tick. */
  flush() {
    if (this.#id === null) return;
    this.#encode();
    this.#acceptedBytes = native.flush(this.#id);
  }

  /** As above, and looks at what the system has refused. */
  #flushDirectly() {
    this.flush();
    this.#pendingBytes = native.pending(this.#id);
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  #handOver() {
    if (this.#isDirect) this.#flushDirectly();
    else this.flush();
    this.#flushedTurn = turn.number;
    this.#placeFresh();
    if (!this.#isDirect) return this.#settle();
    this.runInAsyncScope(this.#afterProgress, this, this.#acceptedBytes - this.#pendingBytes);
  }

  /** Asks for the next progress that matters, or lets the process end if there is nothing to do. */
  #settle() {
    if (this.isDrained && !this.#isSynced && this.#afterFinal !== null) this.#afterFinish();
    if (this.#isScheduled || this.#id === null) return;
    const position = this.#nextPosition();
    if (position !== Infinity) {
      native.watch(this.#id, position);
    } else if (this.isDrained && this.#afterFinal === null && this.#afterClose === null) {
      this.#isBusy = false;
      hub.remove(this.#id);
      this.noteQueue();
    }
  }

  #nextPosition() {
    const isFull = this.#pendingBytes > this.#limitBytes / 2;
    const waitsForRoom = isFull && (this.#held !== null || this.#needsDrain);
    const room = Math.ceil(this.#acceptedBytes - this.#limitBytes / 2);
    const [first] = this.#groups;
    return Math.min(
      waitsForRoom ? room : Infinity,
      first?.position ?? Infinity,
      this.#afterFinal === null || this.#isSynced ? Infinity : this.#acceptedBytes,
    );
  }
}

/** The bytes of Buffers and UTF-8 strings. */
function sizeOf(chunks) {
  return chunks.reduce((bytes, chunk) => bytes + Buffer.byteLength(chunk), 0);
}

/** `callback`, for the context of now. `AsyncResource.bind` does the same at twenty times the price. */
function bound(callback) {
  const scope = new AsyncResource('RUSHWRITE');
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}

/** Calls all callbacks of `groups`. One that throws does not keep the others from being called. */
function callAll(groups, error) {
  let called = 0;
  try {
    while (called < groups.length) {
      const { scope, callbacks } = groups[called++];
      scope.runInAsyncScope(callEach, undefined, callbacks, error);
    }
  } finally {
    if (called < groups.length) process.nextTick(callAll, groups.slice(called), error);
  }
}

function callEach(callbacks, error) {
  let called = 0;
  try {
    while (called < callbacks.length) {
      const callback = callbacks[called++];
      callback(error);
    }
  } finally {
    if (called < callbacks.length) process.nextTick(callEach, callbacks.slice(called), error);
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

module.exports = Outlet;
