'use strict';

// The JavaScript half of a native writer: a stream class has one and gives it its bytes.
//
// Strings are staged in an array, joined and encoded once a batch, straight into Rust's memory;
// Buffers are copied into Rust inside the call. What was accepted in a tick is handed to the driver
// at its end. `Writable` is told that a chunk is done as soon as Rust has it, the user's callback
// runs when the system has it.

const { AsyncResource } = require('node:async_hooks');
const native = require('../binding.js');
const hub = require('./hub.js');
const turn = require('./turn.js');

/** Strings are encoded once they have this many UTF-16 units; V8 joins more than that slowly. */
const STAGE_UNITS = 32 * 1024;

/** A longer string is encoded by itself, as a Buffer. The native half has room for 64 Ki units. */
const LONG_UNITS = 64 * 1024;

/** A Buffer is copied in pieces of so many bytes; the Rust-owned buffer's bound is missed by one. */
const PIECE_BYTES = 1024 * 1024;

/** The kinds of events; see src/addon/events.rs. */
const OPENED = 0;
const PROGRESS = 1;
const FINISHED = 2;
const FAILED = 3;

/** Native streams of outlets that were dropped without a close. */
const dropped = new FinalizationRegistry((id) => native.release(id));

/**
 * @typedef {object} Owner the stream
 * @property {(fd: number) => void} afterOpen
 * @property {(error: Error) => void} afterFailure a failure that no callback of Writable takes
 * @property {(errno: number, call: number) => Error} systemError
 */
class Outlet extends AsyncResource {
  #id;
  #owner;
  /** The Rust-owned buffer is full when so many bytes wait in it. */
  #limitBytes;

  /** Strings that are not encoded yet, and their length. */
  #lines = [];
  #units = 0;
  /** The last batch had other characters than ASCII, so surrogates may meet where strings join. */
  #hasWideText = false;

  /** Bytes in Rust's buffer when it was last asked, and all that it had accepted at the last flush. */
  #pendingBytes = 0;
  #acceptedBytes = 0;
  /** The final count, once the native stream is gone. */
  #completedBytes = 0;

  /** User callbacks: of bytes since the last flush, and `{ position, callbacks }` before it. */
  #fresh = [];
  #placed = [];
  /** `Writable`'s callback while Rust is full or the turn is spent, and what is left of its chunk. */
  #held = null;
  #rest = null;

  /** A flush at the end of this tick is due. */
  #isScheduled = false;
  /** The hub knows us: there is work to do. */
  #isBusy = false;
  /** One-off events that are to come: opened, finished, closed. */
  #owed = 0;

  #afterFinal = null;
  #afterClose = null;
  #error = null;

