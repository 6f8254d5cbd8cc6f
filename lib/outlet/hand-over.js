'use strict';

// How what was accepted is handed to the driver, when that was asked for: lib/outlet/flush-timer.js says when, and
// lib/outlet/schedule.js, the subclass, what came of it.

const events = require('../events.js');
const exit = require('../exit.js');
const nextTick = require('../tick.js');
const { setImmediate } = require('../timers.js');
const { AtOnce, SETTLED } = require('./at-once.js');
const { NOTHING } = require('./flush-timer.js');
const Patience = require('./patience.js');

// What `flush()` answers.

/** The driver has all that was accepted. */
const FLUSHED = 0;
/** The native stream is gone. */
const GONE = 1;
/** The stream has failed, and what was accepted since is to fail, too. */
const LATE = 2;
/** The driver may close with the end: call `closeUnaskedSoon()`. */
const UNASKED = 3;

/** Those that call `closeUnlessAsked()` at the end of this turn, in order: short files come by the dozen. */
let unasked = [];

/** If one throws, the rest follow in the next turn. */
function closeUnasked() {
  const targets = unasked;
  unasked = [];
  let done = 0;
  try {
    while (done < targets.length) targets[done++].closeUnlessAsked();
  } finally {
    for (; done < targets.length; done++) targets[done].closeUnaskedSoon();
  }
}

class HandOver extends AtOnce {
  #timer;
  /** The flush that is due is the last, and the driver is told so. */
  #isEndDue = false;
  /** Callbacks of writes that come in a tick which is due, past the list of the others. */
  #telling = 0;
  /** The owner has waited for what it wrote since the last hand-over. */
  #isWaitedFor = false;
  /** Of a stream that promises to write some time only. */
  #patience;

  /** The owner has waited for what it wrote, and is likely to do so again: no thread need wake before that. */
  expectsWait = false;
  /** What was accepted is written before the thread ends. */
  flushesOnExit;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {object} parts the outlet's
   * @param {object} settings
   * @param {boolean} settings.flushesOnExit
   * @param {boolean} settings.isPatient
   */
  constructor(owner, parts, { flushesOnExit, isPatient }) {
    super(owner, parts);
    this.flushesOnExit = flushesOnExit;
    this.#patience = isPatient ? new Patience() : null;
    this.#timer = parts.timer;
  }

  /** A flush comes at the end of this tick, or turn. */
  get isFlushDue() {
    return this.#timer.due !== NOTHING;
  }

  /** No thread need wake for the first write of an idle stream. */
  get mayWait() {
    return this.expectsWait || (this.#patience?.isBusy ?? false);
  }

  /** Some callbacks of writes come in a tick that is due. */
  get isTelling() {
    return this.#telling > 0;
  }

  /** A write that was handed over by itself needs no flush: what comes next is the event of its end. */
  get mayTellAlone() {
    return this.#patience === null && !exit.isUnderWay && !this.native.isDirect;
  }

  /** An event will come. */
  expectEvent() {
    events.add(this);
  }

  // Down, at the end of a tick.

  /**
   * Something was accepted or asked for: a flush follows, as lib/outlet/flush-timer.js says. If the thread lives on after
   * an exit, because a listener threw, it has no ticks any more.
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
    const isPatient = this.#patience !== null;
    const hasTime = isUnheard && !isPatient && !exit.isUnderWay && !this.native.isDirect;
    if (!hasTime || !(isHandedOver || this.#timer.isUnhurried)) return this.flushSoon();
    events.add(this);
    if (this.#timer.isUnhurried) return;
    nextTick(HandOver.#flushTick, this);
    this.#timer.setUnhurried();
  }

  /** What came behind such a write in its own tick. */
  static #flushTick(target) {
    if (target.isUsable) target.flushNow();
  }

  /** Something was accepted that is not handed over. */
  get hasUnflushed() {
    return this.isUsable && (!this.native.isFlushed || !this.batch.isEmpty);
  }

  /** An event comes, and before it what waits for the end of the turn. */
  flushBeforeEvent() {
    if (this.#timer.isUnhurried) this.#timer.flush();
  }

  #scheduleFlush() {
    if (this.#timer.set(this.#isUrgent(), this.#patience !== null)) events.add(this);
  }

  /**
   * A file is to be opened, or somebody waits to be told: of a socket some bytes may be sent before the tick ends, and
   * nobody may see what they cause before that.
   */
  #isUrgent() {
    if (!this.native.isDirect) return !this.life.isOpened;
    return !this.callbacks.isEmpty || this.life.isEnding;
  }

  /**
   * A chunk is with the system, which `callback` is told at the tick's end, in the context of now. Whatever else
   * comes in this tick is to be handed over behind that.
   */
  endTickAfter(callback) {
    // Two ticks, so that a callback that throws keeps nobody.
    if (callback !== undefined) this.tellSoon(callback);
    this.#timer.noteLoneWrite();
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

  /** Something is read: a tick begins. */
  beginTick() {
    this.#timer.beginTick();
  }

  /** Hands what was accepted to the driver. Returns what is to follow. */
  flush() {
    this.expectsWait = this.#isWaitedFor;
    this.#isWaitedFor = false;
    this.batch.close();
    if (!this.native.exists) return GONE;
    if (this.life.error !== null) return LATE;
    if (!this.life.isOpened && this.mayCloseUnasked) {
      this.batch.commit();
      return UNASKED;
    }
    this.flushNow();
    const { acceptedBytes } = this.native;
    this.#patience?.note(acceptedBytes);
    this.callbacks.place(acceptedBytes);
    return FLUSHED;
  }

  /** Hands what was accepted to the driver, with the marks behind it, before the end of the tick. */
  flushNow() {
    if (!this.native.isFlushed || this.native.isDirect || !this.batch.isEmpty) this.batch.flush();
    this.#placeMarks();
  }

  /** The end follows what is flushed. A `destroy()` in the same tick still prevents it. */
  endSoon() {
    this.#isEndDue = true;
  }

  /** Sets the marks that were asked for since the last flush. All bytes before them are with Rust. */
  #placeMarks() {
    if (this.syncs.isMarkDue) this.native.markSync(this.syncs.place());
    if (this.#isEndDue && !this.life.isClosing) this.native.markEnd();
    this.#isEndDue = false;
  }

  /**
   * Of a file that was given all it gets before it is open, the driver opens, writes and closes in one go
   * if nobody can tell: short files are written half as fast again.
   */
  closeUnasked() {
    this.life.closeUnasked();
    this.native.markEndAndClose();
  }

  /** Calls `closeUnlessAsked()` at the turn's end: whoever begins to listen in this turn still counts. */
  closeUnaskedSoon() {
    if (unasked.push(this) === 1) setImmediate(closeUnasked);
  }

  get mayCloseUnasked() {
    if (!this.life.mayCloseUnasked || !this.isUsable || !this.callbacks.isEmpty) return false;
    if (!this.syncs.isEmpty || !this.reopens.isEmpty) return false;
    const { stream } = this.owner;
    return stream.writableEnded && stream._writableState.length === 0 && this.owner.isUnobserved;
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (this.native.id === null || this.owner.stream._writableState.length === 0) return;
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

module.exports = { FLUSHED, LATE, UNASKED, HandOver };
