'use strict';

// Writes that went through `Writable`: those that it has not passed on yet, and the one chunk that it has passed on
// and that finds no room.

const { lengthOf } = require('./slab.js');

/**
 * What is known of a write.
 * @typedef {object} Entry
 * @property {Function | null} callback the user's
 * @property {Function[] | null} flushes to be called when it is done
 */

/** @returns {Entry} */
function entryOf(callback) {
  return { callback, flushes: null };
}

/** What `Writable` calls back: the user is told here of a failure alone. */
function toldOfFailure(entry, callInOrder) {
  return (error) => {
    if (!error) return;
    const { callback } = entry;
    entry.callback = null;
    if (callback !== null) callInOrder(callback, error);
  };
}

/** Arguments of `end()` for that of `Writable`, whose callback comes in order; and whether they have a chunk. */
function endArguments(args, callInOrder) {
  const at = args.findIndex((argument) => typeof argument === 'function');
  const hasChunk = at !== 0 && args[0] !== null && args[0] !== undefined;
  if (at < 0) return { args, hasChunk };
  const callback = args[at];
  const inOrder = (...results) => callInOrder(callback, ...results);
  return { args: [...args.slice(0, at), inOrder], hasChunk };
}

class Waiting {
  #queued = [];
  /** The chunk that `Writable` waits for; null if there is none. */
  #held = null;

  get isHolding() {
    return this.#held !== null;
  }

  /** Calls back `Writable` when the chunk is taken, if it waits for that. */
  get heldDone() {
    return this.#held?.done ?? null;
  }

  /** Expects the chunk of `write` to be passed on later, unless it is refused. */
  expect(entry, write) {
    this.#queued.push(entry);
    try {
      return write();
    } catch (error) {
      if (this.#queued.at(-1) === entry) this.#queued.pop();
      throw error;
    }
  }

  /** `Writable` passes on the next chunk. Returns what is known of it. */
  shift() {
    return this.#queued.shift() ?? entryOf(null);
  }

  hold(bytes, entry, done) {
    this.#held = { bytes, start: 0, entry, done };
  }

  /** Has `flush` called when the last of these writes is done. Returns whether there is one. */
  flushBehind(flush) {
    const entry = this.#queued.at(-1) ?? this.#held?.entry;
    if (entry === undefined) return false;
    entry.flushes ??= [];
    entry.flushes.push(flush);
    return true;
  }

  /** Puts what it has room for of the held chunk into the open batch. Returns how many bytes that was. */
  fill(batches) {
    const held = this.#held;
    const end = lengthOf(held.bytes);
    if (held.start === end) return 0;
    const batch = batches.open();
    if (batch === null || batch.slab.isFull) return 0;
    const taken = batch.slab.take(held.bytes, held.start, end);
    held.start += taken;
    return taken;
  }

  /** All of the held chunk is taken: gives it. Else null. */
  shiftTaken() {
    const held = this.#held;
    if (held.start < lengthOf(held.bytes)) return null;
    this.#held = null;
    return held;
  }

  /** Gives them all up. */
  giveUp() {
    const held = this.#held;
    const entries = held === null ? this.#queued : [held.entry, ...this.#queued];
    this.#held = null;
    this.#queued = [];
    return { held, entries };
  }
}

module.exports = { Waiting, endArguments, entryOf, toldOfFailure };
