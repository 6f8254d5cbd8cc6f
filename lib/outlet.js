'use strict';

// The JavaScript half of a native stream: a stream class has one and gives it its bytes.
//
// lib/outlet/intake.js takes the bytes, into a batch that is given to Rust and handed to the driver at the end of the
// tick or sooner. `Writable` is told that a chunk is done as soon as Rust has it; the user's callback runs when the
// system has it (lib/outlet/completion.js). The parts know no outlet: they return what they want done.

const { destroyedError } = require('./errors.js');
const Intake = require('./outlet/intake.js');
const partsOf = require('./outlet/parts.js');
const nextTick = require('./tick.js');

class Outlet extends Intake {
  /** The end waits for a sync, or a commit. */
  #isSynced;
  /** The one that has taken this one's place. */
  #successor = null;
  /** What a file's can be made anew with, as long as nothing was opened; else null. */
  recipe = null;
  /** The stream was destroyed with this error, and what waits has yet to fail; null otherwise. */
  #rejection = null;

  /** For the parameters see lib/outlet/parts.js. */
  constructor(owner, native, settings) {
    const parts = partsOf(owner, native, settings, settings.former);
    super(parts);
    this.#isSynced = settings.isSynced === true;
    if (settings.former !== undefined) this.#takeOver(settings.former);
  }

