'use strict';

// The JavaScript half of a native stream: a stream class has one and gives it its bytes.
//
// Bytes are gathered in a batch, given to Rust, and handed to the driver at the end of the tick or sooner.
// `Writable` is told that a chunk is done as soon as Rust has it; the user's callback runs when the
// system has it (lib/outlet/completion.js). The parts know no outlet: they return what they want done.

const { AsyncResource } = require('node:async_hooks');
const { trusted } = require('./chunk.js');
const { destroyedError } = require('./errors.js');
const exit = require('./exit.js');
const Backpressure = require('./outlet/backpressure.js');
const Batch = require('./outlet/batch.js');
const Callbacks = require('./outlet/callbacks.js');
const Completion = require('./outlet/completion.js');
const Lifecycle = require('./outlet/lifecycle.js');
const Reopens = require('./outlet/reopens.js');
const Schedule = require('./outlet/schedule.js');
const Syncs = require('./outlet/syncs.js');
const nextTick = require('./tick.js');
const turn = require('./turn.js');

/** So long a chunk, or so much in one vector, is encoded at once. */
const AT_ONCE_LENGTH = 64 * 1024;

class Outlet {
  #native;
  #batch;
  #backpressure;
  #callbacks;
  #life;
  #completion;
  #schedule;
  #reopens;
  #syncs;
  /** The end waits for a sync, or a commit. */
  #isSynced;
  /** The one that has taken this one's place. */
  #successor = null;

