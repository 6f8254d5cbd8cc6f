'use strict';

// The files of a log that were put aside: compressed, archived and removed one after the other, off the way
// of the bytes. Whatever is left undone, by a failure or the end of the process, is done the next time.

const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const addon = require('../native.js');
const { removedError, systemError } = require('../errors.js');
const { COMPRESSED, PARTIAL, parseAside } = require('./names.js');
const { clearTimeout, setTimeout } = require('../timers.js');

/** How long to wait after a failure; each pause is twice as long as the one before, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60 * 1000;

// Not those of `fs.promises`, which load 5 ms' worth of Node's own modules when they are first used.
const readFolder = promisify(fs.readdir);
const stat = promisify(fs.stat);
const unlink = promisify(fs.unlink);

/** The last work on each log of this thread: that of a stream that was closed may still go on. */
const atWork = new Map();

class Spool {
  #log;
  #keep;
  #compresses;
  #archive;
  #emit;
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
    this.#keep = keep;
    this.#compresses = compresses;
    this.#archive = archive;
    this.#emit = emit;
  }

  /** Another file was put aside. */
  add() {
    if (this.#hasDuties) this.run();
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
      for (file of await this.#toCompress()) await this.#compress(file);
      if (this.#compresses) await this.#removeExcess();
      if (this.#archive === undefined || this.#isPaused) return;
      for (file of await this.#toArchive()) {
        if (this.#abort.signal.aborted) return;
        await this.#archiveOne(file);
        // A file that came meanwhile is looked at in the next round.
        this.#attempts = 0;
      }
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#attempts++;
      if (!this.#isLast) this.#tryLater();
      this.#emit('archiveError', { file, error, attempt: this.#attempts });
    }
  }

  /** The files that were put aside, the oldest first. */
  async #list() {
    const folder = path.dirname(this.#log);
    const files = [];
    for (const name of await readFolder(folder)) {
      const parsed = parseAside(this.#log, name);
      if (parsed !== null) files.push({ file: path.join(folder, name), ...parsed });
    }
    return files.sort((a, b) => a.stampMs - b.stampMs);
  }

  /** Those that are no half-compressed ones. */
  async #whole() {
    return (await this.#list()).filter(({ kind }) => kind !== PARTIAL);
  }

  /** Files to compress. A file that was left half compressed is made anew, or else removed. */
  async #toCompress() {
    if (this.#compresses) {
      const files = (await this.#list()).filter(({ kind }) => kind === '');
      return files.map(({ file }) => file);
    }
    if (!this.#isSwept) await this.#sweep();
    return [];
  }

  async #sweep() {
    for (const { file, kind } of await this.#list()) if (kind === PARTIAL) await remove(file);
    this.#isSwept = true;
  }

  /** Files to archive. One that came after the others were compressed is not yet. */
  async #toArchive() {
    const files = await this.#whole();
    const ready = this.#compresses ? files.filter(({ kind }) => kind === COMPRESSED) : files;
    return ready.map(({ file }) => file);
  }

  async #compress(file) {
    if (!this.#abort.signal.aborted) await compress(file, `${file}${COMPRESSED}`);
  }

  /** Removes the oldest files beyond what is to be kept. */
  async #removeExcess() {
    if (!this.#isLimited) return;
    const { files: maxFiles, bytes: maxBytes, age } = this.#keep;
    const files = await this.#whole();
    const oldestMs = Date.now() - age;
    let bytes = 0;
    for (const [index, { file, stampMs }] of files.reverse().entries()) {
      if (maxBytes !== Infinity) bytes += (await stat(file)).size;
      if (index < maxFiles && bytes <= maxBytes && stampMs >= oldestMs) continue;
      await remove(file);
      if (this.#archive === undefined) continue;
      this.#emit('archiveError', { file, error: removedError(file), attempt: this.#attempts });
    }
  }

  async #archiveOne(file) {
    await this.#archive(file, { signal: this.#abort.signal });
    await remove(file);
    this.#emit('archive', { file });
  }
}

/** Somebody else may have removed it. */
async function remove(file) {
  try {
    await unlink(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
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
