'use strict';

// A plain write that fills one batch and begins the next one.

const assert = require('node:assert');
const { finished } = require('node:stream/promises');
const { test } = require('node:test');
const { isSelfTest, subject } = require('../harness/subject');

const skip = isSelfTest ? 'Node has no batches' : false;

/** A sink of batches of four bytes, which `write(text, callback)` gets. */
function sinkOf(write, options) {
  return new subject.Writable({
    batchSize: 4,
    batchDelay: Infinity,
    ...options,
    write: (batch, _encoding, callback) => write(batch.toString(), callback),
  });
}

test('its callback waits for the batch with its last byte', { skip }, async () => {
  const done = [];
  const told = [];
  const sink = sinkOf((text, callback) => done.push([text, callback]), { concurrency: 2 });
  sink.write('abc', () => told.push('abc'));
  assert.strictEqual(
    sink.write('def', () => told.push('def')),
    true,
  );
  sink.end();
  assert.deepStrictEqual(
    done.map(([text]) => text),
    ['abcd', 'ef'],
  );
  done[0][1]();
  assert.deepStrictEqual(told, ['abc']);
  done[1][1]();
  assert.deepStrictEqual(told, ['abc', 'def']);
  await finished(sink);
});

test('one that ends where the batch does is of that batch', { skip }, async () => {
  const told = [];
  const sink = sinkOf((text, callback) => {
    told.push(text);
    callback();
  });
  sink.write('ab');
  await new Promise((resolve) => sink.write('cd', resolve));
  sink.write(Buffer.from('efg'));
  await new Promise((resolve) => sink.write(Buffer.from('h'), resolve));
  assert.deepStrictEqual(told, ['abcd', 'efgh']);
  sink.destroy();
});

test('what the sink writes while it gets a batch comes behind the chunk', { skip }, async () => {
  const got = [];
  const sink = sinkOf((text, callback) => {
    got.push(text);
    if (got.length === 1) sink.write('>>');
    callback();
  });
  sink.write('ab');
  sink.write('cdef');
  sink.end('.');
  await finished(sink);
  assert.deepStrictEqual(got, ['abcd', 'ef>>', '.']);
});

test('one for which there is no memory answers false, and waits', { skip }, async () => {
  const done = [];
  const sink = sinkOf((text, callback) => done.push([text, callback]));
  assert.strictEqual(sink.write('abc'), true);
  assert.strictEqual(sink.write('defg'), true);
  assert.strictEqual(sink.write('hi'), false);
  assert.deepStrictEqual(
    done.map(([text]) => text),
    ['abcd'],
  );
  sink.end();
  while (done.length > 0) done.shift()[1]();
  await finished(sink);
});

test('one that does not begin a plain write: encodings, empty ones', { skip }, async () => {
  const got = [];
  const sink = sinkOf((text, callback) => {
    got.push(text);
    callback();
  });
  sink.write('abc');
  sink.write('');
  sink.write('6465', 'hex');
  sink.setDefaultEncoding('hex');
  sink.write('666768');
  sink.write(Buffer.alloc(0));
  sink.end();
  await finished(sink);
  assert.deepStrictEqual(got, ['abcd', 'efgh']);
});

test('steps are read from options of any kind', { skip }, async () => {
  const calls = [];
  const write = (batch, _encoding, callback) => {
    calls.push(batch.toString());
    callback();
  };
  const final = (callback) => {
    calls.push('final');
    callback();
  };
  class Options {
    #size = 4;
    write = write;
    final = final;
    get batchSize() {
      return this.#size;
    }
  }
  const plain = { batchSize: 4, write, final };
  for (const options of [plain, new Options(), Object.assign(Object.create(null), plain)]) {
    calls.length = 0;
    const sink = new subject.Writable(options);
    sink.end('abcdef');
    await finished(sink);
    assert.deepStrictEqual(calls, ['abcd', 'ef', 'final']);
  }
});
