'use strict';

// A large Buffer that is written to a socket at rest: the system is given it from where it lies, within the call, as
// Node's handle would do. `Writable` has nothing to keep then. Whatever is not usual is left to it.

const { partOf } = require('../chunk.js');
const fastPath = require('../fast-path.js');
const { setImmediate } = require('../timers.js');
const turn = require('../turn.js');

/**
 * The `write()` of a chunk that is no string.
 * @param {Outlet} outlet live, and nothing is corked
 * @param {number} size of the chunk
 * @param {any} told is called back if it is a function
 * @returns {boolean | null} what `write()` answers; null if nothing was done
 */
function write(socket, outlet, chunk, size, told) {
  const state = socket._writableState;
  if (state.length !== 0 || !outlet.maySend || !socket.writable) return null;
  const sent = outlet.send(chunk, size);
  if (sent === 0) return null;
  const callback = typeof told === 'function' ? told : undefined;
  if (sent < size) return writeRest(socket, outlet, partOf(chunk, sent), callback, size);
  if (callback !== undefined) outlet.tellSoon(callback);
  if (!turn.isSpent) return !state.needDrain;
  if (!state.needDrain) setImmediate(drain, socket, outlet);
  state.needDrain = true;
  return false;
}

/** The system has refused it, of so many bytes. After true the memory is the caller's again, after false it may stay. */
function writeRest(socket, outlet, rest, callback, size) {
  const state = socket._writableState;
  if (size < state.highWaterMark)
    return fastPath.write(socket, outlet, true, rest, undefined, callback);
  state.needDrain = true;
  fastPath.writeThrough(socket, outlet, rest, undefined, callback);
  outlet.noteQueue();
  return false;
}

/** The turn's share is used up, and others had the loop. What the system refused meanwhile is told by the outlet. */
function drain(socket, outlet) {
  if (!outlet.needsDrain) fastPath.drain(socket, outlet.countedBytes);
}

module.exports = { write };
