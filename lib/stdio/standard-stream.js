'use strict';

// One of Node's standard streams, whose plain strings are gathered and whose rest is written at the exit.
//
// Node's own methods do the work: they are given a few long strings instead of many short ones. The first
// write of a tick goes to them at once. Those behind it wait for the end of the tick, for a millisecond's end if
// the tick is a long one, for the mark of the stream, or until anything else is done to it.

const nextTick = require('../tick.js');
const splitAtSeams = require('../seams.js');
const { now } = require('../timers.js');
const { Rest, restOf, writeAll } = require('./rest.js');

/** A write that comes so long after the last hand-over is not kept. */
const KEPT_MS = 1;

/** So many units are handed over together while Node has no room. */
const FULL_LENGTH = 64 * 1024;

const kStandard = Symbol('rushwrite.standard');

class StandardStream {
  #stream;
  #state;
  /** The prototype that Node has given the stream. */
  #theirs;
  #gathers;
  /** Writes what the other stream has gathered: the two may be one file. */
  #flushAll;
  #text = '';
  /** Where each string ends in it. */
  #ends = [];
  /** The callback that all of these writes have. */
  #callback;
  #handedOverMs = 0;
  #isTickEndDue = false;
  /** What Node has given the handle last, until that calls back. */
  #inFlight = [];
  /** Writes what is left when the process exits. */
  #last = null;
  #isLeaving = false;

  /**
   * @param {Writable} stream
   * @param {object} how
   * @param {boolean} how.gathers
   * @param {() => void} how.flush writes what any of the streams has gathered
   */
  constructor(stream, { gathers, flush }) {
    this.#stream = stream;
    this.#state = stream._writableState;
    this.#theirs = Object.getPrototypeOf(stream);
    this.#gathers = gathers;
    this.#flushAll = flush;
  }

  get fd() {
    return this.#stream.fd;
  }

