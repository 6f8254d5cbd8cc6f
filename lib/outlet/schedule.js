'use strict';

// When an outlet is told: events come when they come, what a direct stream has written at once, and what waits for
// room goes on in the next turn.
//
// This is what lib/events.js knows of a stream. Whatever a step does or throws, the outlet then settles.

const { AsyncResource } = require('node:async_hooks');
const { isOpenObserved, publishOpen } = require('../diagnostics.js');
const events = require('../events.js');
const { constants } = require('../native.js');
const { callIn } = require('./context.js');
const { FLUSHED, LATE, UNASKED, HandOver } = require('./hand-over.js');
const { FLUSH, RESUME, END, REST, WATCH_LATER } = require('./outlook.js');
const nextTick = require('../tick.js');
const { setImmediate, setTimeout } = require('../timers.js');

const { EVENT_CLOSED, EVENT_FAILED, EVENT_FINISHED, EVENT_OPENED, EVENT_PARKED, EVENT_PROGRESS } =
  constants;

const EVENTS_OF_WRITES = new Set([EVENT_PROGRESS, EVENT_FINISHED, EVENT_FAILED, EVENT_CLOSED]);

/** When a socket that no other thread can write to is tried again. */
const RETRY_MS = 5;

/** How often the failure of a write waits for Node's reading, which may find an error of its own. */
const READING_ATTEMPTS = 10;

class Schedule extends HandOver {
  /** What the user hears sees this context, unless it belongs to a write. */
  #scope;
  /** The stream has something to tell while there is nothing to do. */
  #isListening;
  /** Up to which position all events are delivered, as far as is known. */
  #heardBytes = 0;
  /** `#resume()` comes in the next turn. */
  #isResumeDue = false;
  /** `watchEnd()` comes a while later. */
  #isWatchDue = false;
  /** See lib/diagnostics.js. */
  stallTimeoutMs;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {object} parts the outlet's
   * @param {object} settings
   * @param {AsyncResource} settings.scope
   * @param {boolean} settings.flushesOnExit
   * @param {boolean} settings.isPatient
   * @param {number} settings.stallTimeoutMs
   * @param {boolean} settings.isListening the stream has something to tell while there is nothing to do
   */
  constructor(owner, parts, settings) {
    super(owner, parts, settings);
    this.#scope = settings.scope;
    this.stallTimeoutMs = settings.stallTimeoutMs;
    this.#isListening = settings.isListening;
    parts.timer.target = this;
    if (this.native.exists) this.#begin();
  }

  /** A socket is connected: its events see the context of now. */
  attach() {
    this.#scope = new AsyncResource('RUSHWRITE');
    this.callbacks.moveTo(this.#scope);
    this.#begin();
    this.noteQueue();
  }

  #begin() {
    if (this.#isListening) events.listen(this);
    if (!this.life.isOpened) return;
    this.native.allowCollection();
    // The stream has no outlet yet.
    if (isOpenObserved()) nextTick(publishOpen, this.stream, this.stallTimeoutMs);
  }

  /** The native stream's number; null before there is one, and once it is gone. */
  get id() {
    return this.native.id;
  }

  get stream() {
    return this.owner.stream;
  }

  /** Something that changes with each sign of the system; null where none is to come. */
  get figures() {
    if (!this.native.exists) return null;
    this.native.refresh();
    if (this.native.pendingBytes === 0 && !this.completion.isEventDue) return null;
    return this.native.stats().join();
  }

  /** Before what was read is told; see lib/outlet.js. */
  tellWritten() {
    if (!this.native.exists || this.life.error !== null) return false;
    const { isEnding } = this.life;
    // What is told now was read before those writes, in an earlier task.
    if (this.isTelling) return isEnding;
    const { calls } = this.callbacks;
    this.#letWritableGoOn();
    this.handOver();
    return this.callbacks.calls !== calls || (isEnding && !this.life.isEnding);
  }

  /**
   * `Writable` may wait for another turn with a write that the system has by now. Its callback waits for the
   * flush that is due then, and comes with the others.
   */
  #letWritableGoOn() {
    const goOn = this.backpressure.nextWritable();
    if (goOn === null) return;
    this.flushSoon();
    callIn(this.#scope, goOn);
  }

  // Up, in the stream's context.

  /** An event of the native stream; see lib/events.js. */
  deliver(kind, a, b) {
    this.flushBeforeEvent();
    if (kind === EVENT_PROGRESS && !this.native.isDirect) return this.#deliverProgress(a);
    // The close of a short file tells of its open, too.
    if (kind === EVENT_CLOSED && this.life.isOpening) callIn(this.#scope, this.#tellOpened, this);
    const scope = EVENTS_OF_WRITES.has(kind) ? this.#writeScope : this.#scope;
    callIn(scope, this.#deliver, this, kind, a, b);
  }

  /**
   * Of a file, as it comes most often: callbacks have a context of their own, and nothing follows. Only what does is
   * run in the stream's.
   */
  #deliverProgress(completedBytes) {
    const scope = this.#writeScope;
    this.#heardBytes = completedBytes;
    this.completion.tell(completedBytes);
    if (this.backpressure.isAwaited) return callIn(scope, this.#resume, this);
    if (!this.native.exists) return;
    const next = this.completion.settle(this.isFlushDue);
    if (next === REST) this.#rest();
    else if (next === WATCH_LATER) this.#watchLater();
    else if (next !== 0) callIn(scope, this.#follow, this, next);
  }

  /** What comes of a file's writes sees the context of the write that found the stream idle, as in Node. */
  get #writeScope() {
    return this.native.isDirect ? this.#scope : this.callbacks.scope;
  }

  #deliver(kind, a, b) {
    if (kind === EVENT_PARKED) return this.#unparkLater();
    if (kind === EVENT_PROGRESS) this.#heardBytes = a;
    if (kind === EVENT_FAILED && this.#isOverheard) return this.#failAfterReading(a);
    try {
      this.completion.deliver(kind, a, b);
      if (kind === EVENT_OPENED) publishOpen(this.stream, this.stallTimeoutMs);
    } finally {
      this.#settle();
    }
  }

  #tellOpened() {
    this.completion.deliver(EVENT_OPENED, null, 0);
    publishOpen(this.stream, this.stallTimeoutMs);
  }

  /** The system has no descriptor to spare for another thread: this one tries again. */
  #unparkLater() {
    setTimeout(() => {
      if (!this.native.exists) return;
      this.native.unpark();
      this.handOver();
    }, RETRY_MS);
  }

  /**
   * What the peer has sent before it was gone is read in this turn, and so is the end of it, which may be an
   * error that Node tells. Writes may find a peer gone a moment before reads do.
   */
  #failAfterReading(errno, attempts = READING_ATTEMPTS) {
    const goOn = () => {
      if (!this.native.exists) return;
      if (attempts > 1 && this.owner.mayReadError(errno))
        this.#failAfterReading(errno, attempts - 1);
      else this.#scope.runInAsyncScope(this.#fail, this, errno);
    };
    if (attempts === READING_ATTEMPTS) setImmediate(goOn);
    else setTimeout(goOn, RETRY_MS);
  }

