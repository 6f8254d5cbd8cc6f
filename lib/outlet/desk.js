'use strict';

// Where small Buffers, and strings of corked writes, are gathered for one call of Rust.

const { byteLengthOf } = require('../chunk.js');

/**
 * Strings are encoded once they have this many UTF-16 units together. V8 appends without copying
 * and copies once, for the encoder; a batch that fits its cache costs least.
 */
const BATCH_UNITS = 16 * 1024;

/** A UTF-16 unit takes so many bytes at most. */
const BYTES_A_UNIT = 3;

/** Smaller Buffers are gathered: a call of Rust costs as much as a copy of so many bytes, or more. */
const SMALL_BYTES = 1024;

/** A longer string is encoded by itself, as a Buffer. */
const LONG_UNITS = 64 * 1024;

/** A longer string of a vector is encoded by itself. */
const SHORT_UNITS = 4 * 1024;

/** Where small Buffers are gathered, of one batch at a time: whose, how many, and how many bytes. */
const desk = { bytes: null, length: 0, writes: 0, batch: null };

/**
 * Adds writes that fit, in any encoding. Returns how many; the memory of a Buffer may have grown since it was measured.
 * @param {CorkedWrites} writes
 */
function addShort({ chunks, count, encodings }) {
  const { bytes } = desk;
  for (let i = 0; i < count; i++) {
    const chunk = chunks[i];
    const start = desk.length;
    if (typeof chunk === 'string') {
      desk.length += bytes.write(chunk, start, encodings[i] ?? 'utf8');
    } else {
      const end = start + byteLengthOf(chunk);
      if (end > bytes.length) return i;
      // Nothing can be copied from a view whose memory is gone.
      if (end > start) bytes.set(chunk, start);
      desk.length = end;
    }
    if (desk.length > start) desk.writes++;
  }
  return count;
}

/** Gives it to a batch. What another one has gathered there goes to Rust. */
function takeFor(batch) {
  desk.batch?.commit();
  desk.batch = batch;
  desk.bytes ??= Buffer.allocUnsafeSlow(BATCH_UNITS + SMALL_BYTES);
}

/** Another batch may take it. */
function leave() {
  desk.batch = null;
  desk.length = 0;
  desk.writes = 0;
}

module.exports = {
  BATCH_UNITS,
  BYTES_A_UNIT,
  LONG_UNITS,
  SHORT_UNITS,
  SMALL_BYTES,
  addShort,
  desk,
  leave,
  takeFor,
};
