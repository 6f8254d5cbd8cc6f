'use strict';

// What a stream has accepted, and what it has told of it: each callback once and in order, each byte once.

const { inspect } = require('node:util');

class Ledger {
  /** Accepted writes: their bytes, and where they end in the stream. */
  records = [];
  bytes = 0;
  /** The most of which anybody was told that the system has it. */
  confirmedBytes = 0;
  writes = 0;
  dropped = { bytes: 0, writes: 0 };
  #calls = [];
  #lastCalled = -1;
  #syncs = [];
  #lastSync = -1;
  #faults = [];
  #nextId = 0;

  fault(text) {
    this.#faults.push(text);
  }

  get faults() {
    return this.#faults;
  }

  /** A chunk of about this size whose bytes no other has, as a Buffer or in an encoding; empty if `size` is 0. */
  makeChunk(size, as) {
    const encoding = as === 'buffer' ? undefined : as;
    const bytes = size === 0 ? Buffer.alloc(0) : this.#bytesFor(size, as);
    const value = as === 'buffer' ? Buffer.from(bytes) : bytes.toString(as);
    return { value, encoding, bytes };
  }

  #bytesFor(size, as) {
    const id = this.#nextId++;
    const filler = as === 'utf8' && id % 5 === 0 ? 'ż😀' : `${id}.`;
    const text = `<${id}:${filler.repeat(Math.ceil(size / filler.length))}`;
    const cut = text.slice(0, Math.max(size - 1, 3)).toWellFormed();
    // Of an even length, for UTF-16.
    const end = as === 'utf16le' && cut.length % 2 === 0 ? '>>' : '>';
    return Buffer.from(cut + end);
  }

  accept(bytes) {
    this.bytes += bytes.length;
    this.writes++;
    this.records.push({ bytes, end: this.bytes });
    return this.records.length - 1;
  }

  /** A callback of a write, or of an end. */
  callback(stream, label, index) {
    const call = { label, index, count: 0, result: undefined };
    this.#calls.push(call);
    return (error) => {
      call.count++;
      call.result = error ? (error.code ?? error.message) : null;
      if (call.count > 1) this.fault(`${label} was called ${call.count} times`);
      if (index === undefined) return;
      if (index < this.#lastCalled)
        this.fault(`${label} was called behind that of ${this.#lastCalled}`);
      this.#lastCalled = index;
      if (!error) this.#confirm(stream, this.records[index].end, label);
    };
  }

  #confirm(stream, position, what) {
    this.confirmedBytes = Math.max(this.confirmedBytes, position);
    const { bytesWritten } = stream;
    if (bytesWritten < position)
      this.fault(`${what}: ${bytesWritten} of ${position} bytes are written`);
  }

  /** It tells that all is written. */
  checkFinished({ bytesWritten }) {
    if (bytesWritten !== this.bytes) this.fault(`finish at ${bytesWritten} of ${this.bytes} bytes`);
  }

  flushed(stream, position) {
    this.#confirm(stream, position, 'flushSync');
  }

  /** A promise for all bytes up to now. */
  promise(stream, label, promise, inOrder) {
    const index = this.#syncs.length;
    const position = this.bytes;
    const sync = { label, isSettled: false };
    this.#syncs.push(sync);
    const settle = (error) => {
      sync.isSettled = true;
      sync.result = error?.code ?? error?.message ?? null;
      if (!inOrder || error !== undefined) return;
      if (index < this.#lastSync)
        this.fault(`${label} ${index} was settled behind ${this.#lastSync}`);
      this.#lastSync = index;
      this.#confirm(stream, position, label);
    };
    promise.then(() => settle(), settle);
    return sync;
  }

  checkCalls() {
    for (const { label, count } of this.#calls)
      if (count === 0) this.fault(`${label} was never called`);
    this.#syncs.forEach(({ label, isSettled }, at) => {
      if (!isSettled) this.fault(`${label} ${at} was never settled`);
    });
  }

  get calls() {
    return this.#calls;
  }

  /**
   * The files must be the records, in order, each file whole records.
   * @param {{name: string, bytes: Buffer}[]} files in any order
   * @param {boolean} mayLack the end may be missing, and be cut
   * @returns {number} how many bytes are there
   */
  checkFiles(files, mayLack) {
    const all = Buffer.concat(this.records.map(({ bytes }) => bytes));
    const edges = new Set([0, ...this.records.map(({ end }) => end)]);
    const left = files.filter(({ bytes }) => bytes.length > 0);
    let at = 0;
    while (left.length > 0) {
      const next = left.findIndex(({ bytes }) => all.subarray(at, at + bytes.length).equals(bytes));
      if (next === -1) {
        const shown = left.map(
          ({ name, bytes }) =>
            `${name} (${bytes.length}): ${inspect(bytes.toString('latin1', 0, 60))}`,
        );
        this.fault(
          `at ${at} of ${all.length}, expected ${inspect(all.toString('latin1', at, at + 60))}, found ${shown}`,
        );
        return at;
      }
      const [{ name, bytes }] = left.splice(next, 1);
      at += bytes.length;
      if (left.length > 0 && !edges.has(at)) this.fault(`${name} ends within a record, at ${at}`);
    }
    if (!mayLack && at !== all.length)
      this.fault(`${all.length - at} of ${all.length} bytes are missing`);
    if (at < this.confirmedBytes)
      this.fault(`${this.confirmedBytes} bytes were confirmed, ${at} are there`);
    return at;
  }
}

module.exports = { Ledger };