  #fail(errno) {
    try {
      if (!this.owner.failReading(errno)) this.completion.fail(this.owner.systemError(errno));
    } finally {
      this.#settle();
    }
  }

  /** The driver failed where Node's own reading of the socket would have found the error. */
  get #isOverheard() {
    return this.native.isDirect && !this.native.hasFailedInCall && this.owner.isReading;
  }

  /** Hands what was accepted to the driver, and sees what came of it if that is known already. */
  handOver() {
    switch (this.flush()) {
      case FLUSHED:
        if (this.native.isDirect) callIn(this.#scope, this.#advance, this);
        else this.#settle();
        return;
      case LATE:
        // What was given to a stream that has failed is told so.
        return this.#complete(this.completion.failLate);
      case UNASKED:
        this.closeUnaskedSoon();
    }
  }

  /** The driver is woken once for all of a short file, unless somebody has begun to listen in this turn. */
  closeUnlessAsked() {
    if (this.life.closesUnasked) return;
    if (this.mayCloseUnasked) this.closeUnasked();
    else this.handOver();
  }

  /** A direct stream's flush has written what the system took. */
  #advance() {
    this.#complete(this.completion.advance, this.native.acceptedBytes - this.native.pendingBytes);
  }

  /** What waits for room goes on in the next turn; while Rust is full its progress does that. */
  resumeSoon() {
    if (this.#isResumeDue || !this.backpressure.isLow) return;
    this.#isResumeDue = true;
    setImmediate(() => {
      this.#isResumeDue = false;
      callIn(this.#writeScope, this.#resume, this);
    });
  }

  #resume() {
    this.#complete(this.completion.resume);
  }

  /** Takes a step of the completion's. Whatever that throws, the outlet settles. */
  #complete(step, argument) {
    try {
      step.call(this.completion, argument);
    } finally {
      this.#settle();
    }
  }

  /** Does what has to come next. */
  #settle() {
    if (!this.native.exists) return;
    if (this.native.isDirect && !this.completion.isDrained) this.owner.beforeWait();
    this.#follow(this.completion.settle(this.isFlushDue));
  }

  #follow(next) {
    if (next & FLUSH) this.flushSoon();
    if (next & RESUME) this.resumeSoon();
    if (next & WATCH_LATER) this.#watchLater();
    if (next & REST) this.#rest();
    if (next & END) this.#complete(this.completion.end);
  }

  /** All is written as the count says, but an event of it may be on its way: the process stays for that. */
  get #mayBeTold() {
    const isLive = this.#isListening && this.life.error === null;
    return isLive && this.native.acceptedBytes > this.#heardBytes;
  }

  #rest() {
    if (this.#mayBeTold) return this.#watchLater();
    events.remove(this.native.id);
    this.native.allowCollection();
    this.callbacks.rest();
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
    if (!this.native.exists || this.isFlushDue || !events.isBusy(this)) return;
    this.native.watch(this.native.acceptedBytes);
  }
}

module.exports = Schedule;
