'use strict';

// Writing at once: all that a stream has accepted goes to Rust, whatever the limit, and the JavaScript thread
// waits until the system has it. Calls nothing back; the subclass, lib/outlet/hand-over.js, has the rest follow in its
// usual way.

/** All is with the system. */
const SETTLED = { isSettled: true, bytes: 0, error: null };

class AtOnce {
  // For the subclasses, too: a copy of their own would cost each socket more memory.
  owner;
  native;
  batch;
  backpressure;
  callbacks;
  life;
  syncs;
  reopens;
  completion;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {object} parts the outlet's
   */
  constructor(owner, { native, batch, backpressure, callbacks, life, syncs, reopens, completion }) {
    this.owner = owner;
    this.native = native;
    this.batch = batch;
    this.backpressure = backpressure;
    this.callbacks = callbacks;
    this.life = life;
    this.syncs = syncs;
    this.reopens = reopens;
    this.completion = completion;
  }

  /** There is a native stream that takes bytes. */
  get isUsable() {
    return this.native.id !== null && this.life.error === null;
  }

  /** Gives Rust all that the stream has accepted, whatever the limit. */
  moveAll(takesQueue) {
    this.batch.close();
    if (takesQueue) this.owner.giveRest?.();
    if (!this.#isRejected) this.backpressure.moveAll(takesQueue);
    this.batch.commit();
  }

  /** What waits in `Writable`, and behind it, fails: the stream was destroyed. Before the open what Rust had is dropped. */
  get #isRejected() {
    return this.life.isClosing || this.owner.stream.destroyed;
  }

  /** Gives Rust what waits in `Writable`, whatever the limit. What is gathered stays gathered. */
  takeQueue() {
    if (this.owner.stream._writableState.length > 0) this.backpressure.moveAll(true);
  }

  /**
   * Gives Rust all that the stream has accepted, and hands it to the driver. Returns whether a flush has to
   * follow.
   * @param {boolean} takesQueue false while `Writable` itself may be at work on its queue
   * @param {boolean} isLast the thread ends
   */
  hurry(takesQueue, isLast) {
    this.batch.close();
    if (!this.isUsable) return false;
    this.moveAll(takesQueue);
    this.native.refresh();
    const ends = isLast && this.#endsWithThread(takesQueue);
    if (this.batch.isEmpty && this.native.pendingBytes === 0 && !ends) return false;
    this.batch.flush();
    if (ends) this.native.markEnd();
    return true;
  }

  /** No tick comes any more in which `Writable` would ask for the end that commits. */
  #endsWithThread(takesQueue) {
    const { commits, stream } = this.owner;
    const isAll = takesQueue || stream._writableState.length === 0;
    return commits && stream.writableEnded && isAll && !this.life.isClosing;
  }

  /**
   * Waits until the system has what `hurry()` gave to Rust, or the stream fails.
   * @param {number} timeoutMs
   * @returns {{isSettled: boolean, bytes: number, error: Error | null}} whether the time was long enough, and
   *   otherwise what was not written, or why
   */
  wait(timeoutMs) {
    if (!this.isUsable) return { isSettled: true, bytes: 0, error: this.life.error };
    const { isSettled, bytes, errno, syscall } = this.native.waitSettled(timeoutMs);
    const error = syscall === undefined ? null : this.owner.systemError(errno, syscall);
    return { isSettled, bytes, error };
  }

  /**
   * Gives Rust all that the stream has accepted. Returns whether `drive()` has something to do.
   * @param {boolean} opens a stream without bytes is opened, too
   */
  moveToWrite(opens) {
    this.batch.close();
    if (!this.isUsable) return false;
    this.moveAll(true);
    this.native.refresh();
    return this.native.pendingBytes > 0 || opens;
  }

  /** Waits like `wait()`. If the stream has no driver, this thread drives it meanwhile. */
  drive(timeoutMs) {
    return this.native.settle(timeoutMs) === 0 ? SETTLED : this.wait(0);
  }

  /** Writes a chunk behind all others. The answer is that of `wait()`. */
  writeNow(chunk, timeoutMs) {
    this.moveAll(true);
    this.batch.append(chunk);
    this.batch.commit();
    return this.drive(timeoutMs);
  }
}

module.exports = { AtOnce, SETTLED };
