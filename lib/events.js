'use strict';

// Events from Rust, to their streams. One for each thread, and for each copy of this
// package that it has loaded.
//
// A stream is known here, by its schedule, only while it has work to do; as long as any has, the process
// is kept alive. An idle stream is therefore neither a reason to stay nor kept from the garbage collector.

const Mailbox = require('./mailbox.js');
const addon = require('./native.js');
const { setTimeout } = require('./timers.js');

/** How many numbers an event has, and which bits of a stream's number name its slot. */
const { EVENT_NUMBERS, SLOT_MASK } = addon.constants;

/** How many events are taken at once. */
const EVENTS = 256;

/** How long a stream may write without a watched position before its end is watched. */
const END_MS = 10;

class Events {
  #mailbox = new Mailbox(
    (id) => this.#takeAll(id),
    (event) => this.#deliver(event),
  );
  #records = new Float64Array(EVENTS * EVENT_NUMBERS);
  /**
   * The schedules of streams with work to do, by the streams' slots. No Map: V8 links the tables that one outgrows, so
   * that each stream that came and went would live on until a major collection.
   */
  #busy = [];
  /** Those without, but `Writable` may still keep bytes of theirs in its own queue. */
  #queued = [];
  /** Weakly, those whose streams have something to tell while they have nothing to do. */
  #listening = [];
  /** Those whose `watchEnd()` is due. */
  #writing = [];

  /** The number that the addon's calls want of a stream that is made. */
  get queue() {
    return this.#mailbox.id;
  }

  /** A stream is made, or gone. */
  addStream() {
    this.#mailbox.addUser();
  }

  removeStream() {
    this.#mailbox.removeUser();
  }

  /** Calls `begin` when a stream is made where there was none, and `end` when there has been none for a while. */
  whileUsed(begin, end) {
    this.#mailbox.afterOpen = begin;
    this.#mailbox.afterClose = end;
  }

  /** `target` has work to do: it waits for events of its stream, and the process for it. */
  add(target) {
    const slot = target.id & SLOT_MASK;
    if (this.#busy[slot] === target) return;
    this.#mailbox.addWaiter();
    this.#busy[slot] = target;
    this.#queued[slot] = undefined;
  }

  isBusy(target) {
    return this.#busy[target.id & SLOT_MASK] === target;
  }

  /** `Writable` may keep bytes of `target` in its own queue, although there is no work to do for them. */
  addQueued(target) {
    const slot = target.id & SLOT_MASK;
    if (this.#busy[slot] !== target) this.#queued[slot] = target;
  }

  /** `target` gets events also while its stream is idle. It is held weakly. */
  listen(target) {
    this.#listening[target.id & SLOT_MASK] = new WeakRef(target);
  }

  /** The stream with this number has nothing to do any more. */
  remove(id) {
    const slot = id & SLOT_MASK;
    if (this.#queued[slot]?.id === id) this.#queued[slot] = undefined;
    if (this.#busy[slot]?.id !== id) return;
    this.#busy[slot] = undefined;
    this.#mailbox.removeWaiter();
  }

  /** Calls `target.watchEnd()` a while later. */
  watchEndLater(target) {
    if (this.#writing.push(target) > 1) return;
    // The process need not stay for it: it stays for what the streams have to do.
    setTimeout(() => this.#watchEnds(), END_MS).unref();
  }

  #watchEnds() {
    const writing = this.#writing;
    this.#writing = [];
    for (const target of writing) target.watchEnd();
  }

  /** All of this thread that have work to do. */
  busyTargets() {
    return this.#busy.filter((target) => target !== undefined);
  }

  /** All of this thread whose streams may have accepted bytes that are not written. */
  targets() {
    const targets = [...this.#busy, ...this.#queued];
    return [...new Set(targets.filter((target) => target !== undefined))];
  }

  #takeAll(id) {
    const events = [];
    let count;
    do {
      count = addon.takeEvents(id, this.#records);
      for (let i = 0; i < count * EVENT_NUMBERS; i += EVENT_NUMBERS) {
        const record = this.#records;
        events.push({ id: record[i], kind: record[i + 1], a: record[i + 2], b: record[i + 3] });
      }
    } while (count === EVENTS);
    return events;
  }

  /**
   * A stream with nothing to do waits for no event: see `#atRest()` in lib/outlet/outlook.js. The slot may be another
   * stream's by now.
   */
  #deliver({ id, kind, a, b }) {
    const slot = id & SLOT_MASK;
    const target = this.#busy[slot] ?? this.#listening[slot]?.deref();
    if (target?.id === id) target.deliver(kind, a, b);
  }
}

module.exports = new Events();
