'use strict';

// What an outlet is made of. The parts know each other, from the first to the last, and not the outlet.

const { AsyncResource } = require('node:async_hooks');
const Backpressure = require('./backpressure.js');
const Batch = require('./batch.js');
const Callbacks = require('./callbacks.js');
const Completion = require('./completion.js');
const FlushTimer = require('./flush-timer.js');
const Lifecycle = require('./lifecycle.js');
const Reopens = require('./reopens.js');
const Schedule = require('./schedule.js');
const Syncs = require('./syncs.js');

/** Sockets have no syncs and no reopens. */
const NO_SYNCS = new Syncs();
const NO_REOPENS = new Reopens();

/**
 * The parts of an outlet.
 * @param {Owner} owner see lib/outlet/completion.js
 * @param {NativeStream} native
 * @param {object} settings
 * @param {number} settings.bufferSize
 * @param {boolean} [settings.isMark] that is the program's own mark; see lib/outlet/backpressure.js
 * @param {boolean} [settings.mayGrow] twice as much may wait of Buffers that are larger than half of it
 * @param {{flushOnExit: boolean, bound: Bound | null}} settings.trust what was accepted is written
 *   before the thread ends; and how much may wait on both levels, see lib/overflow.js
 * @param {boolean} [settings.isOpen] there is nothing to open
 * @param {boolean} [settings.isSynced] the end waits for a sync, or a commit
 * @param {boolean} [settings.isListening] the stream has something to tell while there is nothing to do: that another
 *   file has taken the place of its own, or that the system had refused bytes
 * @param {boolean} [settings.isPatient] what is written soon after a hand-over waits for the end of its turn
 * @param {number} [settings.fileSize] how many bytes each of the stream's files has at most
 * @param {Outlet} [settings.former] the one whose place this one takes: it was given no bytes, but callbacks,
 *   syncs and reopens
 * @param {object} [former] the parts of that one
 */
function partsOf(owner, native, settings, former) {
  const { bufferSize, isMark, mayGrow, trust, isOpen = false, isSynced = false } = settings;
  const { isListening = false, isPatient = false, fileSize } = settings;
  const { bound, flushOnExit: flushesOnExit, stallTimeout: stallTimeoutMs } = trust;
  const scope = new AsyncResource('RUSHWRITE');
  const batch = new Batch(native, fileSize);
  const parts = {
    native,
    bound,
    batch,
    backpressure: new Backpressure(native, batch, owner.stream, {
      bufferSize,
      isMark,
      mayGrow,
      maxBytes: bound?.maxBytes ?? null,
      isUnlimited: native.exists && !isOpen && bound === null,
    }),
    callbacks: former?.callbacks ?? new Callbacks(scope),
    syncs: former?.syncs ?? (native.isDirect ? NO_SYNCS : new Syncs()),
    reopens: former?.reopens ?? (native.isDirect ? NO_REOPENS : new Reopens()),
    life: new Lifecycle(isOpen),
    timer: new FlushTimer(),
    completion: null,
    schedule: null,
  };
  parts.completion = new Completion(owner, parts, isSynced);
  const when = { scope, flushesOnExit, isPatient, stallTimeoutMs, isListening };
  parts.schedule = new Schedule(owner, parts, when);
  return parts;
}

module.exports = partsOf;
