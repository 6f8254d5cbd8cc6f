'use strict';

// The end of a stream with listeners of 'prefinish'. Behind a `_final` `Writable` emits 'finish' whatever such a
// listener has done; Node's class has no `_final`, and no 'finish' follows if the listener fails or destroys the stream.

const { hide } = require('../fast-path.js');

/** Thrown to leave the callback of `_final`. */
const STOPPED = Symbol('stopped');

/** Calls `Writable` back after the end. */
function callWatched(stream, callback) {
  const { emit } = stream;
  const replaced = Object.getOwnPropertyDescriptor(stream, 'emit');
  let isOurs = true;
  const restore = () => {
    if (!isOurs) return;
    isOurs = false;
    delete stream.emit;
    if (replaced !== undefined) Object.defineProperty(stream, 'emit', replaced);
  };
  hide(stream, 'emit', (...args) => {
    restore();
    const isHeard = emit.apply(stream, args);
    if (stream.destroyed || stream.errored) throw STOPPED;
    return isHeard;
  });
  try {
    callback();
  } catch (thrown) {
    if (thrown !== STOPPED) throw thrown;
  } finally {
    restore();
  }
}

module.exports = callWatched;
