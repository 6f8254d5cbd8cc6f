'use strict';

// When things happen to an outlet: bytes are handed over at the end of the tick, what waits for room goes
// on in the next turn, events come when they come, and at the end of the thread all goes at once.
//
// This is what lib/events.js knows of a stream. Whatever a step does or throws, the outlet then settles.

const { AsyncResource } = require('node:async_hooks');
const { isOpenObserved, publishOpen } = require('../diagnostics.js');
const events = require('../events.js');
const exit = require('../exit.js');
const { constants } = require('../native.js');
const turn = require('../turn.js');
const { AtOnce, SETTLED } = require('./at-once.js');
const { callIn } = require('./context.js');
const { FLUSH, RESUME, END, REST, WATCH_LATER } = require('./completion.js');
const nextTick = require('../tick.js');
const { setImmediate, setTimeout } = require('../timers.js');

const { EVENT_CLOSED, EVENT_FAILED, EVENT_FINISHED, EVENT_OPENED, EVENT_PARKED, EVENT_PROGRESS } =
  constants;

const EVENTS_OF_WRITES = new Set([EVENT_PROGRESS, EVENT_FINISHED, EVENT_FAILED, EVENT_CLOSED]);

/** So many writes go to the system one by one before a stream is known to write several in a tick. */
const MAX_LONE_WRITES = 7;

/** When a socket that no other thread can write to is tried again. */
const RETRY_MS = 5;

/** How often the failure of a write waits for Node's reading, which may find an error of its own. */
const READING_ATTEMPTS = 10;

class Schedule {
  #owner;
  #native;
  #batch;
  #backpressure;
  #callbacks;
  #life;
  #completion;
  #syncs;
  #atOnce;
  /** What the user hears sees this context, unless it belongs to a write. */
  #scope;
  #isFlushDue = false;
  /** The flush that is due is the last, and the driver is told so. */
  #isEndDue = false;
  /** It comes at the end of the turn. */
  #isPutOff = false;
  /** It comes at the end of the tick, and has nothing to do as far as is known. */
  #isQuiet = false;
  /** Writes that went to the system by themselves since a tick was known to begin, and how many may do so. */
  #loneWrites = 0;
  #maxLoneWrites = 1;
  /** Callbacks of such writes that come in a tick which is due, past the list of the others. */
  #telling = 0;
  /** The stream has something to tell while there is nothing to do. */
  #isListening;
  /** `#resume()` comes in the next turn. */
  #isResumeDue = false;
  /** `watchEnd()` comes a while later. */
  #isWatchDue = false;

  /** The owner has waited for what it wrote since the last hand-over. */
  #isWaitedFor = false;

