'use strict';

// What a `destroy()` fails: callbacks keep their order on whatever way their writes came, and nothing is written
// behind what was dropped.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { ours } = require('../harness');
const { runInChild } = require('../harness/child');
const { isSelfTest, subject } = require('../harness/subject');

const skip = isSelfTest && 'Node has no flushAllSync()';

/** Ways to be destroyed right behind writes. */
const BREAKS = {
  'destroy()': (stream) => stream.destroy(),
  'end() and destroy()': (stream) => stream.end().destroy(),
  'a write behind the end': (stream) =>
    stream
      .end()
      .on('error', () => {})
      .write('late'),
};

for (const [name, destroy] of Object.entries(BREAKS)) {
  ours(`${name} behind writes that wait on different levels`, async (world) => {
    const stream = world.create(world.file());
    await once(stream, 'open');
    const told = [];
    const note = (label) => () => told.push(label);
    // Past `Writable`; through it; in its queue, because the turn is spent or the stream corked.
    stream.write('plain', note(0));
    stream.write('<0:', 'hex', note(1));
    stream.write(Buffer.alloc(200_000), note(2));
    stream.write('utf16', 'utf16le', note(3));
    stream.cork();
    stream.write(Buffer.alloc(1000), note(4));
    stream.write('corked', note(5));
    destroy(stream);
    await world.closed(stream);
    assert.deepStrictEqual(told, [0, 1, 2, 3, 4, 5]);
  });

  ours(`${name} behind a first write that goes through Writable`, async (world) => {
    const stream = world.create(world.file());
    await once(stream, 'open');
    const told = [];
    const note = (label) => () => told.push(label);
    stream.setDefaultEncoding('base64url');
    stream.write('text', 'utf8', note(0));
    stream.cork();
    stream.write(Buffer.alloc(1000), note(1));
    destroy(stream);
    await world.closed(stream);
    assert.deepStrictEqual(told, [0, 1]);
  });
}

test('a flush of all writes nothing behind what a destroy() before the open has dropped', {
  skip,
}, async () => {
  const body = ({ createWriteStream, flushAllSync }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    stream.write('first ');
    stream.write('61', 'hex');
    stream.destroy();
    flushAllSync();
  };
  const { files } = await runInChild(subject, body);
  assert.strictEqual(files.out.bytes, '');
});

test('nor does the exit', { skip }, async () => {
  const body = ({ createWriteStream }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    stream.write('first ');
    stream.write('61', 'hex');
    stream.destroy();
    process.exit();
  };
  const { files } = await runInChild(subject, body);
  assert.strictEqual(files.out?.bytes ?? '', '');
});

test('nobody waits for what was dropped', { skip }, async () => {
  const body = ({ createWriteStream, flushAllSync }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    // So large that the native half has it at once.
    stream.write(Buffer.alloc(2000));
    stream.destroy();
    console.log(flushAllSync(1000));
    process.exit();
  };
  const { stdout, stderr } = await runInChild(subject, body);
  assert.deepStrictEqual({ stdout, stderr }, { stdout: '0\n', stderr: '' });
});
