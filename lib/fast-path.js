'use strict';

// The fast path of the stream classes: plain writes that go past `Writable` straight to their outlet,
// and the state of `Writable` that such a write has to update itself.
//
// `Writable` would hand a plain chunk to `_write`, be called back at once and answer true. It is
// spared that while it has nothing to say about the chunk.

const { lengthOf, refuseForgery } = require('./chunk.js');
const { destroyedError } = require('./errors.js');
const nextTick = require('./tick.js');

/** What the class of a stream inherits from Node's. */
const kInherited = Symbol('inherited');

/**
 * The `write()` of a stream with an outlet.
 * @param {Writable} stream
 * @param {Outlet} outlet
 * @param {boolean} isOwn `_write` is the class's own, so no other code has to see the chunk
 */
function write(stream, outlet, isOwn, chunk, encoding, callback) {
  // Closed before the first plain write of a tick, and for each one that is alone there.
  if (!outlet.batch.isOpen) return writeAny(stream, outlet, isOwn, chunk, encoding, callback);
  if (encoding === undefined && callback === undefined && isOwn) {
    const { length, highWaterMark } = stream._writableState;
    // Nothing waits in `Writable`, which would answer true. A call costs more than the question, until V8 inlines it.
    const isFree = length === 0 || isEmpty(stream, outlet);
    if (isFree && outlet.gather(chunk, highWaterMark)) return true;
  }
  outlet.stopGathering();
  return writeAny(stream, outlet, isOwn, chunk, encoding, callback);
}

/**
 * The `write()` of a stream that is corked: `Writable` keeps the chunk. Only what would be asked of every other
 * write, and may matter for this one, is asked.
 */
function writeCorked(stream, outlet, chunk, encoding, callback) {
  const state = stream._writableState;
  const told = typeof encoding === 'function' ? encoding : callback;
  if (outlet.bound?.refuses(stream, outlet, chunk, encoding)) {
    return outlet.bound.refuse(stream, outlet, chunk, encoding, told);
  }
  const isFirst = state.length === 0;
  if (!isFirst) {
    outlet.uncount();
    if ((state.writing || state.needDrain) && !outlet.isReady) catchUp(stream, outlet);
  }
  const answer = writeThrough(stream, outlet, chunk, encoding, told);
  if (isFirst) outlet.noteQueue();
  return answer && !state.needDrain;
}

/** Nothing waits in `Writable`, whatever its state counts besides. */
function isEmpty(stream, outlet) {
  const { length } = stream._writableState;
  return length === 0 || length === outlet.countedBytes;
}

function writeAny(stream, outlet, isOwn, chunk, encoding, callback) {
  const told = typeof encoding === 'function' ? encoding : callback;
  const isUtf8 = encoding == null || encoding === told || encoding === 'utf8';
  if (
    isOwn &&
    (isUtf8 || isByteText(chunk, encoding)) &&
    isPlain(stream, outlet, chunk) &&
    outlet.canTake()
  ) {
    const called = typeof told === 'function' ? told : undefined;
    if (outlet.take(chunk, called, isUtf8 ? 'utf8' : 'latin1')) return true;
    stream._writableState.needDrain = true;
    return false;
  }
  if (outlet.bound?.refuses(stream, outlet, chunk, encoding)) {
    return outlet.bound.refuse(stream, outlet, chunk, encoding, told);
  }
  outlet.uncount();
  if (!outlet.isReady) catchUp(stream, outlet);
  const answer = writeThrough(stream, outlet, chunk, encoding, told);
  outlet.noteQueue();
  // `Writable` knows nothing of a plain write's `false`, which holds until 'drain'.
  return answer && !stream._writableState.needDrain;
}

/** A string with a byte for each unit. */
function isByteText(chunk, encoding) {
  return typeof chunk === 'string' && (encoding === 'latin1' || encoding === 'ascii');
}

/**
 * Gives a class methods that end the gathering: what comes after them is no plain write, perhaps.
 * @param {Function} Class
 * @param {(stream: Writable) => Outlet | null | undefined} outletOf
 * @param {boolean} [seesCorks] its `write()` looks for corks itself
 */
function stopGatheringIn(Class, outletOf, seesCorks = false) {
  const inherited = Object.getPrototypeOf(Class.prototype);
  hide(Class.prototype, kInherited, inherited);
  if (!seesCorks) {
    Class.prototype.cork = function cork() {
      outletOf(this)?.stopGathering();
      return inherited.cork.call(this);
    };
  }
  Class.prototype.setDefaultEncoding = function setDefaultEncoding(encoding) {
    outletOf(this)?.stopGathering();
    return inherited.setDefaultEncoding.call(this, encoding);
  };
}

/**
 * The `end()` of a stream that may have an outlet.
 * @param {Function} nodesEnd
 * @param {boolean} isOwn as for `write()`; the last chunk then goes past `Writable`, too
 */
function end(stream, outlet, nodesEnd, isOwn, chunk, encoding, callback) {
  const told = firstFunction(chunk, encoding, callback);
  if (told !== undefined && isForgotten(stream, chunk)) {
    nextTick(told, destroyedError('end'));
    return nodesEnd.call(stream);
  }
  refuseForgery(chunk);
  // Whether there is anything to wait for must be known by now.
  outlet?.refresh();
  if (outlet) outlet.isCounting = false;
  const isDone = outlet ? takeLast(stream, outlet, isOwn, chunk, encoding, told) : false;
  outlet?.stopGathering();
  if (told !== undefined) outlet?.noteEndHeard();
  if (isDone) return nodesEnd.call(stream, told);
  try {
    return nodesEnd.call(stream, chunk, encoding, callback);
  } finally {
    outlet?.noteQueue();
    if (outlet && !stream.writableEnded) outlet.isCounting = true;
  }
}

