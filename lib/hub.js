'use strict';

// Events from Rust, to the outlet or the lookup they belong to. One for each thread, and for each copy
// of this package that it has loaded.
//
// An outlet is known here only while it has work to do; as long as any is, or a lookup is under way,
// the process is kept alive. An idle stream is therefore neither a reason to stay nor kept from the
// garbage collector.

const { setImmediate, setTimeout } = require('node:timers');
const native = require('./native.js');

/** Stream, kind, and two values; see src/addon/events.rs. */
const EVENT_NUMBERS = 4;

/** What names a stream's slot in its number; see src/addon/registry.rs. */
const SLOT_MASK = 2 ** 20 - 1;

/** The kind of an event that answers a lookup; those of streams have smaller numbers. */
const ANSWERED = 5;

/** How many events are taken at once. */
const EVENTS = 256;

/** When streams are looked at that have work to do of which nobody wants to hear. */
const END_MS = 10;

class Hub {
  /**
   * By their streams' slots. No Map: V8 links the tables that one outgrows, so that each stream that
   * came and went would live on until a major collection.
   */
  #outlets = [];
  /** What to call with the answers of lookups, by their numbers. */
  #lookups = new Map();
  #lookupCount = 0;
  /** How many outlets and lookups there are. */
  #busy = 0;
  /** Outlets that have nothing to do, because what their stream accepted is still in its own queue. */
  #queued = new Set();
  /** Outlets whose `watchEnd()` is due. */
  #awaited = [];
  #records = new Float64Array(EVENTS * EVENT_NUMBERS);
  /** The number of our event queue in Rust, once there is one. */
  #id = null;
  /** Events that wait for an immediate of their own. */
  #waiting = 0;

  /**
   * Makes a native stream that writes to a path. Returns its number.
   * @param {{path: string | Buffer, flags: number, mode: number}} target
   * @param {{start: number, flush: boolean, keepOpen: boolean}} how see src/addon/calls.rs
   */
  openPath({ path, flags, mode }, { start, flush, keepOpen }) {
    this.#attach();
    return native.openPath(this.#id, path, flags, mode, start, flush, keepOpen);
  }

  /** Makes one that writes to a descriptor, `isBorrowed` if somebody else closes it. */
  openDescriptor(fd, isBorrowed, { start, flush, keepOpen }) {
    this.#attach();
    return native.openDescriptor(this.#id, fd, start, flush, keepOpen, isBorrowed);
  }

  /** Makes a native stream that writes to a socket; null if the system has no descriptor for it. */
  openSocket(fd) {
    this.#attach();
    return native.openSocketStream(this.#id, fd);
  }

  /**
   * Asks the system for the addresses of a name in ASCII. Returns false if it has no thread for that.
   * @param {0 | 4 | 6} family
   * @param {number} hints the flags of `getaddrinfo(3)`
   * @param {(errno: number, addresses: string[]) => void} answer gets libuv's number, or 0
   */
  lookup(name, family, hints, answer) {
    this.#attach();
    const number = this.#lookupCount++;
    if (!native.lookup(this.#id, number, name, family, hints)) return false;
    this.#stay();
    this.#lookups.set(number, answer);
    return true;
  }

  #attach() {
    this.#id ??= native.attach(() => this.#take());
  }

  /** `outlet` has work to do: it waits for events of its stream, and the process for it. */
  add(outlet) {
    if (this.isBusy(outlet)) return;
    this.#stay();
    this.#outlets[outlet.id & SLOT_MASK] = outlet;
    if (this.#queued.size > 0) this.#queued.delete(outlet);
  }

  isBusy(outlet) {
    return this.#outlets[outlet.id & SLOT_MASK] === outlet;
  }

  /** The stream of `outlet` may keep bytes in its own queue, although there is no work to do for them. */
  addQueued(outlet) {
    if (!this.isBusy(outlet)) this.#queued.add(outlet);
  }

  /** `outlet` has nothing to do any more. */
  remove(outlet) {
    if (this.#queued.size > 0) this.#queued.delete(outlet);
    if (!this.isBusy(outlet)) return;
    this.#outlets[outlet.id & SLOT_MASK] = undefined;
    this.#leave();
  }

  #stay() {
    if (this.#busy++ === 0) native.keepAlive(this.#id, true);
  }

  #leave() {
    if (--this.#busy === 0) native.keepAlive(this.#id, false);
  }

  /** Calls `outlet.watchEnd()` a while later. */
  watchEndLater(outlet) {
    if (this.#awaited.push(outlet) > 1) return;
    // The process need not stay for it: it stays for what the outlets have to do.
    setTimeout(() => this.#watchEnds(), END_MS).unref();
  }

  #watchEnds() {
    const awaited = this.#awaited;
    this.#awaited = [];
    for (const outlet of awaited) outlet.watchEnd();
  }

  /** All outlets of this thread whose streams may have accepted bytes that are not written. */
  outlets() {
    const busy = this.#outlets.filter((outlet) => outlet !== undefined);
    return [...new Set([...busy, ...this.#queued])];
  }

  /**
   * Each event is delivered in a task of its own, as each completion of `fs` is: ticks and promise
   * jobs run in between, and one that throws does not stop the next. The first one has this task.
   */
  #take() {
    const events = this.#taken();
    const first = this.#waiting === 0 ? events.shift() : undefined;
    for (const event of events) {
      this.#waiting++;
      setImmediate(() => {
        this.#waiting--;
        this.#deliver(event);
      });
    }
    if (first) this.#deliver(first);
  }

  #taken() {
    const events = [];
    let count;
    do {
      count = native.takeEvents(this.#id, this.#records);
      for (let i = 0; i < count * EVENT_NUMBERS; i += EVENT_NUMBERS) {
        const record = this.#records;
        events.push({ id: record[i], kind: record[i + 1], a: record[i + 2], b: record[i + 3] });
      }
    } while (count === EVENTS);
    return this.#lookups.size === 0 ? events : events.concat(this.#answers());
  }

  /** The answers of lookups, in the shape of events. Taken last: see `take_answers`. */
  #answers() {
    const answers = native.takeAnswers(this.#id);
    return answers.map(({ lookup, errno, addresses }) => {
      return { id: lookup, kind: ANSWERED, a: errno, b: addresses };
    });
  }

  #deliver({ id, kind, a, b }) {
    if (kind === ANSWERED) return this.#answer(id, a, b);
    const outlet = this.#outlets[id & SLOT_MASK];
    if (outlet?.id === id) outlet.deliver(kind, a, b);
  }

  #answer(lookup, errno, addresses) {
    const answer = this.#lookups.get(lookup);
    this.#lookups.delete(lookup);
    this.#leave();
    answer(errno, addresses);
  }
}

module.exports = new Hub();
