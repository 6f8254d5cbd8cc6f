'use strict';

// Properties of a file stream that Node's class keeps as plain values of the stream and reads when it needs
// them, so that a program may assign them: `bytesWritten` and `pos` at any time, `path`, `flags`, `mode` and
// `fd` before the open.

const util = require('node:util');
const { assignedTooLateError } = require('./errors.js');

/** What a stream was made with, and what was assigned since. */
const kAssigned = Symbol('assigned');

class Assigned {
  /** The count of completed bytes, and the property, differ by so many. */
  bytesOffset = 0;
  /** `pos` before the first byte. */
  start;
  /** `pos` was assigned. */
  isMoved = false;
  /** What is left of the outlet of a stream that is closed; else null. */
  figures = null;
  #path;
  #flags;
  #mode;
  #fd;

  constructor(stream) {
    this.start = stream.start;
    this.accept(stream);
  }

  /** What is to be opened is what the properties say. */
  accept({ path, flags, mode, fd }) {
    this.isMoved = false;
    this.#path = path;
    this.#flags = flags;
    this.#mode = mode;
    this.#fd = fd;
  }

  /** Something was assigned that says what is opened. */
  hasChanged({ path, flags, mode, fd }) {
    const isSame = path === this.#path && flags === this.#flags && Object.is(mode, this.#mode);
    return !isSame || fd !== this.#fd || this.isMoved;
  }
}

/**
 * Gives a stream properties of its own, which copies of it and `util.inspect` show.
 * @param {WriteStream} stream
 * @param {object} accessors from `accessorsOf`
 */
function define(stream, accessors) {
  Object.defineProperty(stream, kAssigned, { value: new Assigned(stream) });
  Object.defineProperty(stream, 'pos', accessors.pos);
  Object.defineProperty(stream, 'bytesWritten', accessors.bytesWritten);
}

/**
 * @param {(stream: WriteStream) => Outlet | undefined} outletOf
 * @returns {{pos: PropertyDescriptor, bytesWritten: PropertyDescriptor}} the same for all streams
 */
function accessorsOf(outletOf) {
  const completedBytes = (stream) => outletOf(stream)?.completedBytes ?? 0;
  const shape = { enumerable: true, configurable: true };
  return {
    pos: {
      ...shape,
      get() {
        const { start } = this[kAssigned];
        return start === undefined ? undefined : start + completedBytes(this);
      },
      set(value) {
        const outlet = outletOf(this);
        const isFresh = this.fd === null && !outlet?.hasPending && this._writableState.length === 0;
        if (!isFresh) throw assignedTooLateError('pos');
        this[kAssigned].start = value;
        this[kAssigned].isMoved = true;
      },
    },
    bytesWritten: {
      ...shape,
      get() {
        return completedBytes(this) - this[kAssigned].bytesOffset;
      },
      set(value) {
        this[kAssigned].bytesOffset = completedBytes(this) - value;
      },
    },
  };
}

/** The place of the first byte, or -1. */
function startOf(stream) {
  return stream[kAssigned].start ?? -1;
}

/** What the stream was made with, and what was assigned since. */
function assignedOf(stream) {
  return stream[kAssigned];
}

/** Shows values where the stream has accessors, as Node's class has. */
function inspect(depth, options) {
  const { pos, bytesWritten } = this;
  const plain = (value) => ({ value, enumerable: true });
  const shown = Object.create(Object.getPrototypeOf(this), {
    ...Object.getOwnPropertyDescriptors(this),
    pos: plain(pos),
    bytesWritten: plain(bytesWritten),
    [util.inspect.custom]: { value: undefined },
  });
  return util.inspect(shown, { ...options, depth });
}

module.exports = { accessorsOf, assignedOf, define, inspect, startOf };
