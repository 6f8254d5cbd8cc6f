'use strict';

// Random programs for a stream, compared with a model. A program is a list of steps; the model is
// the bytes of all chunks in order, as Node's Buffer.from encodes them. RANDOM_RUNS sets the number
// of programs, RANDOM_SEED repeats a failing one.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');
const fc = require('fast-check');

const RUNS = Number(process.env.RANDOM_RUNS ?? 400);
const SEED = process.env.RANDOM_SEED === undefined ? {} : { seed: Number(process.env.RANDOM_SEED) };
const MAX_BUFFER_BYTES = 5 * 1024 * 1024;
const LIMIT_MS = 15_000;
const HANG_MS = 10_000;

const ENCODINGS = ['utf8', 'utf16le', 'latin1', 'binary', 'ascii', 'hex', 'base64', 'base64url'];
const VIEWS = [Uint8Array, Int16Array, Float64Array, DataView];

// UTF-16 units, not characters: surrogate pairs come whole, split and reversed.
const unit = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', '0', 'f', '\n', ' ', '=', '-', '+', '/') },
  { weight: 2, arbitrary: fc.constantFrom('ż', '\u00ff', '文', '\ufeff', '\0') },
  { weight: 3, arbitrary: fc.constantFrom('\ud83d', '\ude00', '😀') },
);
const text = fc
  .tuple(
    fc.array(unit, { maxLength: 30 }),
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 1, max: 10 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1000, max: 6000 }) },
    ),
  )
  .map(([units, times]) => units.join('').repeat(times));

const size = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: MAX_BUFFER_BYTES }) },
);

// A description; the chunk is made when the program runs, so that a failing program prints short.
const chunk = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      text,
      encoding: fc.option(fc.constantFrom(...ENCODINGS), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ size, offset: fc.nat(64), seed: fc.nat(255) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      view: fc.nat(VIEWS.length - 1),
      length: fc.nat(500),
      seed: fc.nat(255),
    }),
  },
);

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ write: chunk, hasCallback: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constantFrom('cork', 'uncork', 'uncork') },
  { weight: 2, arbitrary: fc.constantFrom('turn', 'microtask', 'drain', 'written') },
  { weight: 1, arbitrary: fc.record({ setDefaultEncoding: fc.constantFrom(...ENCODINGS) }) },
);

/** Programs with the common fields; `fields` are the arbitraries of one class. */
function programs(fields) {
  return fc.record({
    bufferSize: fc.constantFrom(undefined, 0, 1, 7, 1000, 65_536, 1 << 22),
    highWaterMark: fc.constantFrom(undefined, 0, 1, 100, 16_384, 1 << 21),
    waitsForOpen: fc.boolean(),
    steps: fc.array(step, { maxLength: 60, size: 'max' }),
    end: fc.option(chunk, { nil: undefined }),
    ...fields,
  });
}

/** Runs programs with `runProgram`, which throws if one differs from its model. */
async function runAll(program, runProgram) {
  await fc.assert(fc.asyncProperty(program, runProgram), {
    ...SEED,
    timeout: HANG_MS,
    numRuns: RUNS,
    includeErrorInReport: true,
    interruptAfterTimeLimit: process.env.RANDOM_RUNS ? undefined : LIMIT_MS,
  });
}

/** The names of the emitted events, in order. */
function recordEvents(stream, names) {
  const events = [];
  for (const event of names) stream.on(event, () => events.push(event));
  return events;
}

class Run {
  #stream;
  #defaultEncoding = 'utf8';
  #model = [];
  #expected = [];
  #called = [];

  constructor(stream) {
    this.#stream = stream;
    stream.on('finish', () => this.#called.push('finish'));
  }

  async take(step) {
    if (step.write) this.#write(step.write, step.hasCallback);
    else if (step.setDefaultEncoding) this.#setDefaultEncoding(step.setDefaultEncoding);
    else if (step === 'cork' || step === 'uncork') this.#stream[step]();
    else await this.#wait(step);
  }

  end(chunk, way) {
    if (way === 'close') {
      if (chunk) this.#write(chunk, true);
      this.#stream.close();
    } else if (chunk) {
      const { value, encoding, bytes } = this.#make(chunk);
      this.#model.push(bytes);
      this.#stream[way](value, encoding, this.#callback('end'));
    } else {
      this.#stream[way](this.#callback('end'));
    }
    this.#expected.push('finish');
  }

  /** Compares `bytes`, what arrived, with the model; the first `start` bytes are zeros. */
  check(bytes, start = 0) {
    const model = Buffer.concat([Buffer.alloc(start), ...this.#model]);
    const written = model.length - start;
    // A stream that writes nothing leaves the file empty, with any start.
    const expected = written === 0 ? Buffer.alloc(0) : model;
    assert.strictEqual(bytes.length, expected.length);
    assert.strictEqual(firstDifference(bytes, expected), -1);
    assert.deepStrictEqual(this.#called, this.#expected);
    assert.strictEqual(this.#stream.bytesWritten, written);
  }

  #write(chunk, hasCallback) {
    const { value, encoding, bytes } = this.#make(chunk);
    this.#model.push(bytes);
    const callback = hasCallback ? this.#callback(this.#model.length) : undefined;
    this.#stream.write(value, encoding, callback);
  }

  #setDefaultEncoding(encoding) {
    this.#defaultEncoding = encoding;
    this.#stream.setDefaultEncoding(encoding);
  }

  #callback(label) {
    this.#expected.push(label);
    return (error) => this.#called.push(error ? error.code : label);
  }

  async #wait(what) {
    if (what === 'turn') await nextTurn();
    else if (what === 'microtask') await undefined;
    else if (this.#stream.writableCorked > 0) await nextTurn();
    else if (what === 'written') await new Promise((resolve) => this.#stream.write('', resolve));
    else if (this.#stream.writableNeedDrain) {
      await new Promise((resolve) => this.#stream.once('drain', resolve));
    }
  }

  #make(chunk) {
    if (chunk.text !== undefined) {
      const bytes = Buffer.from(chunk.text, chunk.encoding ?? this.#defaultEncoding);
      return { value: chunk.text, encoding: chunk.encoding, bytes };
    }
    const value = chunk.view === undefined ? makeBuffer(chunk) : makeView(chunk);
    const bytes = Buffer.from(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    return { value, encoding: undefined, bytes };
  }
}

// deepStrictEqual takes seconds to print two long Buffers.
function firstDifference(a, b) {
  return a.equals(b) ? -1 : a.findIndex((byte, at) => byte !== b[at]);
}

/** A window into a larger buffer. */
function makeBuffer({ size, offset, seed }) {
  const whole = Buffer.alloc(offset + size + 8, seed);
  for (let at = 0; at < whole.length; at += 4099) whole[at] = at / 4099;
  return whole.subarray(offset, offset + size);
}

function makeView({ view, length, seed }) {
  const View = VIEWS[view];
  const bytes = new Uint8Array(16 + length * 8).fill(seed);
  for (let at = 0; at < bytes.length; at += 7) bytes[at] = at;
  return new View(bytes.buffer, 16, length);
}

module.exports = { Run, programs, recordEvents, runAll };
