'use strict';

// What batches are: their sizes, and when they come.

const assert = require('node:assert');
const { finished } = require('node:stream/promises');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const { Manual } = require('../harness/manual-sink');
const { isSelfTest } = require('../harness/subject');

const skip = isSelfTest ? 'Node has no batches' : false;

test('batches have the size that was asked for, but for the last', { skip }, async () => {
  const sink = new Manual({ batchSize: 4, batchDelay: Infinity, concurrency: 10 });
  for (const text of ['a', 'bc', 'defgh', 'ijklmnopqr']) sink.write(text);
  sink.end('s');
  assert.deepStrictEqual(sink.texts, ['abcd', 'efgh', 'ijkl', 'mnop', 'qrs']);
  for (const { done } of sink.batches) done();
  await finished(sink);
});

test('characters of several bytes are cut where the size says', { skip }, async () => {
  const sink = new Manual({ batchSize: 3, concurrency: 10 });
  sink.end('żółw');
  await nextTurn();
  const lengths = sink.batches.map(({ chunk }) => chunk.length);
  assert.deepStrictEqual(lengths, [3, 3, 1]);
  const bytes = Buffer.concat(sink.batches.map(({ chunk }) => chunk));
  assert.strictEqual(bytes.toString(), 'żółw');
  for (const { done } of sink.batches) done();
  await finished(sink);
});

test('what one turn wrote is handed over at its end', { skip }, async () => {
  const sink = new Manual({ batchSize: 1000 });
  sink.write('a');
  sink.write('b');
  assert.deepStrictEqual(sink.texts, []);
  await nextTurn();
  await nextTurn();
  assert.deepStrictEqual(sink.texts, ['ab']);
  sink.destroy();
});

/** Longer than two turns take on a machine that is busy. */
const DELAY_MS = 1000;

test('a delay waits for more, and counts from the first byte of a batch', { skip }, async (t) => {
  const sink = new Manual({ batchSize: 10, batchDelay: DELAY_MS, concurrency: 3 });
  const beganMs = performance.now();
  sink.write('0123456');
  await nextTurn();
  sink.write('789');
  assert.deepStrictEqual(sink.texts, ['0123456789'], 'a full batch does not wait');
  sink.write('rest');
  while (sink.batches.length < 2) await nextTurn();
  const waitedMs = performance.now() - beganMs;
  assert.ok(waitedMs >= DELAY_MS - 1, `${waitedMs} ms`);
  t.diagnostic(`${waitedMs} ms`);
  assert.deepStrictEqual(sink.texts, ['0123456789', 'rest']);
  sink.destroy();
});

test('an endless delay waits for a full batch or the end', { skip }, async () => {
  const sink = new Manual({ batchSize: 10, batchDelay: Infinity });
  sink.write('abc');
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.deepStrictEqual(sink.texts, []);
  sink.end();
  assert.deepStrictEqual(sink.texts, ['abc']);
  sink.batches[0].done();
  await finished(sink);
});

test('flush() hands over, and resolves when all before it is done', { skip }, async () => {
  const sink = new Manual({ batchSize: 10, batchDelay: Infinity });
  await sink.flush();
  sink.write('abc');
  let isFlushed = false;
  const flushed = sink.flush().then(() => {
    isFlushed = true;
  });
  sink.write('def');
  assert.deepStrictEqual(sink.texts, ['abc']);
  await nextTurn();
  assert.ok(!isFlushed);
  sink.batches[0].done();
  await flushed;
  await nextTurn();
  assert.deepStrictEqual(sink.texts, ['abc'], 'what came after it still waits');
  sink.destroy();
});

test('flush() covers what Writable still has, and what is corked once it is not', {
  skip,
}, async () => {
  const sink = new Manual({ batchSize: 2, batchDelay: Infinity });
  sink.write('abcdefg');
  const flushed = sink.flush();
  for (let at = 0; at < 4; at++) {
    assert.strictEqual(sink.batches.length, at + 1);
    sink.batches[at].done();
  }
  await flushed;
  assert.deepStrictEqual(sink.texts, ['ab', 'cd', 'ef', 'g']);
  sink.cork();
  sink.write('x');
  const corked = sink.flush();
  sink.uncork();
  sink.batches[4].done();
  await corked;
  sink.destroy();
});

test('flush() rejects with the error of the stream', { skip }, async () => {
  const failing = new Manual({ batchSize: 10 });
  failing.on('error', () => {});
  failing.write('abc');
  const flushed = failing.flush();
  failing.batches[0].done(new RangeError('no'));
  await assert.rejects(flushed, { name: 'RangeError', message: 'no' });
  await assert.rejects(failing.flush(), { name: 'RangeError' });
  const destroyed = new Manual({ batchSize: 10 });
  destroyed.cork();
  destroyed.write('abc');
  const corked = destroyed.flush();
  destroyed.destroy();
  await assert.rejects(corked, { code: 'ERR_STREAM_DESTROYED' });
  await assert.rejects(destroyed.flush(), { code: 'ERR_STREAM_DESTROYED' });
});

test('flush() after end(), and without batches', { skip }, async () => {
  const ended = new Manual({ batchSize: 10 });
  ended.end('abc');
  const flushed = ended.flush();
  ended.batches[0].done();
  await flushed;
  const plain = new Manual();
  await plain.flush();
  plain.write('a');
  plain.write('b');
  const written = plain.flush();
  plain.batches[0].done();
  plain.batches[1].done();
  await written;
  plain.write('c');
  const failed = plain.flush();
  plain.on('error', () => {});
  plain.batches[2].done(new RangeError('no'));
  await assert.rejects(failed, { name: 'RangeError' });
});