  /**
   * @param {Owner} owner
   * @param {object} options for the native stream, see `FileStreamOptions` in src/addon/calls.rs
   * @param {number} bufferSize
   */
  constructor(owner, options, bufferSize) {
    super('RUSHWRITE');
    this.#owner = owner;
    this.#limitBytes = bufferSize;
    this.#id = hub.open(options);
    dropped.register(this, this.#id, this);
    if (options.fd === undefined) {
      this.#owed++;
      this.#schedule();
    }
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#id === null ? this.#completedBytes : native.completed(this.#id);
  }

  /** A string may be staged without asking anything else of the outlet. */
  get isReady() {
    return this.#held === null && this.#pendingBytes < this.#limitBytes && this.#error === null;
  }

  /** Takes a UTF-8 string of at most LONG_UNITS. Returns whether the turn goes on. */
  stage(line) {
    this.#lines.push(line);
    this.#units += line.length;
    if (this.#units >= STAGE_UNITS) this.#encode();
    this.#schedule();
    return !turn.isSpent;
  }

  /** `Writable`'s `_write`: `callback` is called when Rust has the chunk and room for more. */
  write(chunk, encoding, callback) {
    if (this.#error !== null) return callback(this.#error);
    if (typeof chunk !== 'string') {
      this.#append(chunk);
    } else if (chunk.length <= LONG_UNITS && (encoding === 'utf8' || encoding === 'utf-8')) {
      this.stage(chunk);
    } else {
      this.#append(Buffer.from(chunk, encoding));
    }
    this.#schedule();
    if (this.#rest === null && this.#pendingBytes < this.#limitBytes && !turn.isSpent) {
      return callback();
    }
    this.#held = callback;
    if (turn.isSpent) this.nextTurn(this.#resume);
  }

  /** Calls `callback` once the bytes accepted so far are with the system. */
  onWritten(callback) {
    if (this.#error !== null) return process.nextTick(callback, this.#error);
    this.#fresh.push(callback);
    this.#schedule();
  }

  /** Calls `resume` in the next turn, in the context of this stream. */
  nextTurn(resume) {
    setImmediate(() => this.runInAsyncScope(resume));
  }

  /** `Writable`'s `_final`: all bytes are written, and synced where that was asked for. */
  finish(callback) {
    if (this.#error !== null) return callback(this.#error);
    this.#encode();
    this.#afterFinal = callback;
    this.#owed++;
    this.#schedule();
    native.end(this.#id);
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order.
   */
  rejectSoon(error) {
    process.nextTick(() => {
      this.#reject(error);
      const callback = this.#held;
      this.#held = this.#rest = this.#afterFinal = null;
      callback?.(error);
    });
  }

  /**
   * `Writable`'s `_destroy`: what Rust has accepted is written as far as that needs no waiting, then
   * the descriptor is closed.
   */
  destroy(callback) {
    if (this.#error === null) this.#encode();
    this.#afterClose = callback;
    this.#owed++;
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
        this.#owed--;
        this.#settle();
        return this.#owner.afterOpen(a);
      case PROGRESS:
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
    this.#pendingBytes = Math.max(0, this.#acceptedBytes - completedBytes);
    let done = [];
    while (this.#placed.length > 0 && this.#placed[0].position <= completedBytes) {
      done = done.concat(this.#placed.shift().callbacks);
    }
    try {
      callAll(done, null);
    } finally {
      this.#resume();
      this.#settle();
    }
  }

  #afterFinish() {
    this.#owed--;
    this.#pendingBytes = 0;
    const callback = this.#afterFinal;
    this.#afterFinal = null;
    try {
      this.#reject(null);
    } finally {
      this.#settle();
      callback?.();
    }
  }

  #afterFailure(error) {
    if (this.#error !== null) return;
    this.#error = error;
    this.#lines = [];
    this.#units = this.#pendingBytes = 0;
    this.#owed = this.#afterClose === null ? 0 : 1;
    const callback = this.#held ?? this.#afterFinal;
    this.#held = this.#rest = this.#afterFinal = null;
    try {
      this.#reject(error);
    } finally {
      this.#settle();
      if (callback !== null) callback(error);
      else if (this.#afterClose === null) this.#owner.afterFailure(error);
    }
  }

  #afterClosed(error) {
    this.#completedBytes = native.completed(this.#id);
    hub.remove(this.#id);
    dropped.unregister(this);
    native.release(this.#id);
    this.#id = null;
    this.#afterClose(error ?? this.#error);
  }

  /** All callbacks of users that still wait get `error`, in order. */
  #reject(error) {
    const callbacks = this.#placed.flatMap((place) => place.callbacks).concat(this.#fresh);
    this.#placed = [];
    this.#fresh = [];
    callAll(callbacks, error);
  }

  /** Lets `Writable` go on if there is room and time again. */
  #resume = () => {
    if (this.#held === null || this.#pendingBytes > this.#limitBytes / 2) return;
    if (turn.isSpent) return this.nextTurn(this.#resume);
    if (this.#rest !== null) {
      this.#append(this.#rest);
      this.#schedule();
      if (this.#rest !== null) return;
    }
    const callback = this.#held;
    this.#held = null;
    callback();
  };

  /** Copies a Buffer to Rust. What exceeds the room there by more than a piece stays in `#rest`. */
  #append(chunk) {
    this.#encode();
    let start = 0;
    do {
      const piece = chunk.length <= PIECE_BYTES ? chunk : chunk.subarray(start, start + PIECE_BYTES);
      this.#pendingBytes = native.appendBytes(this.#id, piece);
      turn.charge(piece.length);
      start += piece.length;
    } while (start < chunk.length && this.#pendingBytes < this.#limitBytes && !turn.isSpent);
    this.#rest = start < chunk.length ? chunk.subarray(start) : null;
  }

  /** Joins the staged strings and encodes them into Rust's memory. */
  #encode() {
    if (this.#units === 0) return;
    const lines = this.#lines;
    const text = lines.join('');
    turn.charge(this.#units);
    this.#lines = [];
    this.#units = 0;
    if (!this.#hasWideText) {
      this.#encodeText(text, lines.length === 1);
      if (!this.#hasWideText || lines.length === 1) return;
    }
    for (const run of splitAtSeams(lines, text)) this.#encodeText(run, true);
  }

  /** Unless `isSeamless`, text with other characters than ASCII is refused. */
  #encodeText(text, isSeamless) {
    const pendingBytes = native.appendString(this.#id, text, isSeamless);
    this.#hasWideText = pendingBytes < 0;
    this.#pendingBytes = this.#hasWideText ? ~pendingBytes : pendingBytes;
  }

  /** Something was accepted or asked for: flush at the end of this tick. */
  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (!this.#isBusy) {
      this.#isBusy = true;
      hub.add(this.#id, this);
    }
    process.nextTick(Outlet.#flush, this);
  }

  static #flush(outlet) {
    outlet.#isScheduled = false;
    if (outlet.#id !== null) outlet.#handOver();
  }

  /** Hands what was accepted to the driver. */
  #handOver() {
    this.#encode();
    this.#acceptedBytes = native.flush(this.#id);
    if (this.#fresh.length > 0) {
      this.#placed.push({ position: this.#acceptedBytes, callbacks: this.#fresh });
      this.#fresh = [];
    }
    this.#settle();
  }

  /** Asks for the next progress that matters, or lets the process end if there is nothing to do. */
  #settle() {
    if (this.#isScheduled || this.#id === null) return;
    const position = this.#nextPosition();
    if (position !== Infinity) {
      native.watch(this.#id, position);
    } else if (this.#owed === 0 && this.#pendingBytes === 0) {
      this.#isBusy = false;
      hub.remove(this.#id);
    }
  }

  #nextPosition() {
    const room = this.#held === null ? Infinity : this.#acceptedBytes - this.#limitBytes / 2;
    return Math.min(room, this.#placed[0]?.position ?? Infinity);
  }
}

/** Calls all callbacks. One that throws does not keep the others from being called. */
function callAll(callbacks, error) {
  let called = 0;
  try {
    while (called < callbacks.length) callbacks[called++](error);
  } finally {
    if (called < callbacks.length) process.nextTick(callAll, callbacks.slice(called), error);
  }
}

/**
 * Splits strings where a high surrogate at the end of one and a low one at the beginning of the
 * next would become one character that neither write contained.
 * @param {string[]} lines
 * @param {string} text the same, joined
 */
function splitAtSeams(lines, text) {
  const runs = [];
  let start = 0;
  let end = 0;
  for (const line of lines) {
    if (end > start && isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end))) {
      runs.push(text.slice(start, end));
      start = end;
    }
    end += line.length;
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
