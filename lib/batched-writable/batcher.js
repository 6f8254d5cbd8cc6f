'use strict';

// Gathers what is written to a batched `Writable`, hands batches over, and calls back in order.
//
// A plain write goes past `Writable` into the open batch. Everything else goes through `Writable`, which
// hands it to `receive()` in order; what there is no room for is held, and `Writable` queues the rest.

const { Writable } = require('node:stream');
const { destroyedError, multipleCallbackError } = require('../errors.js');
const DueCallbacks = require('./callbacks.js');
const { Slab, lengthOf } = require('./slab.js');
const Steps = require('./steps.js');

const { clearImmediate, clearTimeout, setImmediate, setTimeout } = globalThis;

/** A string's unit takes so many bytes at most. */
const UNIT_BYTES = 3;

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

class Batcher {
  #stream;
  #state;
  #options;
  #steps;
  #due = new DueCallbacks();

  /** Slabs without a batch; and how many there are in all, at most one more than may be under way. */
  #free = [];
  #slabs = 0;

  /** The batch that is being filled, or full while none can be handed over. */
  #open = null;
  /** What has been gathered is to be handed over, full or not. */
  #isDue = false;
  #timer = null;

  /** Batches handed over, in order, until their callbacks are due. */
  #underWay = [];
  /** How many of them the subclass has not called back for. */
  #running = 0;

  /** The slab for plain writes behind a plain write; null when one must look at everything again. */
  #gathering = null;
  /** Strings without an encoding of their own are UTF-8. Of account while gathering. */
  #isUtf8 = true;
  /** The chunk that `Writable` waits for, and the writes behind it in its queue. */
  #held = null;
  #queued = [];

  #final = null;
  /** Nothing is handed over any more: the stream failed or was destroyed. */
  #isStopped = false;