  /**
   * @param {Owner} owner see lib/outlet/completion.js
   * @param {NativeStream} native
   * @param {object} settings
   * @param {number} settings.bufferSize
   * @param {boolean} [settings.isMark] that is the program's own mark; see lib/outlet/backpressure.js
   * @param {{flushOnExit: boolean, bound: Bound | null}} settings.trust what was accepted is written
   *   before the thread ends; and how much may wait on both levels, see lib/overflow.js
   * @param {boolean} [settings.isOpen] there is nothing to open
   * @param {boolean} [settings.isSynced] the end waits for a sync, or a commit
   * @param {boolean} [settings.isLog] other files may take the place of the stream's without being asked to
   * @param {number} [settings.fileSize] how many bytes each of the stream's files has at most
   * @param {Outlet} [settings.former] the one whose place this one takes: it was given no bytes, but callbacks,
   *   syncs and reopens
   */
  constructor(owner, native, settings) {
    const { bufferSize, isMark, trust, isOpen = false, isSynced = false } = settings;
    const { isLog = false, fileSize, former } = settings;
    const scope = new AsyncResource('RUSHWRITE');
    this.#native = native;
    this.#isSynced = isSynced;
    this.bound = trust.bound;
    this.#batch = new Batch(native, fileSize);
    const { callbacks, syncs, reopens } = former === undefined ? {} : former.#giveWay(this);
    this.#callbacks = callbacks ?? new Callbacks(scope);
    this.#syncs = syncs ?? new Syncs();
    this.#reopens = reopens ?? new Reopens();
    this.#life = new Lifecycle(isOpen);
    this.#backpressure = new Backpressure(native, this.#batch, owner.stream, {
      bufferSize,
      isMark,
      maxBytes: this.bound?.maxBytes ?? Infinity,
      isUnlimited: native.exists && !isOpen && this.bound === null,
    });
    const parts = {
      native,
      batch: this.#batch,
      backpressure: this.#backpressure,
      callbacks: this.#callbacks,
      life: this.#life,
      syncs: this.#syncs,
      reopens: this.#reopens,
    };
    this.#completion = new Completion(owner, parts, isSynced);
    parts.completion = this.#completion;
    const { flushOnExit: flushesOnExit, stallTimeout: stallTimeoutMs } = trust;
    const when = { scope, flushesOnExit, stallTimeoutMs, isListening: isLog };
    this.#schedule = new Schedule(owner, parts, when);
    if (former !== undefined) this.#takeOver();
  }

  /** Another takes this one's place. Callbacks that `Writable` has come to that one. */
  #giveWay(successor) {
    this.#successor = successor;
    this.stopGathering();
    this.#native.free();
    return { callbacks: this.#callbacks, syncs: this.#syncs, reopens: this.#reopens };
  }

  /** What was asked of the former one is asked again. */
  #takeOver() {
    for (const target of this.#reopens.targets) this.#native.markReopen(target);
    this.#syncs.restart();
    if (this.#callbacks.hasFresh || this.#completion.isEventDue) this.#schedule.flushSoon();
  }

  /** A socket is connected. Without a descriptor for us Node writes. */
  attach(fd) {
    if (!(fd >= 0 && this.#native.openSocket(fd))) return this.#life.leave();
    this.#life.attach();
    this.#schedule.attach();
    if (this.#callbacks.hasFresh) this.#schedule.flushSoon();
  }

  /** The descriptor that a socket has lent is about to be closed, or somebody else's. */
  disown() {
    this.#native.disown();
  }

  /** Nothing was opened or attached yet. */
  get isUnopened() {
    return this.#life.isUnopened;
  }

  /** Node writes. */
  get isUnused() {
    return this.#life.isUnused;
  }

  /** The stream was opened, and nobody has asked for its close. */
  get isLive() {
    return this.#life.isLive;
  }

  /** The stream was given bytes that the system has not taken. */
  get hasPending() {
    return !this.#batch.isEmpty || this.#native.pendingBytes > 0;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.#native.completedBytes;
  }

  /** Bytes that `Writable` has passed on: in Rust, held or, after a failure, dropped. */
  get acceptedBytes() {
    this.flush();
    return this.#native.acceptedBytes + this.#backpressure.surplusBytes;
  }

  /** All that was accepted is with the system, and its callbacks have been called. */
  get isDrained() {
    return !this.#schedule.isFlushDue && this.#completion.isDrained;
  }

  /** The end waits for an event, although all is written. */
  get mustEnd() {
    return this.#completion.mustEnd;
  }

  /** Nothing waits for the system, as far as Rust has told, and no end. */
  get isWritten() {
    return this.#native.pendingBytes === 0 && !this.#backpressure.isHolding && !this.#life.isEnding;
  }

  /** `take()` may be called, as far as Rust has told. */
  get isReady() {
    return this.#schedule.isUsable && this.#backpressure.isReady;
  }

  /** `take()` may be called, perhaps because there is room of which no event has told. */
  canTake() {
    return this.isReady || (!this.#backpressure.isHolding && this.hasRoomAgain());
  }

  /** Asks Rust, without waiting for an event, whether there is room again. */
  hasRoomAgain() {
    return this.#schedule.isUsable && this.#backpressure.hasRoomAgain();
  }

  /**
   * How many bytes wait on both levels.
   * @param {number} queuedBytes those that `Writable` counts
   */
  waitingBytes(queuedBytes) {
    return this.#schedule.isUsable ? this.#backpressure.waitingBytes(queuedBytes) : queuedBytes;
  }

  /**
   * So many bytes wait on both levels that a write is refused.
   * @param {number} queuedBytes those that `Writable` counts
   */
  isOver(queuedBytes) {
    return this.#backpressure.isOver(queuedBytes);
  }

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.#native.isKeptOpen = isKeptOpen;
  }

  /**
   * Adds a chunk to the open batch, and returns whether it did. `take()` opens the batch; anything but a
   * plain write closes it. Most writes end here, which makes lines a quarter faster.
   * @param {number} [highWaterMark] a longer chunk is not added, nor one of so many units
   */
  gather(chunk, highWaterMark = Infinity) {
    return !turn.isSpent && this.#batch.join(chunk, highWaterMark);
  }

  /** Something else is done to the stream than a plain write. */
  stopGathering() {
    this.#batch.close();
  }

  /**
   * Takes a Buffer or a UTF-8 string; `callback` is called when the system has it. Returns whether
   * there is room and time for more; after a false that is false until `afterDrain`.
   *
   * The first write of an idle stream is handed over at once: what the program does next, however long
   * it takes, comes after it. Others in the tick share a system call at its end, as a rule.
   * @param {'utf8' | 'latin1'} [encoding] of a string
   */
  take(chunk, callback, encoding = 'utf8') {
    if (this.#callbacks.isEmpty && this.#mayWriteAtOnce(chunk)) {
      if (this.#batch.writeOne(chunk, encoding)) return this.#schedule.endTickAfter(callback);
      this.#callbacks.renew();
      this.#backpressure.countRefused();
    } else {
      const isIdle = this.#noteIdle();
      this.#batch.append(encoding === 'utf8' ? chunk : Buffer.from(chunk, encoding));
      if (isIdle && !this.#schedule.expectsWait) this.#batch.flush();
    }
    this.#backpressure.afterAppend();
    if (this.#backpressure.countedBytes > 0) this.#backpressure.countRefused();
    if (callback !== undefined) this.#callbacks.add(callback);
    this.#schedule.flushSoon();
    if (this.#backpressure.needsDrain) return false;
    const hasRoom = this.#backpressure.hasRoom && (this.#backpressure.isMark || this.#hasTime);
    if (!hasRoom) this.drainNextTurn();
    else if (!exit.isUnderWay) this.#batch.open();
    return hasRoom;
  }

  /** A stream with a mark of the program's own stops there, as Node's does; any other leaves time for the rest. */
  get #hasTime() {
    return !turn.isSpent && !this.#callbacks.isFull;
  }

  /** A direct stream was given nothing in this tick that the system does not have. */
  #isAtRest() {
    return (
      this.#native.isDirect &&
      !this.#schedule.isFlushDue &&
      this.#native.pendingBytes === 0 &&
      this.#batch.isEmpty &&
      this.#backpressure.isIdle
    );
  }

  /** This chunk, or vector, may go to the system within the call. */
  #mayWriteAtOnce(chunk) {
    const isShort = chunk.length <= AT_ONCE_LENGTH;
    return isShort && !turn.isSpent && !exit.isUnderWay && this.#isAtRest();
  }

  /** The same for a chunk, or vector, that `Writable` passes on. */
  #mayPassAtOnce(chunk) {
    return this.#mayWriteAtOnce(chunk) && this.#life.error === null;
  }

  /** `Writable`'s `_write` of a socket, in any encoding: goes to the system at once if the socket is idle. */
  writeEntry(chunk, encoding, callback) {
    if (!this.#mayPassAtOnce(chunk)) return this.#writeEntries([{ chunk, encoding }], callback);
    this.#afterEntries(this.#batch.writeOne(trusted(chunk), encoding), callback);
  }

  /** The same for a vector: small entries make one piece. */
  writeEntries(entries, callback) {
    this.#backpressure.passVector();
    this.#writeEntries(entries, callback);
  }

  #writeEntries(entries, callback) {
    if (this.#mayPassAtOnce(entries) && isSmall(entries)) {
      this.#batch.appendEntries(entries);
      return this.#afterEntries(this.#batch.writeAtOnce(), callback);
    }
    const isEasy = this.isReady && !turn.isSpent && !this.#backpressure.isSharing;
    if (!isEasy || !isSmall(entries)) return this.write(entries.map(encoded), callback);
    this.#batch.appendEntries(entries);
    this.#afterEntries(false, callback);
  }

  /** @param {boolean} isWritten the system has all that was accepted */
  #afterEntries(isWritten, callback) {
    if (isWritten) {
      this.#schedule.endTickAfter();
      return callback();
    }
    this.#schedule.flushSoon();
    if (this.#backpressure.hasRoom) {
      callback();
    } else {
      this.#backpressure.hold([], callback);
      this.#schedule.resumeSoon();
    }
    this.#backpressure.countRefused();
  }

  /**
   * `Writable`'s `_write` and `_writev`, of Buffers and UTF-8 strings: `callback` is called when Rust
   * has room for more.
   */
  write(chunks, callback) {
    if (this.#life.error !== null) return callback(this.#life.error);
    if (!this.#native.isDirect) this.#noteIdle();
    this.#backpressure.hold(chunks, callback);
    if (!turn.isSpent) return this.moveHeld();
    if (this.#backpressure.moveHeld()) this.#schedule.flushSoon();
    this.#schedule.resumeSoon();
  }

  /** Gives Rust what is held, as far as there is room, and lets `Writable` go on if that was all. */
  moveHeld() {
    if (!this.#backpressure.isHolding) return;
    if (this.#backpressure.moveHeld()) this.#schedule.flushSoon();
    this.#backpressure.nextWritable()?.();
    this.#backpressure.countRefused();
  }

  /** What `_writableState.length` counts besides what `Writable` has. */
  get countedBytes() {
    return this.#backpressure.countedBytes;
  }

  /** `Writable` is to see its own bytes alone, in this tick as a rule. */
  uncount() {
    this.#backpressure.uncount();
  }

  /** See lib/outlet/backpressure.js. */
  set isCounting(isCounting) {
    this.#backpressure.isCounting = isCounting;
  }

  /** Makes a callback for `Writable`, which calls it when Rust has the bytes, of a user's. */
  wrap(callback) {
    this.#noteIdle();
    return this.#callbacks.wrap(callback, this);
  }

  /** What `wrap()` has made a callback of was refused. */
  unwrap(callback) {
    callback(Callbacks.CANCELLED);
  }

  /**
   * `Writable` has passed a write on. Its callback waits for the system, unless the stream failed. What
   * Node has written waits for nothing.
   */
  accept() {
    if (this.#successor !== null) return this.#successor.accept();
    if (this.#life.isUnused) return undefined;
    const { failure } = this.#life;
    if (failure === null) this.#schedule.flushSoon();
    return failure;
  }

  /** The system has what was accepted in this tick, and there is nothing else to tell. */
  get hasWritten() {
    return this.#isAtRest() && this.#life.isLive && this.#life.failure === null;
  }

  /** A write may find the stream idle: open, and with nothing to do. Returns whether it does. */
  #noteIdle() {
    if (!this.#life.isOpened || !this.#life.isOpenTold || this.#schedule.isFlushDue) return false;
    this.#backpressure.refresh();
    const isIdle = this.isDrained;
    if (isIdle) this.#callbacks.renew();
    if (!this.#native.isDirect) this.#callbacks.capture();
    return isIdle;
  }

  /** While a file's writes are under way, the context in which what follows them is told. */
  get #busyScope() {
    return this.#native.isDirect || this.isDrained ? undefined : this.#callbacks.scope;
  }

  /** Sees what the driver has done of which no event told. */
  refresh() {
    this.#native.refresh();
  }

  /** Something is read: a tick begins. */
  beginTick() {
    this.#schedule.beginTick();
  }

  /**
   * Before what was read is told: tells what the system has taken. Returns whether that was anything, or
   * whether an end has begun of which the system has yet to tell.
   */
  tellWritten() {
    if (this.#callbacks.isEmpty && !this.#life.isEnding) return false;
    return this.#schedule.tellWritten();
  }

  /** `end()` was called back. */
  get hasEnded() {
    return this.#life.hasEnded;
  }

  /** See lib/native-stream.js. */
  atEnd() {
    return this.#life.error === null ? this.#native.atEnd() : 0;
  }

  /** The connection was taken away: what waits for the system has failed. */
  cancel(error) {
    this.#completion.reject(error);
  }

  /** `Writable` may keep bytes in its own queue now, although there is no work to do for them. */
  noteQueue() {
    this.#schedule.noteQueue();
  }

  /** `afterDrain` follows in a later turn, when there is room. */
  drainNextTurn() {
    this.#backpressure.askForDrain();
    this.#schedule.resumeSoon();
  }

  /** `afterDrain` follows when the system has all. */
  drainWhenWritten() {
    this.#backpressure.askForAll();
    this.#schedule.flushSoon();
  }

  /** The same where nothing was accepted that would ask for progress. */
  drainLater() {
    if (this.#native.exists) this.drainNextTurn();
    this.#schedule.flushSoon();
  }

  /** Hands what is accepted in this tick to the driver at its end, and tells of it then. */
  flushSoon() {
    this.#schedule.flushSoon();
  }

  /** Hands what was accepted to the driver before the end of the tick. */
  flush() {
    this.#batch.flush();
  }

  /** The same, and tells what came of it if that is known already. */
  handOver() {
    this.#schedule.handOver();
  }

  /** As `Schedule.hurry()`, and `wait()` as its `wait()`. */
  hurry(takesQueue) {
    this.#schedule.hurry(takesQueue);
  }

  settle(timeoutMs, opens = false) {
    return this.#schedule.settle(timeoutMs, opens);
  }

  writeNow(chunk, timeoutMs) {
    return this.#schedule.writeNow(chunk, timeoutMs);
  }

  wait(timeoutMs) {
    return this.#schedule.wait(timeoutMs);
  }

  /** What Rust has counted. */
  get nativeStats() {
    return this.#native.stats();
  }

  /** What is counted, and waits, in JavaScript. */
  get ownStats() {
    return this.#backpressure.stats();
  }

  /** What a closed stream still tells. It holds nothing of the outlet. */
  get figures() {
    const { bound, completedBytes, nativeStats, ownStats } = this;
    return { bound, completedBytes, nativeStats, ownStats };
  }

  /** Returns a promise for the moment at which all that was accepted is on the device. */
  sync(wantsMetadata) {
    this.#schedule.takeQueue();
    const promise = this.#syncs.add(wantsMetadata);
    this.#schedule.flushSoon();
    if (this.#syncs.isLone) this.#schedule.flushNow();
    return promise;
  }

  // Other files in the place of this one.

  /**
   * What was accepted so far goes to the file that is open, all that comes later to the one at `path`.
   * @param {string | Buffer | undefined} path the stream's own if it is undefined
   * @param {(error: Error | null, fd?: number) => void} callback
   * @param {string | Buffer} [shownPath] the path as errors name it
   */
  reopen(path, callback, shownPath = path) {
    if (!this.#schedule.isUsable)
      return nextTick(callback, this.#life.error ?? destroyedError('reopen'));
    this.#schedule.moveAll(true);
    this.#reopens.add(shownPath, callback, path);
    this.#native.markReopen(path);
    this.#schedule.flushSoon();
  }

  /** The file that is open is put aside for a new one, unless it is empty. */
  rotate() {
    if (!this.#schedule.isUsable) return;
    this.#schedule.moveAll(true);
    this.#native.markRotate();
    this.#schedule.flushSoon();
  }

  // The life.

  /** `Writable`'s `_construct`: opens, and calls back. Bytes may be taken before. */
  open(callback) {
    if (!this.#life.open(callback)) return callback(this.#life.error ?? destroyedError());
    const deliver = (...event) => this.#schedule.deliver(...event);
    if (!this.#completion.retell(deliver)) this.#schedule.flushSoon();
  }

  /** `end()` calls somebody back. */
  noteEndHeard() {
    this.#life.noteEndHeard();
  }

  /** `Writable`'s `_final`: calls back when all bytes are written, and synced where that was asked for. */
  end(callback) {
    if (this.#life.error !== null) return callback(this.#life.error);
    if (!this.#life.end(callback, this.#busyScope)) return nextTick(callback);
    this.#batch.commit();
    this.#schedule.flushSoon();
    if (this.#isSynced) this.#schedule.endSoon();
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order. While the
   * file is opening nothing was written, and nothing will be.
   */
  rejectSoon(reason) {
    this.stopGathering();
    this.#backpressure.isCounting = false;
    this.#life.destroyed();
    this.#syncs.reject(reason);
    if (!this.#life.isOpened) {
      this.#batch.clear();
      this.#native.discard();
    }
    if (!this.#backpressure.isHolding && this.#callbacks.isEmpty) return;
    nextTick(() => this.#completion.reject(reason ?? destroyedError()));
  }

  /**
   * `Writable`'s `_destroy`: what Rust has accepted is written as far as that needs no waiting, then
   * the descriptor is closed.
   * @param {Error | null | undefined} reason why, which is told unless the close fails
   * @param {(error: Error | null) => void} callback
   */
  close(reason, callback) {
    this.stopGathering();
    this.#backpressure.stopDrain();
    if (!this.#life.close(reason, callback, this.#busyScope)) return this.#completion.close();
    if (this.#life.error === null) this.#batch.commit();
    this.#schedule.flushSoon();
    this.#native.markClose();
  }
}

/** A Buffer, or a string if it is to be UTF-8. */
function encoded({ chunk, encoding }) {
  const isText = typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8';
  return isText ? Buffer.from(chunk, encoding) : trusted(chunk);
}

function isSmall(entries) {
  let length = 0;
  for (const { chunk } of entries) length += chunk.length;
  return length <= AT_ONCE_LENGTH;
}

module.exports = Outlet;
