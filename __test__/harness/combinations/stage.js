'use strict';

// A stream of ours and what it writes to, and what can be done to it: each deed is noted in the ledger.

const fs = require('node:fs');
const path = require('node:path');
const { setImmediate: nextTurn, setTimeout: wait } = require('node:timers/promises');
const { createWriteStream } = require('../../..');
const { Ledger } = require('./ledger');
const { Place } = require('./place');

const EVENTS = [
  'open',
  'ready',
  'drain',
  'stall',
  'recover',
  'drop',
  'reopen',
  'reopenError',
  'rotate',
  'rotateError',
  'prefinish',
  'finish',
  'error',
  'close',
];

/** What an atomic stream replaces. */
const OLD = 'what was there';

/** A flush that nothing hinders. */
const LONG_MS = 60_000;

class Stage {
  ledger = new Ledger();
  /** The names of those that came. */
  events = [];
  program;
  place;
  stream;
  target;
  /** `end()` or `destroy()` was called. */
  isEnded = false;
  isDestroyed = false;
  abort = new AbortController();
  /** How many of `reopen()` wait, and how many names were given. */
  #reopens = 0;
  #names = 0;

  constructor(program, folder) {
    this.program = program;
    this.place = new Place(program.place, folder);
  }

  async open(options) {
    const own = { ...options };
    if (own.signal) own.signal = this.abort.signal;
    const [target, all] = await this.place.target(own);
    if (options.atomic && this.program.place !== 'missing') {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, OLD);
    }
    this.target = target;
    this.stream = createWriteStream(target, all).setMaxListeners(0);
    for (const event of EVENTS) {
      this.stream.on(event, () => this.events.push(event));
    }
    this.stream.on('finish', () => this.ledger.checkFinished(this.stream));
  }

  get isOver() {
    return this.stream.destroyed || this.stream.errored !== null;
  }

  /** What is written may have to wait for somebody else. */
  get isHindered() {
    return this.place.isBlocked || this.place.mustBeRead;
  }

  write(size, as, called) {
    const { ledger, stream } = this;
    const chunk = ledger.makeChunk(size, as);
    this.note(chunk, (callback) => stream.write(chunk.value, chunk.encoding, callback), called);
  }

  /** Writes a chunk, and finds out whether the stream has accepted it. */
  note(chunk, write, called) {
    const { ledger, stream } = this;
    const wasOpen = stream.writable && !this.isEnded;
    const dropped = wasOpen ? stream.stats().droppedWrites : 0;
    const index = ledger.records.length;
    let callback;
    let call;
    if (called) {
      callback = (error) => call(error);
      call = (error) => early.push(error);
    }
    const early = [];
    write(callback);
    const isRefused =
      !wasOpen ||
      stream.stats().droppedWrites > dropped ||
      stream.errored?.code === 'ERR_RUSHWRITE_OVERFLOW';
    if (!isRefused) ledger.accept(chunk.bytes);
    if (called) {
      const label = `the callback of ${isRefused ? 'a refused write' : `write ${index}`} (${chunk.bytes.length} bytes)`;
      call = ledger.callback(stream, label, isRefused ? undefined : index);
      if (early.length > 0) ledger.fault(`${label} was called within write()`);
    }
  }

  sync(metadata) {
    const { ledger, stream } = this;
    const promise = stream.sync(metadata ? { metadata } : undefined);
    ledger.promise(stream, 'sync()', promise, true);
    return promise.catch(() => {});
  }

  flushSync() {
    const { ledger, stream } = this;
    const position = ledger.bytes;
    try {
      stream.flushSync({ timeout: this.isHindered ? 1 : LONG_MS });
    } catch (error) {
      const mayFail = this.isHindered || this.isOver || error.syscall !== undefined;
      if (!mayFail) ledger.fault(`flushSync() threw ${error.message}`);
      return;
    }
    ledger.flushed(stream, position);
  }

  /** Goes on in a file that was not there. */
  reopenElsewhere(fails) {
    const n = this.#names++;
    this.reopen(fails ? `no/such-${n}/folder` : `next-${n}.log`);
  }

  reopen(name) {
    const { ledger, place, stream } = this;
    if (!place.isPath) return;
    this.#reopens++;
    const promise = stream.reopen(name === undefined ? undefined : place.path(name));
    ledger.promise(stream, `reopen(${name})`, promise, false);
    const done = () => this.#reopens--;
    promise.then(done, done);
  }

  renameAndReopen() {
    if (!this.#rename()) return;
    this.reopen(undefined);
  }

  /** Somebody else puts the file aside. */
  moveAway() {
    if (this.program.options.follow !== undefined) this.#rename();
  }

  #rename() {
    const { place, program, stream } = this;
    const { rotate, atomic } = program.options;
    const mayMove = place.isPath && stream.fd !== null && this.#reopens === 0;
    if (!mayMove || rotate !== undefined || atomic || !fs.existsSync(stream.path)) return false;
    fs.renameSync(stream.path, place.path(`moved-${this.#names++}.log`));
    return true;
  }

  checkStats() {
    const { ledger, stream } = this;
    const stats = stream.stats();
    if (stats.bytesAccepted - stats.bytesWritten !== stats.bytesQueued && !this.isOver) {
      ledger.fault(`stats do not add up: ${JSON.stringify(stats)}`);
    }
    if (stats.bytesQueued < 0 || stats.bytesWritten > stats.bytesAccepted)
      ledger.fault(`stats: ${JSON.stringify(stats)}`);
    if (!this.isOver && stats.bytesAccepted !== ledger.bytes) {
      ledger.fault(`${stats.bytesAccepted} bytes accepted of ${ledger.bytes}`);
    }
  }

  event(name) {
    const { stream } = this;
    return this.whileRead(
      new Promise((resolve) => {
        for (const event of [name, 'finish', 'close', 'error']) stream.once(event, resolve);
        if (this.program.options.emitClose === false) this.destroyed().then(resolve);
      }),
    );
  }

  /** Without a 'close' nothing tells of it. */
  async destroyed() {
    while (!this.stream.destroyed) await wait(1);
  }

  /** A reader reads meanwhile. */
  async whileRead(promise) {
    if (!this.place.mustBeRead) return promise;
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    while (!isDone) {
      this.place.read();
      await nextTurn();
    }
    return promise;
  }
}

module.exports = { OLD, Stage };