  constructor(stream, options) {
    this.#stream = stream;
    this.#state = stream._writableState;
    this.#options = options;
    this.#steps = new Steps(stream, {
      _write: (chunk, encoding, done) => this.#receive(chunk, encoding, done),
      _writev: null,
      _final: (done) => this.#finish(done),
    });
  }

  // Writes.

  /** Takes a plain write behind another one. Returns whether it did. */
  gather(chunk) {
    const slab = this.#gathering;
    if (slab === null) return false;
    if (typeof chunk === 'string') {
      return this.#isUtf8 && chunk !== '' && this.#isShort(chunk) && slab.gatherText(chunk);
    }
    const length = lengthOf(chunk);
    return length > 0 && length < this.#state.highWaterMark && slab.gatherBytes(chunk, length);
  }

  /** `Writable` would answer true. */
  #isShort(text) {
    return text.length * UNIT_BYTES < this.#state.highWaterMark;
  }

  /** Any other write. The answer is that of `write()`. */
  write(chunk, encoding, callback) {
    const isBare = typeof encoding === 'function';
    const found = isBare ? encoding : callback;
    const told = typeof found === 'function' ? found : null;
    const isUtf8 = isBare || encoding === undefined || encoding === null || encoding === 'utf8';
    this.#steps.settle(true);
    if (isUtf8 && this.#takePlain(chunk, told)) return true;
    return this.#writeThrough(chunk, isBare ? null : encoding, told);
  }

  /** Takes a write that `Writable` would hand over at once, if it leaves room. Returns whether it did. */
  #takePlain(chunk, callback) {
    if (!this.#isPlain() || !this.#openBatch()) return false;
    const { slab } = this.#open;
    if (!this.#gatherFirst(slab, chunk)) return false;
    if (callback !== null) this.#open.callbacks.push(callback);
    this.#gathering = slab;
    this.#isUtf8 = this.#state.defaultEncoding === 'utf8';
    return true;
  }

  #gatherFirst(slab, chunk) {
    if (typeof chunk !== 'string') {
      const length = lengthOf(chunk);
      return length > 0 && length < this.#state.highWaterMark && slab.gatherBytes(chunk, length);
    }
    if (chunk === '' || !this.#isShort(chunk) || this.#state.defaultEncoding !== 'utf8')
      return false;
    return slab.gatherText(chunk) || this.#gatherEncoded(slab, chunk);
  }

  /** Near the end of a slab it must be known how long the text is. */
  #gatherEncoded(slab, text) {
    const bytes = Buffer.from(text);
    return slab.gatherBytes(bytes, bytes.length);
  }

  /** `Writable` would hand the chunk over at once. */
  #isPlain() {
    const { length, corked, constructed } = this.#state;
    return length === 0 && corked === 0 && constructed && this.#stream.writable && !this.#isStopped;
  }

  stopGathering() {
    this.#gathering = null;
  }

  /** `Writable` calls back when we have the chunk; the user is told when its batch is done. */
  #writeThrough(chunk, encoding, callback) {
    this.stopGathering();
    const { write } = Writable.prototype;
    if (this.#isLate) return write.call(this.#stream, chunk, encoding, callback);
    const entry = { callback, flushes: null };
    const told = callback === null ? undefined : this.#toldOfFailure(entry);
    return this.#queue(entry, () => write.call(this.#stream, chunk, encoding, told));
  }

  /** `Writable` refuses every write. */
  get #isLate() {
    return this.#stream.destroyed || this.#stream.writableEnded;
  }

  /** Expects the chunk of `write` to come back by `#receive`, unless it is refused. */
  #queue(entry, write) {
    this.#queued.push(entry);
    try {
      return write();
    } catch (error) {
      if (this.#queued.at(-1) === entry) this.#queued.pop();
      throw error;
    }
  }

  #toldOfFailure(entry) {
    return (error) => {
      if (!error) return;
      const { callback } = entry;
      entry.callback = null;
      if (callback !== null) this.#callInOrder(callback, error);
    };
  }

  /** Calls back behind all that was taken, whatever becomes of it. */
  #callInOrder(callback, ...args) {
    const batch = this.#lastBatch;
    if (batch !== undefined) batch.callbacks.push(() => callback(...args));
    else if (this.#due.isEmpty) callback(...args);
    else this.#due.add(() => callback(...args));
  }

  /** The `end()` of the stream. */
  end(chunk, encoding, callback) {
    this.stopGathering();
    const { end } = Writable.prototype;
    if (this.#isLate) return end.call(this.#stream, chunk, encoding, callback);
    const args = [chunk, encoding, callback];
    const at = args.findIndex((argument) => typeof argument === 'function');
    const told = args[at];
    if (at >= 0) args.splice(at, 3, (...results) => this.#callInOrder(told, ...results));
    const hasChunk = at !== 0 && chunk !== null && chunk !== undefined;
    this.#steps.settle(hasChunk);
    if (!hasChunk) return end.apply(this.#stream, args);
    const entry = { callback: null, flushes: null };
    return this.#queue(entry, () => end.apply(this.#stream, args));
  }

  // What `Writable` passes on.

  #receive(chunk, encoding, done) {
    const entry = this.#queued.shift() ?? { callback: null, flushes: null };
    if (this.#isStopped) return process.nextTick(done, this.#state.errored);
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#held = { bytes, start: 0, entry, done };
    this.#advance();
  }

  /** Fills and hands over for as long as there is something to do and room for it. */
  #advance() {
    while (!this.#isStopped && (this.#handOver() || this.#fill()));
  }

  /** Takes of the held chunk what the open batch has room for. Returns whether it took anything. */
  #fill() {
    const held = this.#held;
    if (held === null) return false;
    const end = lengthOf(held.bytes);
    if (held.start < end) {
      if (!this.#openBatch() || this.#open.slab.isFull) return false;
      held.start += this.#open.slab.take(held.bytes, held.start, end);
      if (held.start < end) return true;
    }
    this.#held = null;
    this.#accept(held.entry);
    held.done();
    return true;
  }

  #accept({ callback, flushes }) {
    if (callback !== null) this.#attach(callback);
    if (flushes === null) return;
    for (const flush of flushes) this.#attach(flush);
    this.#isDue = this.#hasOpen;
  }

  /** Calls back when all that was taken so far is done. */
  #attach(callback) {
    const batch = this.#lastBatch;
    if (batch !== undefined) batch.callbacks.push(callback);
    else {
      this.#due.add(callback, null);
      this.#due.callLater();
    }
  }

  // Batches.

  /** Something is gathered. */
  get #hasOpen() {
    return this.#open !== null && !this.#open.slab.isEmpty;
  }

  get #lastBatch() {
    return this.#hasOpen ? this.#open : this.#underWay.at(-1);
  }

  /** Sees to it that there is a batch to fill. Returns false if all memory is in use. */
  #openBatch() {
    if (this.#open !== null) return true;
    const slab = this.#free.pop() ?? this.#makeSlab();
    if (slab === null) return false;
    this.#open = new Batch(slab);
    this.#schedule();
    return true;
  }

  #makeSlab() {
    if (this.#slabs > this.#options.concurrency) return null;
    const slab = new Slab(this.#options.size);
    this.#slabs += 1;
    return slab;
  }

  #schedule() {
    const { delay } = this.#options;
    if (delay === Infinity || this.#timer !== null) return;
    this.#timer = delay > 0 ? setTimeout(this.#afterDelay, delay) : setImmediate(this.#afterDelay);
  }

  #afterDelay = () => {
    this.#timer = null;
    this.#handOverSoon();
  };

  #handOverSoon() {
    this.#isDue = this.#hasOpen;
    this.#advance();
  }

  /** Hands over the open batch if it is time. Returns whether it did. */
  #handOver() {
    const batch = this.#open;
    if (batch === null || this.#running >= this.#options.concurrency) return false;
    if (!(this.#isDue || batch.slab.isFull)) return false;
    this.stopGathering();
    this.#open = null;
    this.#isDue = false;
    // A delay counts for each batch, the turn's end comes for all.
    if (this.#options.delay > 0) this.#stopTimer();
    this.#underWay.push(batch);
    this.#running += 1;
    const contents = batch.slab.contents();
    let isSync = true;
    this.#steps.write(contents, (error) => this.#afterWrite(batch, error, isSync));
    isSync = false;
    return true;
  }

  #stopTimer() {
    if (this.#options.delay > 0) clearTimeout(this.#timer);
    else clearImmediate(this.#timer);
    this.#timer = null;
  }

  #afterWrite(batch, error, isSync) {
    if (batch.isDone) return errorOrDestroy(this.#stream, multipleCallbackError());
    batch.isDone = true;
    if (error) batch.error = error;
    this.#running -= 1;
    this.#reclaim(batch.slab);
    this.#settle();
    try {
      // Whoever handed it over goes on by himself.
      if (!isSync) this.#advance();
    } finally {
      if (isSync) this.#due.callLater();
      else this.#due.call();
    }
  }

  #reclaim(slab) {
    if (slab.reclaim()) this.#free.push(slab);
    else this.#slabs -= 1;
    if (this.#isStopped) this.#free = [];
  }

  /** Whatever is done at the head of the batches under way is told, in order. */
  #settle() {
    while (this.#underWay[0]?.isDone) {
      const { callbacks, error } = this.#underWay.shift();
      this.#due.addAll(callbacks, error);
      if (error !== null) return this.#fail(error);
    }
    if (this.#underWay.length > 0) return;
    if (this.#isStopped) this.#failRest();
    else this.#finishIfDone();
  }

  // The end.

  /** `Writable` has passed on all, and wants to know when it is done. */
  #finish(done) {
    this.#final = done;
    this.#handOverSoon();
    const isIdle = this.#due.isEmpty;
    this.#finishIfDone();
    if (isIdle) this.#due.call();
    else this.#due.callLater();
  }

  #finishIfDone() {
    if (this.#final === null || this.#lastBatch !== undefined) return;
    const done = this.#final;
    this.#final = null;
    this.#stop();
    this.#due.add(() => this.#steps.final(done));
  }

  /** A batch failed, in its turn. What comes behind it is not handed over any more, or not waited for. */
  #fail(error) {
    this.#state.errored ??= error;
    this.#stop();
    const behind = this.#underWay;
    this.#underWay = [];
    for (const { callbacks } of behind) this.#due.addAll(callbacks, this.#state.errored);
    const report =
      this.#held?.done ?? this.#final ?? ((failure) => errorOrDestroy(this.#stream, failure));
    this.#failRest(this.#stream.destroyed ? null : report);
  }

  /** The stream is destroyed: what is under way is waited for, as `Writable` does. */
  destroy() {
    if (this.#isStopped) return;
    this.#stop();
    process.nextTick(() => {
      if (this.#underWay.length === 0) this.#failRest();
      this.#due.call();
    });
  }

  #failRest(report = null) {
    const failure = this.#state.errored ?? destroyedError();
    this.#due.addAll(this.#open?.callbacks ?? [], failure);
    this.#open = null;
    const held = this.#held;
    this.#held = null;
    const queued = held === null ? this.#queued : [held.entry, ...this.#queued];
    this.#queued = [];
    if (held?.entry.callback) this.#due.add(this.#toldOfFailure(held.entry), failure);
    for (const { flushes } of queued) this.#due.addAll(flushes ?? [], failure);
    if (report !== null) this.#due.add(report, failure);
    // `Writable` waits for it, and only then fails its queue.
    else if (held !== null) this.#due.add(held.done, null);
  }

  #stop() {
    this.stopGathering();
    this.#stopTimer();
    this.#isStopped = true;
    this.#free = [];
  }

  /** Calls back when what was written so far is done, and hands it over now. */
  flush(callback) {
    const entry = this.#queued.at(-1) ?? this.#held?.entry;
    if (entry !== undefined) {
      entry.flushes ??= [];
      entry.flushes.push(callback);
      return;
    }
    this.#attach(callback);
    this.stopGathering();
    this.#handOverSoon();
  }
}

/** What `Writable` does about an error that is no callback's. */
function errorOrDestroy(stream, error) {
  const state = stream._writableState;
  if (state.destroyed) return;
  if (state.autoDestroy) {
    stream.destroy(error);
    return;
  }
  state.errored ??= error;
  if (state.errorEmitted) return;
  state.errorEmitted = true;
  stream.emit('error', error);
}

module.exports = Batcher;
