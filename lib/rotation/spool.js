'use strict';

// The files of a log that were put aside: compressed, archived and removed one after the other, off the way
// of the bytes. Whatever is left undone, by a failure or the end of the process, is done the next time.

const addon = require('../native.js');
const { removedError, systemError } = require('../errors.js');
const { FilesAside, compressedPath } = require('./files-aside.js');
const { COMPRESSED, PARTIAL } = require('./names.js');
const { clearTimeout, setTimeout } = require('../timers.js');

/** How long to wait after a failure; each pause is twice as long as the one before, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60 * 1000;

/** The last work on each log of this thread: that of a stream that was closed may still go on. */
const atWork = new Map();

class Spool {
  #log;
  #keep;
  #compresses;
  #archive;
  #emit;
  #files;
  #abort = new AbortController();
  /** The work goes on. */
  #isRunning = false;
  /** More may have come since the work began. */
  #isDue = false;
  #timer = null;
  /** How often in a row archiving has failed. */
  #attempts = 0;
  /** It is not tried again before a pause is over, whatever else is done meanwhile. */
  #isPaused = false;
  /** What a crash has left half compressed was removed. */
  #isSwept = false;
  /** Nothing is tried again: the stream is closed. */
  #isLast = false;

  /**
   * @param {string} log the path of the log
   * @param {object} settings
   * @param {{files: number, bytes: number, age: number}} settings.keep
   * @param {boolean} settings.compresses
   * @param {((file: string, options: {signal: AbortSignal}) => Promise<void>) | undefined} settings.archive
   * @param {(name: string, event: object) => void} emit
   */
  constructor(log, { keep, compresses, archive }, emit) {
    this.#log = log;
    this.#files = new FilesAside(log);
    this.#keep = keep;
    this.#compresses = compresses;
    this.#archive = archive;
    this.#emit = emit;
  }

  /** Another file was put aside, under a name with this moment in it. */
  add(stampMs) {
    this.#files.add(stampMs);
    if (this.#hasDuties) this.run();
  }

  /** A file was not put aside as it should: what is known of the others may be wrong. */
  doubt() {
    this.#files.forget();
  }

  /** Does what is due, now or when the work that goes on is done. */
  run() {
    if (this.#abort.signal.aborted) return;
    this.#isDue = true;
    if (!this.#isRunning) this.#work();
  }

  /** The log is written to the end: what is due is done, once. */
  end() {
    this.#isLast = true;
    // Another stream may have the log now.
    this.#files.forget();
    this.#isPaused = false;
    clearTimeout(this.#timer);
    if (this.#hasDuties || this.#attempts > 0) this.run();
  }

  /** Stops as soon as possible. What is left is done at the next start. */
  stop() {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  /** Files that were put aside do not just stay. */
  get #hasDuties() {
    return this.#isLimited || this.#compresses || this.#archive !== undefined;
  }

  get #isLimited() {
    return Object.values(this.#keep).some((limit) => limit !== Infinity);
  }

  async #work() {
    this.#isRunning = true;
    const turn = this.#takeTurn(atWork.get(this.#log));
    atWork.set(this.#log, turn);
    await turn;
    if (atWork.get(this.#log) === turn) atWork.delete(this.#log);
    this.#isRunning = false;
    // It was asked for between the last look and now.
    if (this.#isDue) this.run();
  }

  /** Works after `before`. */
  async #takeTurn(before) {
    await before;
    while (this.#isDue && !this.#abort.signal.aborted) {
      this.#isDue = false;
      await this.#runOnce();
    }
  }

  #tryLater() {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#attempts - 1), LONGEST_PAUSE_MS);
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isPaused = false;
      this.run();
    }, pauseMs).unref();
  }

  /** What fails is tried again after a pause. */
  async #runOnce() {
    let file = this.#log;
    try {
      await this.#removeExcess();
      for (const aside of await this.#toCompress()) {
        file = aside.file;
        await this.#compress(aside);
      }
      if (this.#compresses) await this.#removeExcess();
      if (this.#archive === undefined || this.#isPaused) return;
      for (const aside of await this.#toArchive()) {
        file = aside.file;
        if (this.#abort.signal.aborted) return;
        await this.#archiveOne(aside);
        // A file that came meanwhile is looked at in the next round.
        this.#attempts = 0;
      }
    } catch (error) {
      this.#files.forget();
      if (this.#abort.signal.aborted) return;
      this.#attempts++;
      if (!this.#isLast) this.#tryLater();
      this.#emit('archiveError', { file, error, attempt: this.#attempts });
    }
  }

  /** Files to compress. A file that was left half compressed is made anew, or else removed. */
  async #toCompress() {
    if (this.#compresses) return this.#files.ofKind('');
    if (!this.#isSwept) await this.#sweep();
    return [];
  }

  async #sweep() {
    for (const aside of await this.#files.ofKind(PARTIAL)) await this.#files.remove(aside);
    this.#isSwept = true;
  }

  /** Files to archive. One that came after the others were compressed is not yet. */
  #toArchive() {
    return this.#compresses ? this.#files.ofKind(COMPRESSED) : this.#files.whole();
  }

  async #compress(aside) {
    if (this.#abort.signal.aborted) return;
    await compress(aside.file, compressedPath(aside));
    this.#files.afterCompress(aside);
  }

  /** Removes the oldest files beyond what is to be kept. */
  async #removeExcess() {
    if (!this.#isLimited) return;
    const { files: maxFiles, bytes: maxBytes, age } = this.#keep;
    const files = await this.#files.whole();
    const oldestMs = Date.now() - age;
    let bytes = 0;
    for (const [index, aside] of files.reverse().entries()) {
      if (maxBytes !== Infinity) bytes += await this.#files.bytesOf(aside);
      if (index < maxFiles && bytes <= maxBytes && aside.stampMs >= oldestMs) continue;
      await this.#files.remove(aside);
      if (this.#archive === undefined) continue;
      const error = removedError(aside.file);
      this.#emit('archiveError', { file: aside.file, error, attempt: this.#attempts });
    }
  }

  async #archiveOne(aside) {
    const { file } = aside;
    await this.#archive(file, { signal: this.#abort.signal });
    await this.#files.remove(aside);
    this.#emit('archive', { file });
  }
}

/** Replaces a file by a compressed one, on a thread of low priority; it is on the device then. */
function compress(file, to) {
  const { promise, resolve, reject } = withResolvers();
  addon.compressFile(file, to, (errno) => {
    if (errno === 0) resolve();
    else reject(systemError(errno, 'write'));
  });
  return promise;
}

/** `Promise.withResolvers()`, which Node 20 does not have. */
function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

module.exports = Spool;
