'use strict';

// The batches of one stream: the one that is being filled, and those that the subclass has.
//
// There are slabs for one batch more than may be under way. That bounds the memory, whatever is written.

const { Slab, lengthOf } = require('./slab.js');

const { clearImmediate, clearTimeout, setImmediate, setTimeout } = globalThis;

/** One batch, from its first byte to the callbacks of its writes. */
class Batch {
  /** The callbacks of the writes that end in it. */
  callbacks = [];
  isDone = false;
  error = null;

  constructor(slab) {
    this.slab = slab;
  }
}

class Batches {
  #size;
  #delay;
  #concurrency;
  #afterDelay;

  /** Slabs without a batch; and how many there are in all. */
  #free = [];
  #slabs = 0;

  /** The batch that is being filled, or full while none can be handed over. */
  #open = null;
  /** It is to be handed over, full or not. */
  #isDue = false;
  #timer = null;

  /** Batches handed over, in order, until they are taken from the head by `shiftDone()`. */
  #underWay = [];
  /** How many of them the subclass has not called back for. */
  #running = 0;
  #isStopped = false;

  /** @param {() => void} afterDelay the open batch has waited for as long as it may */
  constructor({ size, delay, concurrency }, afterDelay) {
    this.#size = size;
    this.#delay = delay;
    this.#concurrency = concurrency;
    this.#afterDelay = () => {
      this.#timer = null;
      afterDelay();
    };
  }

  /** The batch with the newest bytes; undefined if there are none that the subclass is not done with. */
  get last() {
    return this.#hasOpen ? this.#open : this.#underWay.at(-1);
  }

  get hasUnderWay() {
    return this.#underWay.length > 0;
  }

  /** Something is gathered. */
  get #hasOpen() {
    return this.#open !== null && !this.#open.slab.isEmpty;
  }

  /** A batch to write to; it may be full. Null if all memory is in use. */
  open() {
    if (this.#open !== null) return this.#open;
    const slab = this.#free.pop() ?? this.#makeSlab();
    if (slab === null) return null;
    this.#open = new Batch(slab);
    this.#startTimer();
    return this.#open;
  }

  #makeSlab() {
    if (this.#slabs > this.#concurrency) return null;
    const slab = new Slab(this.#size);
    this.#slabs += 1;
    return slab;
  }

  #startTimer() {
    if (this.#delay === Infinity || this.#timer !== null) return;
    this.#timer =
      this.#delay > 0 ? setTimeout(this.#afterDelay, this.#delay) : setImmediate(this.#afterDelay);
  }

  #stopTimer() {
    if (this.#delay > 0) clearTimeout(this.#timer);
    else clearImmediate(this.#timer);
    this.#timer = null;
  }

  /** What is gathered is not to wait for more. */
  makeDue() {
    this.#isDue = this.#hasOpen;
  }

  /** Takes the open batch if it is time to hand it over. */
  takeDue() {
    const batch = this.#open;
    if (batch === null || this.#running >= this.#concurrency) return null;
    if (!this.#isDue && !batch.slab.isFull) return null;
    this.#open = null;
    this.#isDue = false;
    // A delay counts for each batch; the end of the turn is the same for all.
    if (this.#delay > 0) this.#stopTimer();
    this.#underWay.push(batch);
    this.#running += 1;
    return batch;
  }

  /**
   * Takes the open batch, filled by bytes whose rest begins the next one. Null if they do not fill it, or
   * there is no memory for the next.
   */
  takeFilledBy(bytes) {
    const { slab } = this.#open;
    const end = lengthOf(bytes);
    if (!this.#canFollow || !slab.isFilledBy(end)) return null;
    const start = slab.take(bytes, 0, end);
    const full = this.takeDue();
    if (start < end) this.open().slab.take(bytes, start, end);
    return full;
  }

  /** The open batch can be handed over when it is full, and there is memory for the next one. */
  get #canFollow() {
    const hasMemory = this.#free.length > 0 || this.#slabs <= this.#concurrency;
    return hasMemory && this.#running < this.#concurrency;
  }

  /** The subclass has called back. Returns false if it had before. */
  markDone(batch, error) {
    if (batch.isDone) return false;
    batch.isDone = true;
    batch.error = error;
    this.#running -= 1;
    if (!batch.slab.reclaim()) this.#slabs -= 1;
    else if (!this.#isStopped) this.#free.push(batch.slab);
    return true;
  }

  /** Takes the oldest batch if it is done. */
  shiftDone() {
    return this.#underWay[0]?.isDone ? this.#underWay.shift() : null;
  }

  /** Forgets all batches, and returns the callbacks of their writes in order. */
  giveUp() {
    const batches = this.#open === null ? this.#underWay : [...this.#underWay, this.#open];
    this.#underWay = [];
    this.#open = null;
    return batches.flatMap(({ callbacks }) => callbacks);
  }

  /** Nothing is handed over any more. */
  stop() {
    this.#isStopped = true;
    this.#free = [];
    this.#stopTimer();
  }
}

module.exports = Batches;
