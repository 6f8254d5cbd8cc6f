'use strict';

// The options of batches: what they take, and with which codes they refuse the rest.

const assert = require('node:assert');
const stream = require('node:stream');
const { test } = require('node:test');
const { createWriteStream } = require('../..');
const { isSelfTest, subject } = require('../harness/subject');

const skip = isSelfTest ? 'Node has no batches' : false;
const { Writable } = subject;

const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const VALUE = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };

for (const [options, error] of [
  [{ batchSize: '64' }, TYPE],
  [{ batchSize: true }, TYPE],
  [{ batchSize: -1 }, RANGE],
  [{ batchSize: 1.5 }, RANGE],
  [{ batchSize: NaN }, RANGE],
  [{ batchSize: 2 ** 31 }, RANGE],
  [{ batchSize: 1, batchDelay: '1' }, TYPE],
  [{ batchSize: 1, batchDelay: null }, TYPE],
  [{ batchSize: 1, batchDelay: -1 }, RANGE],
  [{ batchSize: 1, batchDelay: NaN }, RANGE],
  [{ batchSize: 1, batchDelay: 2 ** 31 }, RANGE],
  [{ batchSize: 1, concurrency: '2' }, TYPE],
  [{ batchSize: 1, concurrency: 0 }, RANGE],
  [{ batchSize: 1, concurrency: Infinity }, RANGE],
  [{ batchSize: 1, objectMode: true }, VALUE],
]) {
  test(`${JSON.stringify(options)} is refused with ${error.code}`, { skip }, () => {
    assert.throws(() => new Writable(options), error);
  });
}

test('without batchSize the other two mean nothing, as in Node', { skip }, () => {
  for (const options of [{}, { batchSize: 0 }, { batchSize: undefined }, { batchSize: null }]) {
    const sink = new Writable({ ...options, batchDelay: 'x', concurrency: 'y', objectMode: true });
    assert.strictEqual(sink.writableObjectMode, true);
    assert.ok(!Object.hasOwn(sink, '_write'));
  }
});

test('the class is a Writable of Node, and so are its instances', () => {
  const sink = new Writable({ batchSize: 1 });
  assert.ok(sink instanceof stream.Writable);
  assert.ok(sink instanceof Writable);
  assert.ok(new stream.Duplex() instanceof Writable);
  assert.ok(!(new stream.Readable() instanceof Writable));
  class Sub extends Writable {}
  assert.ok(new Sub() instanceof Writable);
  assert.ok(!(sink instanceof Sub));
  assert.strictEqual(typeof Writable.toWeb, 'function');
  assert.strictEqual(
    Object.getPrototypeOf(Writable.prototype),
    isSelfTest ? stream.prototype : stream.Writable.prototype,
  );
});

test('a stream of a file is one, too', { skip }, async (t) => {
  const { makeFolder, removeFolder } = require('../harness/folder');
  const dir = makeFolder();
  t.after(() => removeFolder(dir));
  const file = createWriteStream(`${dir}/out`);
  assert.ok(file instanceof Writable);
  file.destroy();
  await new Promise((resolve) => file.once('close', resolve));
});
