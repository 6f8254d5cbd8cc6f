'use strict';

// Which writes go past `Writable`: the plain ones, while it has nothing to say about them.

const assert = require('node:assert');
const path = require('node:path');
const { once } = require('node:events');
const { test } = require('node:test');
const { createWriteStream } = require('../../index.js');
const { makeFolder } = require('../harness/folder');

const noop = () => {};

for (const [name, prepare, isPlain] of [
  ['a string', (stream) => stream.write('a', noop), true],
  ['a Buffer', (stream) => stream.write(Buffer.from('a'), noop), true],
  ['a string as long as the mark', (stream) => stream.write('a'.repeat(20), noop), false],
  ['another encoding', (stream) => stream.write('aa', 'hex', noop), false],
  [
    'a corked string',
    (stream) => {
      stream.cork();
      stream.write('a', noop);
    },
    false,
  ],
]) {
  test(`${name} ${isPlain ? 'goes past' : 'goes through'} Writable`, async (t) => {
    const stream = createWriteStream(path.join(makeFolder(t), 'file'), { highWaterMark: 16 });
    await once(stream, 'open');
    prepare(stream);
    // `Writable` counts the callbacks of what it was given.
    assert.strictEqual(stream._writableState.pendingcb === 0, isPlain);
    stream.end();
    await once(stream, 'close');
  });
}
