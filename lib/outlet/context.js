'use strict';

// Calls of the user's functions in the async context that Node would show them, and where their errors
// come out: in that context, too, so that a domain, a store or an 'uncaughtException' listener sees whose
// error it is. They come out in the next tick, because `runInAsyncScope` leaves the context at once.

const nextTick = require('../tick.js');

/**
 * Calls `run` in `scope`. Returns false if it threw.
 * @param {AsyncResource} scope
 */
function callIn(scope, run, receiver, a, b, c) {
  return scope.runInAsyncScope(guarded, undefined, run, receiver, a, b, c);
}

function guarded(run, receiver, a, b, c) {
  try {
    run.call(receiver, a, b, c);
    return true;
  } catch (error) {
    nextTick(rethrow, error);
    return false;
  }
}

function rethrow(error) {
  throw error;
}

module.exports = { callIn };
