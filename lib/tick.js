'use strict';

// `process.nextTick`, also where a test double stands in its place: later, or when this is loaded. Jest
// loads a package anew for each test file, perhaps with fake timers in place.

const { setImmediate } = require('./timers.js');

const found = process.nextTick;

/** Other runtimes have functions of their own, which they keep. */
const isOriginal =
  process.versions.bun !== undefined ||
  process.versions.deno !== undefined ||
  /\b(tickObject|FixedQueue)\b/.test(Function.prototype.toString.call(found));

/** Where only a double is to be had, the next turn is what comes next. */
module.exports = isOriginal ? found : (callback, ...args) => setImmediate(callback, ...args);
