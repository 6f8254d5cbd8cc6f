'use strict';

// The order of reads and write callbacks of a socket: the reply to a write is pushed after the write's callback, and
// a reset is never taken for an end.
//
// Node's own code reads and calls `push()`, or the callback of `onread`; both come through here. Most chunks are
// passed on at once. The parser of an http server reads past us until something has to be told before a request.

const { handleOf, kOutlet } = require('./socket/handle.js');
const nextTick = require('./tick.js');

/** Chunks that were read and wait for callbacks of writes before they are pushed; null if none wait. */
const kUnread = Symbol('unread');

/**
 * ECONNRESET and the like are no end. Of this one Node's write tells, and its read tells the end, if it comes to that: not
 * when the write has failed in the call.
 */
const EPIPE = 32;

/**
 * The `push()` of a socket.
 * @param {Function} push Node's
 * @param {Outlet} outlet
 */
function read(socket, push, outlet, chunk, encoding) {
  const unread = socket[kUnread];
  if (unread != null) return unread.push({ chunk, encoding }) > 0;
  if (!outlet.life.isLive) return push.call(socket, chunk, encoding);
  if (chunk === null) {
    const errno = outlet.atEnd();
    // The failure is on its way, and an error follows.
    if (errno > 0 && (errno !== EPIPE || outlet.hasFailedInCall)) return false;
    if (errno === -1) return hold(socket, chunk, encoding);
  }
  if (!outlet.tellWritten()) return push.call(socket, chunk, encoding);
  hold(socket, chunk, encoding);
  goOnAfterEnd(socket);
  return true;
}

/** The shutdown completes the end, and `goOn()` waits for it. */
function goOnAfterEnd(socket) {
  if (!socket[kOutlet].hasEnded || socket.writableFinished) goOnSoon(socket);
}

function hold(socket, chunk, encoding) {
  socket[kUnread] = [{ chunk, encoding }];
  return true;
}

/** Once ticks and promise jobs are done, as between two tasks of the event loop. */
function goOnSoon(socket) {
  if (socket[kUnread] == null) return;
  queueMicrotask(() => nextTick(goOn, socket));
}

/** Tells what was held. If a listener throws, the rest follows in a later tick. */
function goOn(socket) {
  const unread = socket[kUnread] ?? [];
  socket[kUnread] = null;
  try {
    while (unread.length > 0) tell(socket, unread.shift());
  } finally {
    if (unread.length > 0) {
      socket[kUnread] = unread.concat(socket[kUnread] ?? []);
      goOnSoon(socket);
    }
  }
}

/** Pushes, or calls `onread`, and does what Node's reading would do next. */
function tell(socket, { chunk, encoding, onread }) {
  if (onread !== undefined) return tellOnread(socket, onread);
  const wantsMore = socket.push(chunk, encoding);
  if (chunk === null) socket.read(0);
  else if (!wantsMore) stopReading(socket);
}

function stopReading(socket) {
  const handle = socket._handle;
  if (!handle?.reading || socket.destroyed) return;
  handle.reading = false;
  handle.readStop();
}

// Past `push()`.

/**
 * The parser of an http server reads from the handle by itself, which saves a call for each request. From now on
 * a write callback may have to run before a request. Node's server stops that way of reading for good at the first
 * listener for 'data', and gives the parser what comes by `push()`.
 */
function hearAll(socket) {
  if (!socket.parser?._consumed) return;
  socket.on('data', ignore);
  socket.removeListener('data', ignore);
  // The read that `Readable` asked for was never answered. Whoever resumes has to ask again.
  if (!handleOf(socket)?.reading) socket._readableState.reading = false;
}

function ignore() {}

/** Node's symbol for the callback of `onread`; undefined until a socket was seen. */
let kCallback;

/** The callback of `onread`, too, runs after the callbacks of finished writes. */
function guardOnread(socket) {
  const symbols = Object.getOwnPropertySymbols(socket);
  kCallback ??= symbols.find(({ description }) => description === 'kBufferCb');
  const callback = socket[kCallback];
  if (typeof callback !== 'function') return;
  socket[kCallback] = function (length, buffer) {
    const outlet = this[kOutlet];
    const isHeld = this[kUnread] != null || (outlet.isLive && outlet.tellWritten());
    return isHeld
      ? holdOnread(this, { callback, length, buffer })
      : callback.call(this, length, buffer);
  };
}

/** Answers false, so that Node stops reading. Who starts it again would overwrite the user's buffer: so it is copied. */
function holdOnread(socket, { callback, length, buffer }) {
  const isFirst = socket[kUnread] == null;
  const bytes = Buffer.from(buffer.subarray(0, length));
  socket[kUnread] ??= [];
  socket[kUnread].push({ onread: { callback, buffer, bytes } });
  if (isFirst) goOnAfterEnd(socket);
  return false;
}

function tellOnread(socket, { callback, buffer, bytes }) {
  if (socket.destroyed) return;
  buffer.set(bytes);
  if (callback.call(socket, bytes.length, buffer) === false) stopReading(socket);
  // Starts the next read. For a paused socket `resume()` does that.
  else if (!socket.isPaused()) socket.read(0);
}

module.exports = { goOnSoon, guardOnread, hearAll, kUnread, read };
