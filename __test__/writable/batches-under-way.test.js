'use strict';

// Batches that a sink has: how many, in which order they are told, and whose their memory is.

const assert = require('node:assert');
const { once } = require('node:events');
const { finished } = require('node:stream/promises');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const { Manual } = require('../harness/manual-sink');
const { isSelfTest, subject } = require('../harness/subject');

const skip = isSelfTest ? 'Node has no batches' : false;

test('no more batches are under way than may be, and one is filled meanwhile', {
  skip,
}, async () => {
  for (const concurrency of [1, 2, 5]) {
    const sink = new Manual({ batchSize: 4, concurrency, highWaterMark: 10 });
    let writes = 0;
    while (sink.write('abcd')) writes += 1;
    assert.strictEqual(sink.batches.length, concurrency);
    // The answer is `false` for the write that finds all memory in use; Writable has it.
    assert.strictEqual(writes, concurrency + 1);
    assert.strictEqual(sink.writableLength, 4);
    const drained = once(sink, 'drain');
    sink.batches[0].done();
    await drained;
    assert.strictEqual(sink.batches.length, concurrency + 1);
    sink.destroy();
  }
});

test('callbacks keep their order when batches overtake each other', { skip }, async () => {
  const sink = new Manual({ batchSize: 2, concurrency: 3 });
  const told = [];
  for (const text of ['ab', 'cd', 'ef']) sink.write(text, () => told.push(text));
  sink.batches[2].done();
  sink.batches[1].done();
  await nextTurn();
  assert.deepStrictEqual(told, []);
  sink.batches[0].done();
  assert.deepStrictEqual(told, ['ab', 'cd', 'ef']);
  sink.destroy();
});

test('a failure waits for the batches before it, and cancels those behind it', {
  skip,
}, async () => {
  const sink = new Manual({ batchSize: 2, concurrency: 3, batchDelay: Infinity });
  const told = [];
  const tell = (label) => (error) => told.push([label, error?.message]);
  for (const text of ['ab', 'cd', 'ef', 'gh', 'i']) sink.write(text, tell(text));
  sink.on('error', (error) => told.push(['error', error.message]));
  sink.batches[1].done(new Error('no'));
  sink.batches[2].done();
  await nextTurn();
  assert.deepStrictEqual(told, []);
  assert.strictEqual(sink.errored, null);
  sink.batches[0].done();
  await new Promise((resolve) => sink.once('close', resolve));
  assert.deepStrictEqual(told, [
    ['ab', undefined],
    ['cd', 'no'],
    ['ef', 'no'],
    ['gh', 'no'],
    ['i', 'no'],
    ['error', 'no'],
  ]);
});

test('a batch is not touched before its callback, and its Buffer is empty after it', {
  skip,
}, async () => {
  const sink = new Manual({ batchSize: 4, concurrency: 2, highWaterMark: 1 << 20 });
  for (let i = 0; i < 12; i++) sink.write(`${i % 10}`);
  await nextTurn();
  const [first, second] = sink.batches;
  assert.deepStrictEqual(sink.texts, ['0123', '4567']);
  first.done();
  // The third batch is under way, perhaps in the memory of the first.
  assert.strictEqual(sink.batches.length, 3);
  assert.strictEqual(sink.batches[2].text, '8901');
  assert.strictEqual(first.chunk.length, 0);
  assert.strictEqual(second.chunk.toString(), '4567');
  second.done();
  sink.batches[2].done();
  sink.end();
  await finished(sink);
});

test('memory is used again, and a subclass may give it away', { skip }, async () => {
  const allocations = [];
  const { allocUnsafeSlow } = Buffer;
  Buffer.allocUnsafeSlow = (size) => {
    allocations.push(size);
    return allocUnsafeSlow(size);
  };
  try {
    const sink = new Manual({ batchSize: 1024 });
    for (let i = 0; i < 100; i++) {
      sink.write(Buffer.alloc(1024, i));
      const { chunk, done } = sink.batches.at(-1);
      assert.ok(chunk.every((byte) => byte === i));
      if (i >= 98) structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
      done();
    }
    assert.strictEqual(sink.batches.length, 100);
    // One is enough for who waits for each; that of the last but one was given away.
    assert.deepStrictEqual(allocations, [1024, 1024]);
    sink.destroy();
  } finally {
    Buffer.allocUnsafeSlow = allocUnsafeSlow;
  }
});

test('a sink that calls back at once may get any number of batches', { skip }, async () => {
  let bytes = 0;
  const sink = new subject.Writable({
    batchSize: 10,
    write(chunk, _encoding, callback) {
      bytes += chunk.length;
      callback();
    },
  });
  sink.write(Buffer.alloc(2_000_003));
  sink.cork();
  for (let i = 0; i < 50_000; i++) sink.write('line\n');
  sink.uncork();
  sink.end();
  await finished(sink);
  assert.strictEqual(bytes, 2_250_003);
});

test('a sink may write to itself, and destroy itself, in the middle of a batch', {
  skip,
}, async () => {
  const got = [];
  const sink = new subject.Writable({
    batchSize: 2,
    write(chunk, _encoding, callback) {
      got.push(chunk.toString());
      if (got.length === 1) sink.write('xyz');
      if (got.length === 5) sink.destroy();
      setImmediate(callback);
    },
  });
  const told = [];
  sink.write('abcdef', (error) => told.push(error));
  sink.write('g', (error) => told.push(error?.code));
  await once(sink, 'close');
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.deepStrictEqual(got, ['ab', 'cd', 'ef', 'xy', 'zg']);
  assert.deepStrictEqual(told, [null, undefined]);
});

test('halves of a surrogate pair in two writes stay two characters', { skip }, async () => {
  const [high, low] = ['\ud83d', '\ude00'];
  const chunks = ['a', high, low, '😀', 'b', high, '', low, `${high}${low}`, low, high];
  for (const batchSize of [1, 5, 20, 1000]) {
    const parts = [];
    const sink = new subject.Writable({
      batchSize,
      write(chunk, _encoding, callback) {
        parts.push(Buffer.from(chunk));
        callback();
      },
    });
    for (let round = 0; round < 3; round++) for (const chunk of chunks) sink.write(chunk);
    sink.end();
    await finished(sink);
    const expected = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
    assert.ok(Buffer.concat(parts).equals(Buffer.concat([expected, expected, expected])));
  }
});

test('views that lie about their length, or have lost their memory', { skip }, async () => {
  class Liar extends Uint8Array {
    get length() {
      return 1000;
    }
  }
  const sink = new Manual({ batchSize: 100, batchDelay: Infinity });
  sink.write('first ');
  sink.write(new Liar(Buffer.from('liar ')));
  const evasive = Buffer.alloc(100, 'evasive ');
  evasive.subarray = () => new Uint8Array(0);
  const gone = Buffer.allocUnsafeSlow(8);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  sink.write(gone);
  sink.write('last');
  sink.write(evasive);
  sink.end();
  const text = `first liar last${'evasive '.repeat(13)}`.slice(0, 115);
  assert.deepStrictEqual(sink.texts, [text.slice(0, 100)]);
  sink.batches[0].done();
  assert.strictEqual(sink.texts[1], text.slice(100));
  sink.batches[1].done();
  await finished(sink);
});
