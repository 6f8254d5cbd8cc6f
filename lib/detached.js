'use strict';

// The async context in which nothing is stored: for what outlives the code that first asked for it.
//
// Node keeps the stores of every AsyncLocalStorage with whatever is made while they are entered. The addon and
// the resolver of node:dns live as long as the process, and they may be loaded by a test file or by a request.

const { AsyncResource } = require('node:async_hooks');

/** Where Node keeps the stores of a resource: before Node 24, one key for each storage, and the frame of all since. */
const STORES = ['kResourceStore', 'context_frame'];

const empty = new AsyncResource('RUSHWRITE');
for (const key of Object.getOwnPropertySymbols(empty)) {
  if (STORES.includes(key.description)) empty[key] = undefined;
}

/** Returns what `make` returns, called where no store is entered. */
function detached(make) {
  return empty.runInAsyncScope(make);
}

module.exports = detached;