  /**
   * The owner has waited for what it wrote before, so that it is likely to do so again: no thread need
   * wake for a write before that.
   */
  expectsWait = false;
  /** What was accepted is written before the thread ends. */
  flushesOnExit;
  /** See lib/diagnostics.js. */
  stallTimeoutMs;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {object} parts the outlet's
   * @param {object} settings
   * @param {AsyncResource} settings.scope
   * @param {boolean} settings.flushesOnExit
   * @param {number} settings.stallTimeoutMs
   * @param {boolean} settings.isListening the stream has something to tell while there is nothing to do
   */
  constructor(owner, parts, { scope, flushesOnExit, stallTimeoutMs, isListening }) {
    this.#owner = owner;
    this.#native = parts.native;
    this.#batch = parts.batch;
    this.#backpressure = parts.backpressure;
    this.#callbacks = parts.callbacks;
    this.#life = parts.life;
    this.#completion = parts.completion;
    this.#syncs = parts.syncs;
    this.#atOnce = new AtOnce(owner, parts);
    this.#scope = scope;
    this.flushesOnExit = flushesOnExit;
    this.stallTimeoutMs = stallTimeoutMs;
    this.#isListening = isListening;
    if (this.#native.exists) this.#begin();
  }

  /** A socket is connected: its events see the context of now. */
  attach() {
    this.#scope = new AsyncResource('RUSHWRITE');
    this.#begin();
    this.noteQueue();
  }

  #begin() {
    if (this.#isListening) events.listen(this);
    if (!this.#life.isOpened) return;
    this.#native.allowCollection();
    // The stream has no outlet yet.
    if (isOpenObserved()) nextTick(publishOpen, this.stream, this.stallTimeoutMs);
  }

  /** The native stream's number; null before there is one, and once it is gone. */
  get id() {
    return this.#native.id;
  }

  /** `handOver()` comes at the end of this tick, or turn. */
  get isFlushDue() {
    return this.#isFlushDue;
  }

  get stream() {
    return this.#owner.stream;
  }

  /** Something that changes with each sign of the system; null where none is to come. */
  get figures() {
    if (!this.#native.exists) return null;
    this.#native.refresh();
    if (this.#native.pendingBytes === 0 && !this.#completion.isEventDue) return null;
    return this.#native.stats().join();
  }

  /** There is a native stream that takes bytes. */
  get isUsable() {
    return this.#native.exists && this.#life.error === null;
  }

  // Down, at the end of a tick.

  /**
   * Something was accepted or asked for: hand over at the end of this tick. Once much was written in a
   * turn, more is likely to come in its ticks, and whoever reads what is written should be the first to
   * have the other processor: then at the end of the turn. If the thread lives on after an exit, because
   * a listener threw, it has no ticks any more.
   */
  flushSoon() {
    if (!this.#native.exists) return;
    if (exit.isUnderWay) this.#flushLast(false);
    this.#scheduleFlush();
  }

  #scheduleFlush() {
    if (this.#isQuiet) {
      this.#isQuiet = false;
      return events.add(this);
    }
    if (this.#isFlushDue && !(this.#isPutOff && this.#mustTell())) return;
    this.#isFlushDue = true;
    events.add(this);
    this.#isPutOff = exit.isUnderWay || (turn.isRunning && !this.#mustTell());
    if (this.#isPutOff) setImmediate(Schedule.#flush, this);
    else nextTick(Schedule.#flush, this);
  }

  /**
   * Somebody waits to be told. Of a socket some bytes may be sent before the tick ends, and nobody may see
   * what they cause before that.
   */
  #mustTell() {
    return this.#native.isDirect && (!this.#callbacks.isEmpty || this.#life.isEnding);
  }

  static #flush(schedule) {
    schedule.#isFlushDue = schedule.#isPutOff = false;
    schedule.handOver();
  }

  /**
   * A chunk is with the system, which `callback` is told at the tick's end, in the context of now. Whatever else
   * comes in this tick is to be handed over behind that; but nothing says when a tick begins, and to be told of
   * its end costs as much as the write does in JavaScript. So a stream that was seen to write once a tick asks
   * for that from time to time.
   */
  endTickAfter(callback) {
    // Two ticks, so that a callback that throws keeps nobody.
    if (callback !== undefined) {
      this.#telling++;
      nextTick(Schedule.#tell, this, callback);
    }
    if (this.#loneWrites++ < this.#maxLoneWrites) return true;
    this.#isFlushDue = true;
    this.#isQuiet = true;
    nextTick(Schedule.#endTick, this);
    return true;
  }

  static #tell(schedule, callback) {
    schedule.#telling--;
    callback(null);
  }

  static #endTick(schedule) {
    schedule.#loneWrites = 0;
    if (!schedule.#isQuiet) {
      schedule.#maxLoneWrites = 0;
      return Schedule.#flush(schedule);
    }
    schedule.#maxLoneWrites = Math.min(2 * schedule.#maxLoneWrites + 1, MAX_LONE_WRITES);
    schedule.#isFlushDue = schedule.#isQuiet = false;
  }

  /** Something is read: a tick begins. */
  beginTick() {
    this.#loneWrites = 0;
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  handOver() {
    this.expectsWait = this.#isWaitedFor;
    this.#isWaitedFor = false;
    this.#batch.close();
    if (!this.#native.exists) return;
    if (this.#life.error !== null) return this.#failLate();
    if (!this.#life.isOpened && this.#mayCloseUnasked) return this.#closeUnaskedSoon();
    this.#batch.flush();
    this.#placeMarks();
    this.#callbacks.place(this.#native.acceptedBytes);
    if (this.#native.isDirect) callIn(this.#scope, this.#advance, this);
    else this.#settle();
  }

  /** What was given to a stream that has failed is told so. */
  #failLate() {
    try {
      this.#completion.failLate();
    } finally {
      this.#settle();
    }
  }

  /** Hands what was accepted to the driver, with the marks behind it, before the end of the tick. */
  flushNow() {
    this.#batch.flush();
    this.#placeMarks();
  }

  /** The end follows what is flushed. Who destroys the stream in the same tick still prevents it. */
  endSoon() {
    this.#isEndDue = true;
  }

  /** Sets the marks that were asked for since the last flush. All bytes before them are with Rust. */
  #placeMarks() {
    this.#syncs.place((wantsMetadata) => this.#native.markSync(wantsMetadata));
    if (this.#isEndDue && !this.#life.isClosing) this.#native.markEnd();
    this.#isEndDue = false;
  }

  /**
   * The driver may close with the end, and is woken once for all of it. Whoever begins to listen in this turn
   * still counts.
   */
  #closeUnaskedSoon() {
    this.#batch.commit();
    setImmediate(() => this.#closeUnasked());
  }

  /**
   * Of a file that was given all it gets before it is open, the driver opens, writes and closes in one go
   * if nobody can tell: short files are written half as fast again.
   */
  #closeUnasked() {
    if (this.#life.closesUnasked) return;
    if (!this.#mayCloseUnasked) return this.handOver();
    this.#life.closeUnasked();
    this.#native.markEndAndClose();
  }

  get #mayCloseUnasked() {
    if (!this.#life.mayCloseUnasked || !this.isUsable || !this.#callbacks.isEmpty) return false;
    if (!this.#syncs.isEmpty) return false;
    const { stream } = this.#owner;
    return stream.writableEnded && stream._writableState.length === 0 && this.#owner.isUnobserved;
  }

  /** See lib/outlet.js. */
  tellWritten() {
    if (!this.#native.exists || this.#life.error !== null) return false;
    const { isEnding } = this.#life;
    // What is told now was read before those writes, in an earlier task.
    if (this.#telling > 0) return isEnding;
    const { calls } = this.#callbacks;
    this.#letWritableGoOn();
    this.handOver();
    return this.#callbacks.calls !== calls || (isEnding && !this.#life.isEnding);
  }

  /**
   * `Writable` may wait for another turn with a write that the system has by now. Its callback waits for the
   * flush that is due then, and comes with the others.
   */
  #letWritableGoOn() {
    if (!this.#backpressure.isHolding) return;
    const goOn = this.#backpressure.nextWritable();
    if (goOn === null) return;
    this.flushSoon();
    callIn(this.#scope, goOn);
  }

  // Up, in the stream's context.

  /** An event of the native stream; see lib/events.js. */
  deliver(kind, a, b) {
    const scope = EVENTS_OF_WRITES.has(kind) ? this.#writeScope : this.#scope;
    callIn(scope, this.#deliver, this, kind, a, b);
  }

  /** What comes of a file's writes sees the context of the write that found the stream idle, as in Node. */
  get #writeScope() {
    return this.#native.isDirect ? this.#scope : this.#callbacks.scope;
  }

  #deliver(kind, a, b) {
    if (kind === EVENT_PARKED) return this.#unparkLater();
    if (kind === EVENT_FAILED && this.#isOverheard) return this.#failAfterReading(a);
    try {
      this.#completion.deliver(kind, a, b);
      if (kind === EVENT_OPENED) publishOpen(this.stream, this.stallTimeoutMs);
    } finally {
      this.#settle();
    }
  }

  /** The system has no descriptor to spare for another thread: this one tries again. */
  #unparkLater() {
    setTimeout(() => {
      if (!this.#native.exists) return;
      this.#native.unpark();
      this.handOver();
    }, RETRY_MS);
  }

  /**
   * What the peer has sent before it was gone is read in this turn, and so is the end of it, which may be an
   * error that Node tells. Writes may find a peer gone a moment before reads do.
   */
  #failAfterReading(errno, attempts = READING_ATTEMPTS) {
    const goOn = () => {
      if (!this.#native.exists) return;
      if (attempts > 1 && this.#owner.mayReadError(errno))
        this.#failAfterReading(errno, attempts - 1);
      else this.#scope.runInAsyncScope(this.#fail, this, errno);
    };
    if (attempts === READING_ATTEMPTS) setImmediate(goOn);
    else setTimeout(goOn, RETRY_MS);
  }

  #fail(errno) {
    try {
      if (!this.#owner.failReading(errno)) this.#completion.fail(this.#owner.systemError(errno));
    } finally {
      this.#settle();
    }
  }

  /** The driver failed where Node's own reading of the socket would have found the error. */
  get #isOverheard() {
    return this.#native.isDirect && !this.#native.hasFailedInCall && this.#owner.isReading;
  }

  /** A direct stream's flush has written what the system took. */
  #advance() {
    try {
      this.#completion.advance(this.#native.acceptedBytes - this.#native.pendingBytes);
    } finally {
      this.#settle();
    }
  }

  /** What waits for room goes on in the next turn; while Rust is full its progress does that. */
  resumeSoon() {
    if (this.#isResumeDue || !this.#backpressure.isLow) return;
    this.#isResumeDue = true;
    setImmediate(() => {
      this.#isResumeDue = false;
      callIn(this.#writeScope, this.#resume, this);
    });
  }

  #resume() {
    try {
      this.#completion.resume();
    } finally {
      this.#settle();
    }
  }

  #end() {
    try {
      this.#completion.end();
    } finally {
      this.#settle();
    }
  }

  /** Does what has to come next. */
  #settle() {
    if (!this.#native.exists) return;
    if (this.#native.isDirect && !this.#completion.isDrained) this.#owner.beforeWait();
    const next = this.#completion.settle(this.#isFlushDue);
    if (next & FLUSH) this.flushSoon();
    if (next & RESUME) this.resumeSoon();
    if (next & WATCH_LATER) this.#watchLater();
    if (next & REST) this.#rest();
    if (next & END) this.#end();
  }

  #rest() {
    events.remove(this.#native.id);
    this.#native.allowCollection();
    this.#callbacks.rest();
    this.noteQueue();
  }

  /** A stream that goes on is not told each time that it has caught up: each would be a wake-up. */
  #watchLater() {
    if (this.#isWatchDue) return;
    this.#isWatchDue = true;
    events.watchEndLater(this);
  }

  /** A while later: asks for the end of what is being written, which may have come. */
  watchEnd() {
    this.#isWatchDue = false;
    if (!this.#native.exists || this.#isFlushDue || !events.isBusy(this)) return;
    this.#native.watch(this.#native.acceptedBytes);
  }

  // At once; see lib/flush.js and lib/exit.js.

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    if (!this.#native.exists || this.#owner.stream._writableState.length === 0) return;
    if (exit.isUnderWay) return this.#flushLast(true);
    events.addQueued(this);
  }

  /** Perhaps no tick comes any more. */
  #flushLast(takesQueue) {
    if (this.flushesOnExit) exit.flush(this, takesQueue);
  }

  /** It was not ended before the thread: what it has written is dropped. */
  get isAbandoned() {
    return this.#owner.commits === true && !this.#owner.stream.writableEnded;
  }

  /** As `AtOnce.hurry()`, and the others as its own. */
  hurry(takesQueue) {
    if (this.#atOnce.hurry(takesQueue, exit.isUnderWay)) this.#scheduleFlush();
  }

  wait(timeoutMs) {
    return this.#atOnce.wait(timeoutMs);
  }

  moveAll(takesQueue) {
    this.#atOnce.moveAll(takesQueue);
  }

  takeQueue() {
    this.#atOnce.takeQueue();
  }

  /**
   * The same as `hurry()` and `wait()`, for one stream. If nobody drives it this thread does meanwhile:
   * no other has to wake.
   * @param {number} timeoutMs
   * @param {boolean} opens a stream without bytes is opened, too
   */
  settle(timeoutMs, opens) {
    const isPending = this.#atOnce.begin(opens);
    if (!this.isUsable) return this.#atOnce.wait(0);
    this.#isWaitedFor = true;
    this.expectsWait = true;
    if (!isPending) return SETTLED;
    this.#scheduleFlush();
    return this.#atOnce.drive(timeoutMs);
  }

  /** Writes a chunk at once, behind all others. Answers what `wait()` does. */
  writeNow(chunk, timeoutMs) {
    if (!this.isUsable) return this.#atOnce.wait(0);
    const answer = this.#atOnce.write(chunk, timeoutMs);
    if (answer !== SETTLED) this.#scheduleFlush();
    return answer;
  }
}

module.exports = Schedule;
