'use strict';

// Random programs for a sink of one's own, on Node's class, on ours without batches and with them.
// Without batches everything must be the same. With them the bytes must be, and the callbacks: each once,
// in order, with success only for what the sink has taken, and with the same errors.

const assert = require('node:assert');
const { Writable: NodeWritable } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const fc = require('fast-check');
const { ENCODINGS, chunk, makeChunk, runAll } = require('../harness/program');
const { subject } = require('../harness/subject');

const TURNS_AT_MOST = 20_000;
const BATCHES_AT_MOST = 2000;

const step = fc.oneof(
  { weight: 14, arbitrary: fc.record({ write: chunk, hasCallback: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constantFrom('cork', 'uncork', 'uncork') },
  { weight: 3, arbitrary: fc.constantFrom('turn', 'microtask', 'drain', 'flush') },
  { weight: 1, arbitrary: fc.record({ setDefaultEncoding: fc.constantFrom(...ENCODINGS) }) },
);

const programs = fc.record({
  batch: fc.record({
    batchSize: fc.constantFrom(1, 7, 100, 1000, 4096, 65_536, 1 << 20),
    batchDelay: fc.constantFrom(undefined, 0, 1, Infinity),
    concurrency: fc.constantFrom(undefined, 1, 2, 5),
  }),
  highWaterMark: fc.constantFrom(undefined, 0, 1, 100, 16_384, 1 << 21),
  decodeStrings: fc.constantFrom(undefined, true, false),
  /** How the sink calls back. */
  sink: fc.constantFrom('sync', 'tick', 'turn', 'turns'),
  /** The sink refuses the byte of this number. */
  failsAt: fc.option(fc.nat(20_000), { nil: Infinity }),
  /** The program ends by itself, or is destroyed. */
  way: fc.constantFrom('end', 'end', 'end', 'end with a chunk', 'destroy', 'destroy with an error'),
  steps: fc.array(step, { maxLength: 40, size: 'max' }),
  construct: fc.boolean(),
});

/** One program on one class: what the sink got, and what the program was told. */
class Run {
  log = [];
  events = [];
  /** Of each write: `{ label, start, end, errors }`, positions in the bytes that were written. */
  writes = [];
  got = [];
  gotBytes = 0;
  underWay = 0;
  mostUnderWay = 0;
  hasFailed = false;
  #model = [];
  #modelBytes = 0;
  #defaultEncoding = 'utf8';
  #program;

  constructor(Writable, program, batch) {
    const run = this;
    this.#program = program;
    class Sink extends Writable {
      _write(bytes, encoding, callback) {
        run.#take(bytes, encoding, callback);
      }

      _final(callback) {
        run.note('final', run.underWay);
        callback();
      }
    }
    if (program.construct) Sink.prototype._construct = (callback) => setImmediate(callback);
    const { highWaterMark, decodeStrings } = program;
    this.stream = new Sink({ highWaterMark, decodeStrings, ...batch });
    for (const name of ['prefinish', 'finish', 'error', 'close', 'drain']) {
      this.stream.on(name, (error) => {
        this.note(name, error?.message);
        if (name !== 'drain') this.events.push(error ? `${name} ${error.message}` : name);
      });
    }
  }

  note(...entry) {
    this.log.push(entry);
  }

  #take(bytes, encoding, callback) {
    const copy = Buffer.from(bytes, typeof bytes === 'string' ? encoding : undefined);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const start = this.gotBytes;
    this.gotBytes += copy.length;
    const fails = start <= this.#program.failsAt && this.#program.failsAt < this.gotBytes;
    this.note('_write', copy.length, encoding);
    this.got.push(copy);
    this.#later(() => {
      this.underWay -= 1;
      const isKept = typeof bytes === 'string' || copy.equals(bytes);
      assert.ok(isKept, 'a batch changed before its callback');
      if (fails) this.hasFailed = true;
      callback(fails ? new Error('refused') : null);
    });
  }

  #later(action) {
    const { sink } = this.#program;
    if (sink === 'sync') action();
    else if (sink === 'tick') process.nextTick(action);
    else if (sink === 'turn') setImmediate(action);
    // Some batches overtake others.
    else setImmediate(() => (this.got.length % 3 === 0 ? setImmediate(action) : action()));
  }

  async run() {
    const { steps, way } = this.#program;
    for (const step of steps) await this.#step(step);
    // An end that is refused is like a write that is.
    if (this.stream.destroyed || this.stream.errored) this.note('failed before the end');
    else if (way === 'end') this.#end();
    else if (way === 'end with a chunk') this.#end({ text: 'the last żółw', encoding: undefined });
    else this.stream.destroy(way === 'destroy' ? undefined : new Error('destroyed'));
    for (let turns = 0; !this.stream.closed || this.underWay > 0; turns++) {
      assert.ok(turns < TURNS_AT_MOST, `no end: ${JSON.stringify(this.log)}`);
      await nextTurn();
    }
    for (let turn = 0; turn < 4; turn++) await nextTurn();
  }

  async #step(step) {
    if (step.write) this.#write(step.write, step.hasCallback);
    else if (step.setDefaultEncoding) {
      this.#defaultEncoding = step.setDefaultEncoding;
      this.stream.setDefaultEncoding(step.setDefaultEncoding);
    } else if (step === 'cork' || step === 'uncork') this.stream[step]();
    else if (step === 'flush') this.stream.flush?.().catch(() => {});
    else if (step === 'microtask') await undefined;
    else await nextTurn();
  }

  #write(described, hasCallback) {
    const { value, encoding, bytes } = makeChunk(described, this.#defaultEncoding);
    // What a stream refuses at once is no part of the comparison: when it does is not the same.
    if (this.stream.destroyed || this.stream.errored) return;
    const callback = hasCallback ? this.#callback(bytes.length) : undefined;
    this.#model.push(bytes);
    this.#modelBytes += bytes.length;
    this.note('write', this.stream.write(value, encoding, callback));
  }

  #end(described) {
    if (described === undefined) {
      this.stream.end(this.#callback(0));
      return;
    }
    const { value, encoding, bytes } = makeChunk(described, this.#defaultEncoding);
    this.#model.push(bytes);
    this.#modelBytes += bytes.length;
    this.stream.end(value, encoding, this.#callback(0));
  }

  #callback(length) {
    const write = { number: this.writes.length, end: this.#modelBytes + length, told: [] };
    this.writes.push(write);
    return (error) => {
      const takenBytes = this.gotBytes;
      write.told.push({ message: error?.message ?? null, takenBytes });
      this.note('callback', write.number, error?.message);
      this.events.push(`callback ${write.number}`);
    };
  }

  get bytes() {
    return Buffer.concat(this.got);
  }

  get model() {
    return Buffer.concat(this.#model);
  }
}

async function run(Writable, program, batch) {
  const one = new Run(Writable, program, batch);
  await one.run();
  return one;
}

function checkBatches(node, ours, { batch, failsAt, way, steps }) {
  const ended = way.startsWith('end');
  assert.ok(ours.mostUnderWay <= (batch.concurrency ?? 1), 'more under way than may be');
  const sizes = ours.got.map(({ length }) => length);
  assert.ok(sizes.every((size) => size > 0 && size <= batch.batchSize));
  if (batch.batchDelay === Infinity && !steps.includes('flush')) {
    assert.ok(
      sizes.slice(0, -1).every((size) => size === batch.batchSize),
      `${sizes}`,
    );
  }
  const { bytes, model } = ours;
  assert.ok(bytes.equals(model.subarray(0, bytes.length)), 'bytes changed on the way');
  if (ended && !ours.hasFailed && !node.hasFailed) {
    assert.strictEqual(bytes.length, model.length);
    assert.ok(node.bytes.equals(bytes));
    assert.deepStrictEqual(withoutPrefinish(ours), withoutPrefinish(node));
    assert.ok(ours.events.includes('prefinish'));
  }
  const order = ours.events.filter((event) => event.startsWith('callback'));
  const numbers = order.map((event) => Number(event.split(' ')[1]));
  assert.deepStrictEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
    'callbacks out of order',
  );
  assert.strictEqual(numbers.length, ours.writes.length, 'a callback is missing or came twice');
  checkTold(ours, failsAt);
  assert.strictEqual(ours.events.filter((event) => event === 'close').length, 1);
  if (ended) assert.deepStrictEqual(errorsOf(ours), errorsOf(node));
}

/** Success up to the failure, and then nothing but failures. */
function checkTold({ writes }, failsAt) {
  let hasFailed = false;
  for (const { end, told } of writes) {
    const [{ message, takenBytes }] = told;
    if (message === null) {
      assert.ok(!hasFailed, 'success behind a failure');
      assert.ok(
        takenBytes >= end && (end <= failsAt || end === 0),
        'success of what was not taken',
      );
    } else hasFailed = true;
  }
}

/** A sink that calls back at once has 'prefinish' before the callbacks, which come in the next tick. */
function withoutPrefinish({ events }) {
  return events.filter((event) => event !== 'prefinish');
}

function errorsOf({ events }) {
  return events.filter((event) => event.startsWith('error'));
}

test('random programs without batches do all that they do on the class of Node', async () => {
  await runAll(programs, async (program) => {
    const node = await run(NodeWritable, { ...program, steps: withoutFlush(program) });
    const ours = await run(subject.Writable, { ...program, steps: withoutFlush(program) });
    assert.deepStrictEqual(ours.log, node.log);
    assert.ok(ours.bytes.equals(node.bytes));
  });
});

test('random programs in batches: the same bytes, callbacks and errors', async () => {
  await runAll(programs, async (program) => {
    const node = await run(NodeWritable, program);
    const leastBytes = Math.ceil(node.model.length / BATCHES_AT_MOST);
    const batch = { ...program.batch, batchSize: Math.max(program.batch.batchSize, leastBytes) };
    const ours = await run(subject.Writable, program, batch);
    checkBatches(node, ours, { ...program, batch });
  });
});

function withoutFlush({ steps }) {
  return steps.filter((step) => step !== 'flush');
}
