'use strict';

// Gathers what is written to a batched `Writable`, hands batches over, and calls back in order.
//
// A plain write goes past `Writable` into the open batch. Everything else goes through `Writable`, which
// hands it to `#receive` in order; what there is no room for is held, and `Writable` queues the rest.

const { Writable } = require('node:stream');
const { destroyedError, multipleCallbackError } = require('../errors.js');
const Batches = require('./batches.js');
const DueCallbacks = require('./callbacks.js');
const errorOrDestroy = require('./failure.js');
const Gathering = require('./gathering.js');
const { lengthOf } = require('./slab.js');
const Steps = require('./steps.js');
const { Waiting, endArguments, entryOf, toldOfFailure } = require('./waiting.js');

class Batcher {
  #stream;
  #state;
  #steps;
  #batches;
  #due = new DueCallbacks();
  #gathering;
  #waiting = new Waiting();

  /** `Writable` waits for the end of the last batch. */
  #final = null;
  /** Nothing is handed over any more: the stream failed, was destroyed, or has no more. */
  #isStopped = false;

  /** @param {object | null} given the steps that were options, as in `Steps` */
  constructor(stream, options, given) {
    this.#stream = stream;
    this.#state = stream._writableState;
    this.#gathering = new Gathering(stream);
    this.#batches = new Batches(options, () => this.#handOverSoon());
    const write = (chunk, encoding, done) => this.#receive(chunk, encoding, done);
    const final = (done) => this.#finish(done);
    const ours = {
      _write: () => write,
      _writev: () => null,
      // With nothing to wait for, `Writable` ends a stream without `_final` in another order.
      _final: (own) => (this.#isIdle ? own : final),
    };
    this.#steps = new Steps(stream, ours, given);
  }

  /** Nothing is gathered, under way or to be told. */
  get #isIdle() {
    return this.#batches.last === undefined && this.#due.isEmpty;
  }

  // Writes.

  /** Takes a plain write behind another one. Returns whether it did. */
  gather(chunk) {
    return this.#gathering.take(chunk);
  }