  write(chunk, encoding, callback) {
    const told = typeof encoding === 'function' ? encoding : callback;
    if (this.#isLeaving) return this.#writeLast(chunk, encoding, told);
    if (this.#isTickEndDue && this.#isPlain(chunk, encoding)) return this.#gather(chunk, told);
    this.#flushAll();
    if (this.#gathers && !this.#isTickEndDue) this.#endTickLater();
    return this.#theirs.write.call(this.#stream, chunk, encoding, callback);
  }

  #isPlain(chunk, encoding) {
    const isText = typeof chunk === 'string' && chunk !== '';
    const isUtf8 = encoding === undefined || encoding === 'utf8' || typeof encoding === 'function';
    return isText && isUtf8 && this.#gathers && (this.#text !== '' || this.#isUsual);
  }

  /** Node would take a string as UTF-8, and pass it on. What changes that flushes. */
  get #isUsual() {
    const { corked, defaultEncoding } = this.#state;
    return corked === 0 && defaultEncoding === 'utf8' && this.#stream.writable;
  }

  #gather(chunk, callback) {
    const { length, highWaterMark, needDrain } = this.#state;
    const most = needDrain ? FULL_LENGTH : highWaterMark - length;
    const isFull = this.#text.length + chunk.length >= most;
    if (this.#text !== '' && (isFull || callback !== this.#callback)) this.flush();
    this.#text += chunk;
    this.#ends.push(this.#text.length);
    this.#callback = callback;
    if (chunk.length >= most || now() - this.#handedOverMs >= KEPT_MS) return this.flush();
    return !needDrain;
  }

  #endTickLater() {
    this.#isTickEndDue = true;
    this.#handedOverMs = now();
    nextTick(StandardStream.#endTick, this);
  }

  static #endTick(standard) {
    standard.#isTickEndDue = false;
    standard.flush();
  }

  /** Gives Node what is gathered. Returns what it says. */
  flush() {
    if (this.#text === '') return true;
    const [text, ends, callback] = [this.#text, this.#ends, this.#callback];
    this.#text = '';
    this.#ends = [];
    this.#callback = undefined;
    this.#handedOverMs = now();
    const runs = splitAtSeams(text, ends);
    const chunk = runs.length === 1 ? text : Buffer.concat(runs.map((run) => Buffer.from(run)));
    const told = callback && ((...args) => callEach(callback, ends.length, args));
    return this.#theirs.write.call(this.#stream, chunk, 'utf8', told);
  }

  /** Other code writes to the same descriptor without functions of Node. */
  stopGathering() {
    this.flush();
    this.#gathers = false;
  }

  /** Node's `_write` or `_writev` begins: what it gives the handle may be there in part when the process exits. */
  begin(entries, callback) {
    this.#inFlight = entries;
    return (...args) => {
      this.#inFlight = [];
      callback(...args);
    };
  }

  // The exit.

  /** The process ends: waits until the system has all, now and with each write that follows. */
  leave() {
    this.flush();
    this.#isLeaving = true;
    this.#writeRest();
  }

  /** Node has no turn of the loop any more in which it would go on. */
  #writeRest() {
    if (this.#last !== null) return;
    const rest = restOf(this.#stream, this.#inFlight);
    if (rest.length === 0) return;
    this.#last = new Rest(this.fd);
    this.#last.write(rest);
  }

  #writeLast(chunk, encoding, callback) {
    this.#flushAll();
    if (this.#last !== null) return this.#last.write(chunk, encoding);
    const answer = this.#theirs.write.call(this.#stream, chunk, encoding, callback);
    this.#writeRest();
    return answer;
  }

  giveBack() {
    this.stopGathering();
    if (Object.getPrototypeOf(this.#stream)[kStandard] !== this) return;
    Object.setPrototypeOf(this.#stream, this.#theirs);
    this.#stream.destroySoon = this.#stream.destroy;
  }
}

/** Calls `callback` this many times. A call that throws does not prevent the others. */
function callEach(callback, count, args) {
  let left = count;
  try {
    while (left > 0) {
      left--;
      callback(...args);
    }
  } finally {
    if (left > 0) nextTick(callEach, callback, left, args);
  }
}

/** Any other use of the stream writes the gathered strings first. */
const METHODS = ['cork', 'destroy', 'end', 'resetAndDestroy', 'setDefaultEncoding', 'uncork'];
const ACCESSORS = [
  '_bytesDispatched',
  '_handle',
  'bufferSize',
  'bytesWritten',
  'writableBuffer',
  'writableLength',
  'writableNeedDrain',
];

/** Puts a prototype with the methods of `standard` before the one that Node has given the stream. */
function adopt(stream, standard) {
  const theirs = Object.getPrototypeOf(stream);
  const ours = Object.create(theirs);
  const define = (name, value) => {
    const enumerable = descriptorOf(theirs, name)?.enumerable ?? false;
    Object.defineProperty(ours, name, { value, enumerable, writable: true, configurable: true });
  };
  define(kStandard, standard);
  define('write', function write(chunk, encoding, callback) {
    return standard.write(chunk, encoding, callback);
  });
  for (const name of METHODS.filter((name) => name in theirs)) {
    define(
      name,
      {
        [name](...args) {
          standard.flush();
          return theirs[name].apply(this, args);
        },
      }[name],
    );
  }
  for (const name of ACCESSORS) defineAccessor(ours, name, standard);
  defineSteps(define, theirs, standard);
  Object.setPrototypeOf(stream, ours);
  stream.destroySoon = stream.destroy;
  return standard;
}

function defineAccessor(ours, name, standard) {
  const { get, set, enumerable } = descriptorOf(Object.getPrototypeOf(ours), name) ?? {};
  if (get === undefined) return;
  function flushed() {
    standard.flush();
    return get.call(this);
  }
  Object.defineProperty(ours, name, { get: flushed, set, enumerable, configurable: true });
}

function descriptorOf(prototype, name) {
  if (prototype === null) return undefined;
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  return own ?? descriptorOf(Object.getPrototypeOf(prototype), name);
}

/** What `Writable` calls: of a pipe Node's own, of a file one that writes all. */
function defineSteps(define, theirs, standard) {
  if (!('_handle' in theirs)) {
    define('_write', function _write(chunk, _encoding, callback) {
      try {
        writeAll(this.fd, chunk);
      } catch (error) {
        callback(error);
        return;
      }
      callback();
    });
    return;
  }
  define('_write', function _write(chunk, encoding, callback) {
    theirs._write.call(this, chunk, encoding, standard.begin([{ chunk, encoding }], callback));
  });
  define('_writev', function _writev(entries, callback) {
    theirs._writev.call(this, entries, standard.begin(entries, callback));
  });
}

module.exports = { StandardStream, adopt };
