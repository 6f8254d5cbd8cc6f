'use strict';

// What a socket reads, and what it was told to write: nobody may read what a write has caused before the
// callback of that write, nor take the reset of a connection for its end.
//
// Node's own code reads and calls `push()`, which is why all of it comes by here. Most of it goes on at once.

const { nextTick } = process;

/** What was read and is not pushed yet, because something has to be told first; null if nothing is. */
const kUnread = Symbol('unread');

/** ECONNRESET and the like are no end; after this one Node's read tells the end, and the write the error. */
const EPIPE = 32;

/**
 * The `push()` of a socket.
 * @param {Function} push Node's
 * @param {Outlet} outlet
 */
function read(socket, push, outlet, chunk, encoding) {
  const unread = socket[kUnread];
  if (unread != null) return unread.push({ chunk, encoding }) > 0;
  if (!outlet.isLive) return push.call(socket, chunk, encoding);
  outlet.beginTick();
  if (chunk === null) {
    const errno = outlet.atEnd();
    // The failure is on its way, and an error follows.
    if (errno > 0 && errno !== EPIPE) return false;
    if (errno === -1) return hold(socket, chunk, encoding);
  }
  if (!outlet.tellWritten()) return push.call(socket, chunk, encoding);
  hold(socket, chunk, encoding);
  // The end is told by the shutdown, which `goOn()` waits for.
  if (!outlet.hasEnded || socket.writableFinished) goOnSoon(socket);
  return true;
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

/** Pushes what was held, and what `onread` would do next. */
function goOn(socket) {
  const unread = socket[kUnread];
  socket[kUnread] = null;
  for (const { chunk, encoding } of unread ?? []) {
    const wantsMore = socket.push(chunk, encoding);
    if (chunk === null) socket.read(0);
    else if (!wantsMore) stopReading(socket);
  }
}

function stopReading(socket) {
  const handle = socket._handle;
  if (!handle?.reading || socket.destroyed) return;
  handle.reading = false;
  handle.readStop();
}

module.exports = { goOnSoon, kUnread, read };
