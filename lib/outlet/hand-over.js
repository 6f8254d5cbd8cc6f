'use strict';

// When what was accepted is handed to the driver: at the end of the tick or of the turn, or at once because the
// thread waits or ends. The subclass, lib/outlet/schedule.js, sees what comes of it: `afterHandOver()`, `failLate()`.

const events = require('../events.js');
const exit = require('../exit.js');
const nextTick = require('../tick.js');
const { setImmediate } = require('../timers.js');
const turn = require('../turn.js');
const { AtOnce, SETTLED } = require('./at-once.js');

/** So many writes go to the system one by one before a stream is known to write several in a tick. */
const MAX_LONE_WRITES = 7;

class HandOver extends AtOnce {
  #isFlushDue = false;
  /** The flush that is due is the last, and the driver is told so. */
  #isEndDue = false;
  /** It comes at the end of the turn. */
  #isPutOff = false;
  /** That is so because nobody waits for what it hands over. */
  #isUnhurried = false;
  /** It comes at the end of the tick, and has nothing to do as far as is known. */
  #isQuiet = false;
  /** Writes that went to the system by themselves since a tick was known to begin, and how many may do so. */
  #loneWrites = 0;
  #maxLoneWrites = 1;
  /** Callbacks of such writes that come in a tick which is due, past the list of the others. */
  #telling = 0;
  /** The owner has waited for what it wrote since the last hand-over. */
  #isWaitedFor = false;

  /** The owner has waited for what it wrote, and is likely to do so again: no thread need wake before that. */
  expectsWait = false;
  /** Of a patient stream. @type {Patience | null} */
  patience = null;
  /** What was accepted is written before the thread ends. */
  flushesOnExit;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {object} parts the outlet's
   * @param {boolean} flushesOnExit
   */
  constructor(owner, parts, flushesOnExit) {
    super(owner, parts);
    this.flushesOnExit = flushesOnExit;
  }

  /** `handOver()` comes at the end of this tick, or turn. */
  get isFlushDue() {
    return this.#isFlushDue;
  }

  /** No thread need wake for the first write of an idle stream. */
  get mayWait() {
    return this.expectsWait || (this.patience?.isBusy ?? false);
  }

  /** Some callbacks of writes come in a tick that is due. */
  get isTelling() {
    return this.#telling > 0;
  }

  // Down, at the end of a tick.

  /**
   * Something was accepted or asked for: hand over at the end of this tick. Once much was written in a turn, more is
   * likely to come, and who reads it should have the other processor first: then at the end of the turn. If
   * the thread lives on after an exit, because a listener threw, it has no ticks any more.
   */
  flushSoon() {
    if (!this.native.exists) return;
    if (exit.isUnderWay) this.#flushLast(false);
    this.#scheduleFlush();
  }

