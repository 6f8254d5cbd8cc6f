'use strict';

// A log that is rotated: when its file is put aside besides for its size, which is Rust's business, and
// what happens to the earlier files.

const { assertInteger, assertOneOf, assertType, conflictError } = require('./errors.js');
const { beginOf, nextAfter } = require('./rotation/boundary.js');
const { pathAside } = require('./rotation/names.js');
const Spool = require('./rotation/spool.js');
const { clearTimeout, setTimeout } = require('./timers.js');

/** A timer waits no longer than this at a time. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long a rotation that failed is not tried again; each time twice as long, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60 * 1000;

const MAX = Number.MAX_SAFE_INTEGER;

/** How often at most `follow: true` looks whether the path still names the file, in milliseconds. */
const DEFAULT_FOLLOW_MS = 1000;

/**
 * What the options `rotate` and `follow` say, or null if they say nothing.
 * @returns {{rotate: object | null, followMs: number | undefined} | null}
 */
function logOptions({ rotate, follow, fd, start, atomic }) {
  if (rotate === undefined && (follow === undefined || follow === false)) return null;
  for (const [name, value] of Object.entries({ fd, start, atomic: atomic || undefined })) {
    if (value != null) throw conflictError(name, 'can not be given with "rotate" or "follow"');
  }
  return {
    rotate: rotate === undefined ? null : rotateOptions(rotate),
    followMs: followMsOf(follow),
  };
}

function followMsOf(follow) {
  if (follow === undefined || follow === false) return undefined;
  if (follow === true) return DEFAULT_FOLLOW_MS;
  assertInteger(follow, 'options.follow', 0, MAX);
  return follow;
}

function rotateOptions(rotate) {
  assertType(rotate, 'options.rotate', 'object');
  const { size, interval, keep = {}, compress, archive } = rotate;
  if (size === undefined && interval === undefined) {
    throw conflictError('options.rotate', 'must have a "size" or an "interval"');
  }
  if (size !== undefined) assertInteger(size, 'options.rotate.size', 1, MAX);
  if (typeof interval === 'number') assertInteger(interval, 'options.rotate.interval', 1, MAX);
  else assertOneOf(interval, 'options.rotate.interval', [undefined, 'hour', 'day']);
  assertOneOf(compress, 'options.rotate.compress', [undefined, false, 'gzip']);
  if (archive !== undefined) assertType(archive, 'options.rotate.archive', 'function');
  return { size, interval, keep: keepOf(keep), compresses: compress === 'gzip', archive };
}

function keepOf(keep) {
  if (typeof keep === 'number') return keepOf({ files: keep });
  assertType(keep, 'options.rotate.keep', 'object');
  const limits = { files: Infinity, bytes: Infinity, age: Infinity };
  for (const name of Object.keys(limits)) {
    const value = keep[name] ?? Infinity;
    if (value !== Infinity) assertInteger(value, `options.rotate.keep.${name}`, 0, MAX);
    limits[name] = value;
  }
  return limits;
}

/** What the native half needs to know of `logOptions()`. */
function nativeLog({ rotate, followMs }) {
  const interval = rotate?.interval;
  return {
    rotates: rotate !== null,
    rotateSize: rotate?.size,
    dueBeforeMs: interval === undefined ? undefined : beginOf(interval, Date.now()),
    followMs,
  };
}

class Rotation {
  #log;
  #interval;
  #rotate;
  #emit;
  #spool;
  #settings;
  /** The boundary that is next. */
  #boundaryMs = Infinity;
  #timer = null;
  #failures = 0;
  #retryTimer = null;
  /** Nothing more is written, although the driver may still tell of a file that it has put aside. */
  #isOver = false;

  /**
   * @param {string} log its path
   * @param {object} settings those of `logOptions()`
   * @param {() => void} rotate puts the file aside after all earlier writes
   * @param {(name: string, event: object) => void} emit
   */
  constructor(log, settings, rotate, emit) {
    this.#log = log;
    this.#interval = settings.interval;
    this.#rotate = rotate;
    this.#emit = emit;
    this.#settings = settings;
    this.#spool = new Spool(log, settings, emit);
  }

  /** The file is open: what was left undone the last time is done, and the clock runs. */
  begin() {
    this.#spool.run();
    this.#arm();
  }

  /** The file was put aside, under a name with this moment in it. */
  afterRotate(stampMs) {
    this.#failures = 0;
    clearTimeout(this.#retryTimer);
    if (typeof this.#interval === 'number' && !this.#isOver) this.#arm();
    this.#emit('rotate', { from: this.#log, to: pathAside(this.#log, stampMs) });
    this.#spool.add(stampMs);
  }

  /** It was not: the old one goes on, until it is tried again. */
  afterFailure(error) {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS);
    clearTimeout(this.#retryTimer);
    if (!this.#isOver) this.#retryTimer = setTimeout(this.#rotate, pauseMs).unref();
    this.#spool.doubt();
    this.#emit('rotateError', { file: this.#log, error, attempt: this.#failures });
  }

  /** The log has another path. What is due for the files that were put aside at the old one is done, once. */
  moveTo(log) {
    if (log === this.#log) return;
    this.#log = log;
    this.#spool.end();
    this.#spool = new Spool(log, this.#settings, this.#emit);
    this.#spool.run();
  }

  /** Nothing more is written. If that is no failure, what is due for the files is still done. */
  end(isFailure) {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    if (isFailure) this.#spool.stop();
    else this.#spool.end();
  }

  #arm() {
    if (this.#interval === undefined) return;
    this.#boundaryMs = nextAfter(this.#interval, Date.now());
    this.#wait();
  }

  /** The clock of the system may be set while a timer runs, and a timer can't run for long. */
  #wait() {
    clearTimeout(this.#timer);
    const leftMs = Math.max(1, Math.min(this.#boundaryMs - Date.now(), LONGEST_TIMER_MS));
    this.#timer = setTimeout(() => this.#afterWait(), leftMs).unref();
  }

  #afterWait() {
    if (Date.now() < this.#boundaryMs) return this.#wait();
    this.#rotate();
    this.#arm();
  }
}

module.exports = { Rotation, logOptions, nativeLog };
