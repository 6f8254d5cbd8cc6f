'use strict';

const { subject } = require('./subject');

/** A sink whose batches wait until they are told to be done. */
class Manual extends subject.Writable {
  /** Each `{ text, chunk, done }`, in order. */
  batches = [];

  _write(chunk, _encoding, done) {
    this.batches.push({ text: chunk.toString(), chunk, done });
  }

  get texts() {
    return this.batches.map(({ text }) => text);
  }
}

module.exports = { Manual };