function firstFunction(chunk, encoding, callback) {
  if (typeof chunk === 'function') return chunk;
  if (typeof encoding === 'function') return encoding;
  return typeof callback === 'function' ? callback : undefined;
}

/**
 * `Writable` would keep the callback of this `end()` for when it fails the writes in its queue. There are
 * none, so that it would never call it.
 */
function isForgotten(stream, chunk) {
  const hasChunk = chunk != null && typeof chunk !== 'function';
  const isLate = stream.destroyed && !stream.errored && !stream.writableEnded;
  return isLate && !hasChunk && stream._writableState.length === 0;
}

/** Takes or refuses the chunk of an `end()`. Returns false if that is left to `Writable`. */
function takeLast(stream, outlet, isOwn, chunk, encoding, told) {
  // Beyond the bound the chunk alone is refused.
  if (outlet.bound?.refuses(stream, outlet, chunk, encoding)) {
    outlet.bound.refuse(stream, outlet, chunk, encoding);
    return true;
  }
  const isUtf8 = encoding === undefined || encoding === told;
  const isTaken = isOwn && isUtf8 && isPlain(stream, outlet, chunk) && outlet.canTake();
  if (isTaken && !outlet.take(chunk)) stream._writableState.needDrain = true;
  return isTaken;
}

/** `Writable` would hand this chunk straight to `_write`, and answer true. */
function isPlain(stream, outlet, chunk) {
  const state = stream._writableState;
  const length = lengthOf(chunk);
  return (
    (state.length === 0 || isEmpty(stream, outlet)) &&
    // What is no chunk has no length.
    length < state.highWaterMark &&
    state.corked === 0 &&
    stream.writable &&
    // Of a Buffer without bytes `Writable` can tell whether its memory is gone.
    (typeof chunk === 'string' ? state.defaultEncoding === 'utf8' : length > 0)
  );
}

/**
 * `Writable`'s callback comes when Rust has the chunk, the user's when the system has it.
 * @param {Outlet} outlet
 */
function writeThrough(stream, outlet, chunk, encoding, told) {
  refuseForgery(chunk);
  const { write } = stream[kInherited];
  // With as many arguments as the user gave: an instrumentation may look at them.
  if (encoding === undefined && typeof told !== 'function') return write.call(stream, chunk);
  if (typeof told !== 'function') return write.call(stream, chunk, encoding);
  // `Writable` refuses it, and calls back by itself.
  if (stream.writableEnded || stream.destroyed) return write.call(stream, chunk, encoding, told);
  const afterWrite = outlet.wrap(told);
  try {
    if (encoding === told) return write.call(stream, chunk, afterWrite);
    return write.call(stream, chunk, encoding, afterWrite);
  } catch (error) {
    outlet.unwrap(afterWrite);
    throw error;
  }
}

/**
 * The user writes in spite of a `false`. If the system has made room meanwhile Rust takes what
 * waits in `Writable`'s queue, which costs more memory. `drain` still comes in a turn of its own.
 */
function catchUp(stream, outlet) {
  if (stream.destroyed || !outlet.hasRoomAgain()) return;
  const state = stream._writableState;
  const { needDrain } = state;
  state.needDrain = false;
  outlet.moveHeld();
  if (needDrain) {
    state.needDrain = true;
    outlet.drainNextTurn();
  }
}

/**
 * Bytes that wait on both levels. Who finds that they come to the mark may wait for 'drain', although no
 * `write()` has said false: so it comes.
 */
function waitingBytes(stream, outlet) {
  const state = stream._writableState;
  const bytes = outlet.waitingBytes(state.length);
  if (bytes >= state.highWaterMark && bytes > 0 && stream.writable && !state.needDrain) {
    state.needDrain = true;
    outlet.drainLater();
  }
  return bytes;
}

/** `Writable` emits it itself when its own queue empties; this is for writes that went past it. */
function drain(stream, countedBytes = 0) {
  const state = stream._writableState;
  if (stream.writableNeedDrain && state.length === countedBytes) {
    state.needDrain = false;
    stream.emit('drain');
  }
}

/** Callbacks that get an error find the stream failed, as with `Writable`. */
function noteFailure(stream, error) {
  const state = stream._writableState;
  if (!state.destroyed) state.errored ??= error;
}

/** A failure while `Writable` has no callback out that could take it. */
function fail(stream, error) {
  const state = stream._writableState;
  if (state.autoDestroy) {
    stream.destroy(error);
  } else if (!state.destroyed && !state.errorEmitted) {
    state.errored = error;
    state.errorEmitted = true;
    stream.emit('error', error);
  }
}

/** Sets a property that `util.inspect` and copies of the stream do not show. */
function hide(stream, key, value) {
  Object.defineProperty(stream, key, { value, writable: true, configurable: true });
}

/** What an assignment would do if the prototype had no accessor of that name. */
function setOwn(stream, key, value) {
  const attributes = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(stream, key, { value, ...attributes });
}

module.exports = {
  waitingBytes,
  stopGatheringIn,
  write,
  writeCorked,
  writeThrough,
  end,
  drain,
  noteFailure,
  fail,
  hide,
  setOwn,
};