  /** Callbacks that `Writable` has of the former one come to this one, and what was asked of it is asked again. */
  #takeOver(former) {
    former.#successor = this;
    former.stopGathering();
    former.native.free();
    const { callbacks, completion, native, reopens, schedule, syncs } = this;
    for (const target of reopens.targets) native.markReopen(target);
    syncs.restart();
    if (callbacks.hasFresh || completion.isEventDue) schedule.flushSoon();
  }

  /** A socket is connected. Without a descriptor for us Node writes. */
  attach(fd) {
    const { callbacks, life, native, schedule } = this;
    if (!(fd >= 0 && native.openSocket(fd))) return life.leave();
    life.attach();
    schedule.attach();
    if (callbacks.hasFresh) schedule.flushSoon();
  }

  /** The descriptor that a socket has lent is about to be closed, or somebody else's. */
  disown() {
    this.native.disown();
  }

  /** Nothing was opened or attached yet. */
  get isUnopened() {
    return this.life.isUnopened;
  }

  /** Node writes. */
  get isUnused() {
    return this.life.isUnused;
  }

  /** The stream was opened, and nobody has asked for its close. */
  get isLive() {
    return this.life.isLive;
  }

  /** It was a short file, which was closed without being asked. */
  get hasClosedUnasked() {
    return this.life.closesUnasked;
  }

  /** The end puts what was written in its place. */
  get commits() {
    return this.schedule.owner.commits === true;
  }

  /** The end waits for an event, although all is written. */
  get mustEnd() {
    return this.completion.mustEnd;
  }

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.native.isKeptOpen = isKeptOpen;
  }

  /**
   * `Writable` has passed a write on, or failed it. Its callback waits for the system, unless the stream failed. What
   * Node has written waits for nothing. Writes before it that a `destroy()` fails come first: `Writable` may call back
   * in a tick that was due before.
   * @param {Error | null} [error] why `Writable` has failed it
   */
  accept(error) {
    if (this.#successor !== null) return this.#successor.accept(error);
    if (error) {
      if (this.#rejection !== null) this.completion.rejectAccepted(this.#rejection);
      return error;
    }
    const { life, schedule } = this;
    if (life.isUnused) return undefined;
    const { failure } = life;
    if (failure === null) schedule.flushSoon();
    return failure;
  }

  /** While a file's writes are under way, the context in which what follows them is told. */
  get #busyScope() {
    const { callbacks, native } = this;
    return native.isDirect || this.isDrained ? undefined : callbacks.scope;
  }

  /** Sees what the driver has done of which no event told. */
  refresh() {
    this.native.refresh();
  }

  /**
   * Before what was read is told: a tick begins, which tells what the system has taken. Returns whether that was
   * anything, or whether an end has begun of which the system has yet to tell.
   */
  tellWritten() {
    const { callbacks, life, schedule } = this;
    schedule.beginTick();
    if (callbacks.isEmpty && !life.isEnding) return false;
    return schedule.tellWritten();
  }

  /** `end()` was called back. */
  get hasEnded() {
    return this.life.hasEnded;
  }

  /** See lib/native-stream/feed.js. */
  get hasFailedInCall() {
    return this.native.hasFailedInCall;
  }

  /** See lib/native-stream.js. */
  atEnd() {
    const { life, native } = this;
    return life.error === null ? native.atEnd() : 0;
  }

  /** The connection was taken away: what waits for the system has failed. */
  cancel(error) {
    this.completion.reject(error);
  }

  /** Hands what is accepted in this tick to the driver at its end, and tells of it then. */
  flushSoon() {
    this.schedule.flushSoon();
  }

  /** The same, and tells what came of it if that is known already. */
  handOver() {
    this.schedule.handOver();
  }

  /** See lib/outlet/hand-over.js. */
  settle(timeoutMs, opens = false) {
    return this.schedule.settle(timeoutMs, opens);
  }

  writeNow(chunk, timeoutMs) {
    return this.schedule.writeNow(chunk, timeoutMs);
  }

  /** What Rust has counted. */
  get nativeStats() {
    return this.native.stats();
  }

  /** What is counted, and waits, in JavaScript. */
  get ownStats() {
    return this.backpressure.stats();
  }

  /** What a closed stream still tells. It holds nothing of the outlet. */
  get figures() {
    const { bound, completedBytes, nativeStats, ownStats } = this;
    return { bound, completedBytes, nativeStats, ownStats };
  }

  /** Returns a promise for the moment at which all that was accepted is on the device. */
  sync(wantsMetadata) {
    const { schedule, syncs } = this;
    schedule.takeQueue();
    const isFirst = !syncs.isMarkDue;
    const promise = syncs.add(wantsMetadata);
    if (!isFirst) return promise;
    schedule.flushSoon();
    if (syncs.isLone) schedule.flushNow();
    return promise;
  }

  /** The promise of those who have asked in this tick, for one more who wants no more than they do; null if there is none. */
  joinSync() {
    return this.syncs.join();
  }

  // Other files in the place of this one.

  /**
   * What was accepted so far goes to the file that is open, all that comes later to the one at `path`.
   * @param {string | Buffer | undefined} path the stream's own if it is undefined
   * @param {(error: Error | null, fd?: number) => void} callback
   * @param {string | Buffer} [shownPath] the path as errors name it
   */
  reopen(path, callback, shownPath = path) {
    const { life, native, reopens, schedule } = this;
    if (!schedule.isUsable) return nextTick(callback, life.error ?? destroyedError('reopen'));
    schedule.moveAll(true);
    reopens.add(shownPath, callback, path);
    native.markReopen(path);
    schedule.flushSoon();
  }

  /** The file that is open is put aside for a new one, unless it is empty. */
  rotate() {
    const { native, schedule } = this;
    if (!schedule.isUsable) return;
    schedule.moveAll(true);
    native.markRotate();
    schedule.flushSoon();
  }

  // The life.

  /** `Writable`'s `_construct`: opens, and calls back. Bytes may be taken before. */
  open(callback) {
    const { completion, life, schedule } = this;
    if (!life.open(callback)) return callback(life.error ?? destroyedError());
    const deliver = (...event) => schedule.deliver(...event);
    if (!completion.retell(deliver)) schedule.flushSoon();
  }

  /** `end()` calls somebody back. */
  noteEndHeard() {
    this.life.noteEndHeard();
  }

  /** `Writable`'s `_final`: calls back when all bytes are written, and synced where that was asked for. */
  end(callback) {
    const { batch, life, schedule } = this;
    if (life.error !== null) return callback(life.error);
    if (!life.end(callback, this.#busyScope)) return nextTick(callback);
    batch.commit();
    schedule.flushSoon();
    if (this.#isSynced) schedule.endSoon();
  }

  /**
   * The user destroys the stream: writes that are not with the system yet have failed. Comes before
   * `Writable` fails what waits in its own queue, so that callbacks keep their order. While the
   * file is opening nothing was written, and nothing will be.
   */
  rejectSoon(reason) {
    const { backpressure, batch, callbacks, completion, life, native, syncs } = this;
    this.stopGathering();
    backpressure.isCounting = false;
    life.destroyed();
    syncs.reject(reason);
    if (!life.isOpened) {
      batch.clear();
      native.discard();
    }
    if (!backpressure.isHolding && callbacks.isEmpty) return;
    this.#rejection = reason ?? destroyedError();
    nextTick(() => {
      completion.reject(this.#rejection);
      this.#rejection = null;
    });
  }

  /**
   * `Writable`'s `_destroy`: what Rust has accepted is written as far as that needs no waiting, then
   * the descriptor is closed.
   * @param {Error | null | undefined} reason why, which is told unless the close fails
   * @param {(error: Error | null) => void} callback
   */
  close(reason, callback) {
    const { backpressure, batch, completion, life, native, schedule } = this;
    this.stopGathering();
    backpressure.stopDrain();
    if (!life.close(reason, callback, this.#busyScope)) return completion.close();
    if (life.error === null) batch.commit();
    schedule.flushSoon();
    native.markClose();
  }
}

module.exports = Outlet;
