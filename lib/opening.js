'use strict';

// A file that JavaScript opens, because the program has replaced a function of Node's
// (graceful-fs does), or Node must be asked for the permission. Stands for the outlet of a stream until
// the descriptor is there. Writes wait in `Writable` meanwhile, as in Node.

const fs = require('node:fs');
const { devNull } = require('node:os');
const exit = require('./exit.js');
const fastPath = require('./fast-path.js');
const NativeStream = require('./native-stream.js');
const { bitsOf } = require('./options.js');
const { now } = require('./timers.js');

const { O_EXCL, O_TRUNC, O_WRONLY } = fs.constants;

/** Where the descriptors of this process can be seen, if they can. */
const DESCRIPTORS = process.platform === 'linux' ? '/proc/self/fd' : null;

/** How long the `open`s of libuv's that are under way are given at the end of the thread, all together. */
const UNDER_WAY_MS = DESCRIPTORS === null ? 20 : 2000;

class Opening {
  #stream;
  #how;
  /** The descriptor of the outlet. */
  #fd = null;
  /** An `open` was called and has not answered. */
  #isUnderWay = false;

  /**
   * @param {WriteStream} stream
   * @param {object} how
   * @param {boolean} how.isOverridden the stream's method `open` is not Node's
   * @param {object} how.trust see lib/options.js
   * @param {Outlet} how.outlet waits for its descriptor
   * @param {(outlet: Outlet) => void} how.attach the outlet has it
   */
  constructor(stream, how) {
    this.#stream = stream;
    this.#how = how;
    startThreads();
    if (!how.trust.flushOnExit) return;
    exit.addOpening(this);
  }

  get outlet() {
    return this.#how.outlet;
  }

  /** A write before there is an outlet. */
  write(chunk, encoding, callback) {
    const stream = this.#stream;
    const told = typeof encoding === 'function' ? encoding : callback;
    const { bound } = this.#how.trust;
    const { outlet } = this.#how;
    if (bound?.refuses(stream, outlet, chunk, encoding)) {
      return bound.refuse(stream, outlet, chunk, encoding, told);
    }
    const answer = fastPath.writeThrough(stream, outlet, chunk, encoding, told);
    if (exit.isUnderWay && this.#how.trust.flushOnExit) this.openForExit();
    return answer;
  }

  /** `Writable`'s `_construct`. */
  open(callback) {
    if (this.#fd !== null) return this.#tellOpen(callback);
    this.#isUnderWay = true;
    if (this.#how.isOverridden) this.#callMethod(callback);
    else this.#callFunction(callback);
  }

  #callFunction(callback) {
    const stream = this.#stream;
    fs.open(stream.path, stream.flags, stream.mode, (error, fd) => {
      if (error) return this.#fail(error, callback);
      if (this.#fd === null) this.#adopt(fd);
      else fs.close(fd, () => {});
      this.#tellOpen(callback);
    });
  }

  #tellOpen(callback) {
    callback();
    this.#stream.emit('open', this.#stream.fd);
    this.#stream.emit('ready');
  }

  /** Node's own way for an `open` from the time before `_construct`: it sets `fd` and emits 'open'. */
  #callMethod(callback) {
    const stream = this.#stream;
    const { emit } = stream;
    stream.emit = (...args) => {
      if (args[0] === 'error') {
        stream.emit = emit;
        return this.#fail(args[1], callback);
      }
      if (args[0] === 'open') {
        stream.emit = emit;
        this.#adopt(stream.fd);
        callback();
      }
      return emit.apply(stream, args);
    };
    stream.open();
  }

  #adopt(fd) {
    this.#isUnderWay = false;
    this.#fd = fd;
    this.#stream.fd = fd;
    this.#how.outlet.attach(fd);
    exit.removeOpening(this);
    this.#how.attach(this.#how.outlet);
  }

  #fail(error, callback) {
    this.#isUnderWay = false;
    exit.removeOpening(this);
    callback(error);
  }

  /** Closes the descriptor after the outlet is done with it. */
  release(error, callback) {
    fs.close(this.#fd, (failure) => callback(failure ?? error));
  }

  /**
   * At the end of the thread the event loop no longer runs, so this opens the file synchronously.
   * @returns {{bytes: number, streams: number, error: Error | null}} what is lost, as `flushOutlets` tells
   */
  openForExit() {
    const { path, flags, mode, writableLength: bytes, destroyed } = this.#stream;
    if (this.#fd !== null || destroyed || bytes === 0) return NOTHING_LOST;
    try {
      const open = this.#isUnderWay ? openBeside : fs.openSync;
      this.#adopt(open(path, flags, mode));
    } catch (error) {
      return { bytes, streams: 1, error };
    }
    this.#how.outlet.noteQueue();
    return NOTHING_LOST;
  }
}

let hasThreads = false;

/**
 * The native threads need descriptors of their own, which are to be had before JavaScript may have opened
 * as many files as it can: a program of graceful-fs does so.
 */
function startThreads() {
  if (hasThreads) return;
  hasThreads = true;
  const how = { start: -1, flush: false, keepOpen: false };
  const native = NativeStream.ofPath({ path: devNull, flags: O_WRONLY, mode: 0 }, how);
  native.markEndAndClose();
  native.free();
}

const NOTHING_LOST = { bytes: 0, streams: 0, error: null };

let deadlineMs = null;

/**
 * Opens a file that another thread is about to open. That may still empty it, which this does not: waits
 * until it is done, as far as that can be seen.
 */
function openBeside(path, flags, mode) {
  const bits = bitsOf(flags);
  const fd = fs.openSync(path, bits & ~(O_TRUNC | O_EXCL), mode);
  if ((bits & O_TRUNC) === 0) return fd;
  deadlineMs ??= now() + UNDER_WAY_MS;
  while (!isOpenTwice(fd) && now() < deadlineMs) sleep(1);
  return fd;
}

/** Another descriptor of this process has the same file. */
function isOpenTwice(fd) {
  if (DESCRIPTORS === null) return false;
  const file = fileOf(fd);
  return fs.readdirSync(DESCRIPTORS).filter((other) => fileOf(other) === file).length > 1;
}

function fileOf(fd) {
  try {
    return fs.readlinkSync(`${DESCRIPTORS}/${fd}`);
  } catch {
    // It was closed meanwhile.
    return null;
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

module.exports = Opening;