  /** What comes is no plain write, perhaps. */
  stopGathering() {
    this.#gathering.stop();
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
    if (this.#isStopped || !this.#gathering.canBegin()) return false;
    const batch = this.#batches.open();
    if (batch === null) return false;
    if (!this.#gathering.begin(batch.slab, chunk)) return this.#takeAcross(chunk, callback);
    if (callback !== null) batch.callbacks.push(callback);
    return true;
  }

  /**
   * Takes a plain chunk that fills the open batch and begins the next one, if there is memory for both.
   * The subclass is called last: what it writes then comes behind the chunk.
   */
  #takeAcross(chunk, callback) {
    const bytes = this.#gathering.bytesOf(chunk);
    // What a chunk of the mark is told is for `Writable` to say.
    if (bytes === null || lengthOf(bytes) >= this.#state.highWaterMark) return false;
    const full = this.#batches.takeFilledBy(bytes);
    if (full === null) return false;
    if (callback !== null) this.#batches.last.callbacks.push(callback);
    this.#give(full);
    return true;
  }

  /** `Writable` calls back when we have the chunk; the user is told when its batch is done. */
  #writeThrough(chunk, encoding, callback) {
    this.stopGathering();
    const { write } = Writable.prototype;
    if (this.#isLate) return write.call(this.#stream, chunk, encoding, callback);
    const entry = entryOf(callback);
    const told = callback === null ? undefined : toldOfFailure(entry, this.#callInOrder);
    const answer = this.#waiting.expect(entry, () =>
      write.call(this.#stream, chunk, encoding, told),
    );
    if (!this.#waiting.isHolding) return answer;
    // All memory is in use: to say so at once is cheaper than to fill the queue of `Writable` first.
    this.#state.needDrain = true;
    return false;
  }

  /** `Writable` refuses every write. */
  get #isLate() {
    return this.#stream.destroyed || this.#stream.writableEnded;
  }

  /** Calls back behind all that was taken, whatever becomes of it. */
  #callInOrder = (callback, ...args) => {
    const { last } = this.#batches;
    if (last !== undefined) last.callbacks.push(() => callback(...args));
    else if (this.#due.isEmpty) callback(...args);
    else this.#due.add(() => callback(...args));
  };

  /** The `end()` of the stream. */
  end(chunk, encoding, callback) {
    this.stopGathering();
    const { end } = Writable.prototype;
    if (this.#isLate) return end.call(this.#stream, chunk, encoding, callback);
    const { args, hasChunk } = endArguments([chunk, encoding, callback], this.#callInOrder);
    this.#steps.settle(hasChunk);
    if (!hasChunk) return end.apply(this.#stream, args);
    return this.#waiting.expect(entryOf(null), () => end.apply(this.#stream, args));
  }

  /** Hands over what was written so far, and calls back when it is done. */
  flush(callback) {
    if (this.#waiting.flushBehind(callback)) return;
    this.#attach(callback);
    this.#handOverSoon();
  }

  // What `Writable` passes on.

  #receive(chunk, encoding, done) {
    const entry = this.#waiting.shift();
    if (this.#isStopped) return process.nextTick(done, this.#state.errored);
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#waiting.hold(bytes, entry, done);
    this.#advance();
  }

  /** Fills and hands over for as long as there is something to do and room for it. */
  #advance() {
    while (!this.#isStopped && (this.#handOver() || this.#fill()));
  }

  #handOverSoon() {
    this.stopGathering();
    this.#batches.makeDue();
    this.#advance();
  }

  /** Hands over the open batch if it is time. Returns whether it did. */
  #handOver() {
    const batch = this.#batches.takeDue();
    if (batch === null) return false;
    this.#give(batch);
    return true;
  }

  /** Gives the subclass a batch. */
  #give(batch) {
    this.stopGathering();
    let isSync = true;
    const contents = batch.slab.contents();
    this.#steps.write(contents, (error) => this.#afterWrite(batch, error, isSync));
    isSync = false;
  }

  /** Takes of the held chunk what the open batch has room for. Returns whether it took anything. */
  #fill() {
    if (!this.#waiting.isHolding) return false;
    const hasTaken = this.#waiting.fill(this.#batches) > 0;
    const held = this.#waiting.shiftTaken();
    if (held === null) return hasTaken;
    this.#accept(held.entry);
    held.done();
    return true;
  }

  #accept({ callback, flushes }) {
    if (callback !== null) this.#attach(callback);
    if (flushes === null) return;
    for (const flush of flushes) this.#attach(flush);
    this.#batches.makeDue();
  }

  /** Calls back when all that was taken so far is done. */
  #attach(callback) {
    const { last } = this.#batches;
    if (last !== undefined) last.callbacks.push(callback);
    else {
      this.#due.add(callback, null);
      this.#due.callLater();
    }
  }

  // What the subclass says.

  #afterWrite(batch, error, isSync) {
    if (!this.#batches.markDone(batch, error || null)) {
      return errorOrDestroy(this.#stream, multipleCallbackError());
    }
    this.#settle();
    try {
      // Whoever handed it over goes on by himself.
      if (!isSync) this.#advance();
    } finally {
      if (isSync) this.#due.callLater();
      else this.#due.call();
    }
  }

  /** Whatever is done at the head of the batches under way is told, in order. */
  #settle() {
    for (let done = this.#batches.shiftDone(); done !== null; done = this.#batches.shiftDone()) {
      this.#due.addAll(done.callbacks, done.error);
      if (done.error !== null) return this.#fail(done.error);
    }
    if (this.#batches.hasUnderWay) return;
    if (this.#isStopped) this.#failRest();
    else this.#finishIfDone();
  }

  // The end.

  /** `Writable` has passed on all, and wants to know when it is done. */
  #finish(done) {
    this.#final = done;
    this.#handOverSoon();
    this.#finishIfDone();
    this.#due.callLater();
  }

  #finishIfDone() {
    if (this.#final === null || this.#batches.last !== undefined) return;
    const done = this.#final;
    this.#final = null;
    this.#stop();
    this.#due.add(() => this.#steps.final(done));
  }

  /** A batch failed, in its turn. Those behind it are not handed over any more, or not waited for. */
  #fail(error) {
    this.#state.errored ??= error;
    const report =
      this.#waiting.heldDone ?? this.#final ?? ((failure) => errorOrDestroy(this.#stream, failure));
    this.#stop();
    this.#failRest(this.#stream.destroyed ? null : report);
  }

  /** The stream is destroyed: what is under way is waited for, as `Writable` does. */
  destroy() {
    if (this.#isStopped) return;
    this.#stop();
    process.nextTick(() => {
      if (!this.#batches.hasUnderWay) this.#failRest();
      this.#due.call();
    });
  }

  #failRest(report = null) {
    const failure = this.#state.errored ?? destroyedError();
    this.#due.addAll(this.#batches.giveUp(), failure);
    const { held, entries } = this.#waiting.giveUp();
    if (held?.entry.callback) this.#due.add(toldOfFailure(held.entry, this.#callInOrder), failure);
    for (const { flushes } of entries) this.#due.addAll(flushes ?? [], failure);
    if (report !== null) this.#due.add(report, failure);
    // `Writable` waits for it, and only then fails its queue.
    else if (held !== null) this.#due.add(held.done, null);
  }

  #stop() {
    this.stopGathering();
    this.#batches.stop();
    this.#isStopped = true;
  }
}

module.exports = Batcher;
