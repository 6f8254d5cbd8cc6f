'use strict';

// A large Buffer that is written to a socket at rest: the system is given it from where it lies, within the call, as
// Node's handle would do. `Writable` has nothing to keep then. Whatever is not usual is left to it.

const { lengthOf, partOf } = require('../chunk.js');
const fastPath = require('../fast-path.js');
const nextTick = require('../tick.js');
const { setImmediate } = require('../timers.js');
const turn = require('../turn.js');

/**
 * The `write()` of a chunk that is no string.
 * @param {Outlet} outlet live, and nothing is corked
 * @param {Function} [callback]
 * @returns {boolean | null} what `write()` answers; null if nothing was done
 */
function write(socket, outlet, chunk, callback) {
  const state = socket._writableState;
  if (state.length !== 0 || !outlet.maySend || !socket.writable) return null;
  const sent = outlet.send(chunk);
  if (sent === 0) return null;
  const size = lengthOf(chunk);
  const isSmall = size < state.highWaterMark;
  // After true the memory is the caller's again: what is left is a write for which the answer may be true.
  if (sent < size && isSmall)
    return fastPath.write(socket, outlet, true, partOf(chunk, sent), undefined, callback);
  const isLow = isSmall && !turn.isSpent;
  if (!isLow) state.needDrain = true;
  if (sent < size) {
    fastPath.writeThrough(socket, outlet, partOf(chunk, sent), undefined, callback);
    outlet.noteQueue();
    return false;
  }
  // Two ticks, so that a listener that throws keeps no callback.
  if (!isLow) nextTick(drain, socket, outlet);
  outlet.tellSoon(callback);
  return isLow && !state.needDrain;
}

/** `Writable` would say in this tick that it is empty. Others have the loop first if the turn's share is used up. */
function drain(socket, outlet) {
  if (turn.isSpent) setImmediate(emitDrain, socket, outlet);
  else emitDrain(socket, outlet);
}

/** If the system refuses what was written meanwhile the outlet tells. */
function emitDrain(socket, outlet) {
  if (!outlet.needsDrain) fastPath.drain(socket, outlet.countedBytes);
}

module.exports = { write };
