'use strict';

// What is written to a corked socket. `Writable` would keep it in its queue and pass it on as a vector; here it is kept
// beside `Writable`, which counts it, and goes to the outlet when the socket is uncorked. Whatever is not usual puts it
// back into `Writable`'s queue, which is as if it had been there from the beginning.

const { lengthOf } = require('../chunk.js');
const exit = require('../exit.js');
const fastPath = require('../fast-path.js');
const { kOutlet } = require('./handle.js');

/** How many emptied lists are kept for later. */
const SPARES = 8;
/** A longer list is left to the garbage collector. */
const LONGEST_SPARE = 1024;

/** Emptied lists: to grow one again for each cork would cost more than the rest. */
const spares = [];

/** Writes, in order. */
class CorkedWrites {
  /** The first `count` places are used. */
  chunks = [];
  count = 0;
  /** The encoding of a string that is not UTF-8, at its chunk's place. */
  encodings = [];
  /** The callbacks of those that have one, at their chunks' places. */
  callbacks = [];
  /** Of all together, as `Writable` counts: bytes of Buffers, units of strings. */
  length = 0;

  encodingAt(i) {
    return this.encodings[i] ?? 'utf8';
  }

  /** Nobody needs it any more. */
  recycle() {
    if (spares.length >= SPARES || this.count > LONGEST_SPARE) return;
    this.chunks.fill(undefined, 0, this.count);
    this.count = this.length = 0;
    if (this.encodings.length > 0) this.encodings = [];
    if (this.callbacks.length > 0) this.callbacks = [];
    spares.push(this);
  }
}

/**
 * The `write()` of a corked socket, if the write is a usual one. Otherwise returns false; `Writable` has all that came
 * before then.
 */
function keep(socket, outlet, chunk, encoding, callback) {
  const state = socket._writableState;
  const length = lengthOf(chunk);
  // At the mark the answer is false. What is no chunk has no length.
  const isPlain = encoding == null && length > 0;
  if (!(state.length + length < state.highWaterMark && (isPlain || isUsual(chunk, encoding)))) {
    return putBack(socket, outlet);
  }
  const writes = outlet.corked ?? begin(socket, state, outlet);
  if (writes === null || state.length !== writes.length) return putBack(socket, outlet);
  const at = writes.count++;
  writes.chunks[at] = chunk;
  state.length = writes.length += length;
  if (encoding != null || callback != null) noteOthers(writes, at, encoding, callback);
  if (at === 0) outlet.noteQueue();
  return true;
}

/** Of a Buffer without bytes `Writable` can tell whether its memory is gone. */
function isUsual(chunk, encoding) {
  if (typeof chunk !== 'string' && lengthOf(chunk) === 0) return false;
  if (encoding == null || encoding === 'latin1' || encoding === 'utf8') return true;
  return encoding === 'ascii' || typeof encoding === 'function';
}

/** Null if the socket is in a state in which `Writable` has to see the write. */
function begin(socket, state, outlet) {
  const isReady =
    state.length === 0 &&
    outlet.bound === null &&
    !state.needDrain &&
    state.defaultEncoding === 'utf8' &&
    socket.writable &&
    !exit.isUnderWay;
  if (!isReady) return null;
  outlet.corked = spares.pop() ?? new CorkedWrites();
  return outlet.corked;
}

function noteOthers(writes, at, encoding, callback) {
  const told = typeof encoding === 'function' ? encoding : callback;
  if (encoding === 'latin1' || encoding === 'ascii') writes.encodings[at] = encoding;
  if (typeof told === 'function') writes.callbacks[at] = told;
}

/**
 * The socket is about to be uncorked: what was kept goes to the outlet, or to `Writable`, which passes it on.
 * @param {boolean} isOwn as for `fastPath.write()`
 */
function release(socket, outlet, isOwn) {
  const state = socket._writableState;
  const writes = outlet.corked;
  // Who waits for 'drain' gets it from `Writable`.
  if (isOwn && state.length === writes.length && !state.needDrain && outlet.life.isLive) {
    state.length = 0;
    outlet.corked = null;
    if (outlet.takeVector(writes)) return writes.recycle();
    state.length = writes.length;
    outlet.corked = writes;
  }
  putBack(socket, outlet);
}

/** `Writable` gets what was kept. Returns false. */
function putBack(socket, outlet) {
  const writes = outlet.corked;
  if (writes === null) return false;
  outlet.corked = null;
  socket._writableState.length -= writes.length;
  for (let i = 0; i < writes.count; i++) {
    const encoding = writes.encodings[i];
    fastPath.writeThrough(socket, outlet, writes.chunks[i], encoding, writes.callbacks[i]);
  }
  return false;
}

/** The outlet of a socket; `Writable` has what was kept for the end of a cork. */
function withoutCork(socket) {
  const outlet = socket[kOutlet];
  if (outlet?.corked) putBack(socket, outlet);
  return outlet;
}

module.exports = { keep, putBack, release, withoutCork };