  /**
   * The same after a write. If it has no callback and was handed over by itself, what later ticks bring, like a server's
   * lines, waits for the turn's end: each would wake a thread. With `fs` it waits for the next turn.
   */
  flushAfterWrite(isUnheard, isHandedOver) {
    const hasTime =
      isUnheard && this.patience === null && !exit.isUnderWay && !this.native.isDirect;
    if (hasTime && this.#isUnhurried) return;
    if (!hasTime || !isHandedOver) return this.flushSoon();
    this.#isFlushDue = this.#isPutOff = this.#isUnhurried = true;
    events.add(this);
    nextTick(HandOver.#flushTick, this);
    setImmediate(HandOver.#flush, this);
  }

  /** What came behind such a write in its own tick. */
  static #flushTick(target) {
    if (target.isUsable) target.flushNow();
  }

  /** An event comes, and before it what waits for the end of the turn. */
  flushBeforeEvent() {
    if (this.#isUnhurried) HandOver.#flush(this);
  }

  #scheduleFlush() {
    if (this.#isQuiet) {
      this.#isQuiet = false;
      return events.add(this);
    }
    if (this.#isFlushDue && !(this.#isPutOff && (this.#isUnhurried || this.#mustTell()))) return;
    this.#isFlushDue = true;
    this.#isUnhurried = false;
    events.add(this);
    const hasTime = turn.isRunning || this.patience !== null;
    this.#isPutOff = exit.isUnderWay || (hasTime && !this.#mustTell());
    if (this.#isPutOff) setImmediate(HandOver.#flush, this);
    else nextTick(HandOver.#flush, this);
  }

  /**
   * Somebody waits to be told. Of a socket some bytes may be sent before the tick ends, and nobody may see
   * what they cause before that.
   */
  #mustTell() {
    return this.native.isDirect && (!this.callbacks.isEmpty || this.life.isEnding);
  }

  static #flush(target) {
    target.#isFlushDue = target.#isPutOff = target.#isUnhurried = false;
    target.handOver();
  }

  /**
   * A chunk is with the system, which `callback` is told at the tick's end, in the context of now. Whatever else
   * comes in this tick is to be handed over behind that; but nothing says when a tick begins, and to be told of
   * its end costs as much as the write does in JavaScript. So a stream that was seen to write once a tick asks
   * for that from time to time.
   */
  endTickAfter(callback) {
    // Two ticks, so that a callback that throws keeps nobody.
    this.tellSoon(callback);
    if (this.#loneWrites++ < this.#maxLoneWrites) return true;
    this.#isFlushDue = true;
    this.#isQuiet = true;
    nextTick(HandOver.#endTick, this);
    return true;
  }

  /** The write of this callback, if there is one, is with the system. */
  tellSoon(callback) {
    if (callback === undefined) return;
    this.#telling++;
    nextTick(HandOver.#tell, this, callback);
  }

  static #tell(target, callback) {
    target.#telling--;
    callback(null);
  }

  static #endTick(target) {
    target.#loneWrites = 0;
    if (!target.#isQuiet) {
      target.#maxLoneWrites = 0;
      return HandOver.#flush(target);
    }
    target.#maxLoneWrites = Math.min(2 * target.#maxLoneWrites + 1, MAX_LONE_WRITES);
    target.#isFlushDue = target.#isQuiet = false;
  }

  /** Something is read: a tick begins. */
  beginTick() {
    this.#loneWrites = 0;
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  handOver() {
    this.expectsWait = this.#isWaitedFor;
    this.#isWaitedFor = false;
    this.batch.close();
    if (!this.native.exists) return;
    if (this.life.error !== null) return this.failLate();
    if (!this.life.isOpened && this.#mayCloseUnasked) return this.#closeUnaskedSoon();
    this.batch.flush();
    this.#placeMarks();
    this.patience?.noteHandOver(this.native.acceptedBytes);
    this.callbacks.place(this.native.acceptedBytes);
    this.afterHandOver();
  }

  /** Hands what was accepted to the driver, with the marks behind it, before the end of the tick. */
  flushNow() {
    this.batch.flush();
    this.#placeMarks();
  }

  /** The end follows what is flushed. A `destroy()` in the same tick still prevents it. */
  endSoon() {
    this.#isEndDue = true;
  }

  /** Sets the marks that were asked for since the last flush. All bytes before them are with Rust. */
  #placeMarks() {
    this.syncs.place((wantsMetadata) => this.native.markSync(wantsMetadata));
    if (this.#isEndDue && !this.life.isClosing) this.native.markEnd();
    this.#isEndDue = false;
  }

  /**
   * The driver may close with the end, and is woken once for all of it. Whoever begins to listen in this turn
   * still counts.
   */
  #closeUnaskedSoon() {
    this.batch.commit();
    setImmediate(() => this.#closeUnasked());
  }

  /**
   * Of a file that was given all it gets before it is open, the driver opens, writes and closes in one go
   * if nobody can tell: short files are written half as fast again.
   */
  #closeUnasked() {
    if (this.life.closesUnasked) return;
    if (!this.#mayCloseUnasked) return this.handOver();
    this.life.closeUnasked();
    this.native.markEndAndClose();
  }

  get #mayCloseUnasked() {
    if (!this.life.mayCloseUnasked || !this.isUsable || !this.callbacks.isEmpty) return false;
    if (!this.syncs.isEmpty) return false;
    const { stream } = this.owner;
    return stream.writableEnded && stream._writableState.length === 0 && this.owner.isUnobserved;
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (!this.native.exists || this.owner.stream._writableState.length === 0) return;
    if (exit.isUnderWay) return this.#flushLast(true);
    events.addQueued(this);
  }

  /** Perhaps no tick comes any more. */
  #flushLast(takesQueue) {
    if (this.flushesOnExit) exit.flush(this, takesQueue);
  }

  /** It was not ended before the thread: what it has written is dropped. */
  get isAbandoned() {
    return this.owner.commits === true && !this.owner.stream.writableEnded;
  }

  /** As `AtOnce` does; what comes of it is told in its usual way. */
  hurry(takesQueue) {
    if (super.hurry(takesQueue, exit.isUnderWay)) this.#scheduleFlush();
  }

  /**
   * The same as `hurry()` and `wait()`, for one stream. If nobody drives it this thread does meanwhile:
   * no other has to wake.
   * @param {number} timeoutMs
   * @param {boolean} opens a stream without bytes is opened, too
   */
  settle(timeoutMs, opens) {
    const isPending = this.moveToWrite(opens);
    if (!this.isUsable) return this.wait(0);
    this.#isWaitedFor = true;
    this.expectsWait = true;
    if (!isPending) return SETTLED;
    this.#scheduleFlush();
    return this.drive(timeoutMs);
  }

  /** Writes a chunk at once, behind all others. Answers what `wait()` does. */
  writeNow(chunk, timeoutMs) {
    if (!this.isUsable) return this.wait(0);
    const answer = super.writeNow(chunk, timeoutMs);
    if (answer !== SETTLED) this.#scheduleFlush();
    return answer;
  }
}

module.exports = HandOver;
