'use strict';

// A writer that ignores `false` loses nothing, and needs no chunk objects for what Rust can hold.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { oursAlone } = require('../harness');
const { makeFolder } = require('../harness/folder');
const { createWriteStream } = require('../..');

const LINES = 200_000;

for (const [when, waitsForOpen] of [
  ['before the open', false],
  ['after the open', true],
]) {
  test(`lines written in one turn after false, ${when}, all arrive in order`, async (t) => {
    const folder = makeFolder(t);
    const file = path.join(folder, 'out');
    const stream = createWriteStream(file);
    if (waitsForOpen) await new Promise((resolve) => stream.once('ready', resolve));
    const lines = Array.from({ length: LINES }, (_, i) => `${i} ${'x'.repeat(i % 50)}\n`);
    const answers = new Set(lines.map((line) => stream.write(line)));
    assert.ok(answers.has(false), 'a turn is bounded');
    if (!waitsForOpen) assert.strictEqual(stream.writableBuffer.length, 0, 'Rust has it all');
    let drains = 0;
    stream.on('drain', () => drains++);
    await new Promise((resolve) => setImmediate(resolve));
    stream.end();
    await new Promise((resolve) => stream.once('close', resolve));
    assert.ok(fs.readFileSync(file, 'latin1') === lines.join(''), 'the files differ');
    assert.ok(drains <= 1, `${drains} drains for one refusal`);
  });
}

oursAlone('write() returns false until drain, even when Rust has room again', async (world) => {
  const stream = world.create(world.file(), { bufferSize: 64 * 1024 });
  await once(stream, 'ready');
  while (stream.write(Buffer.alloc(3000)));
  await new Promise(process.nextTick);
  // Rust writes meanwhile, on another thread.
  const endMs = performance.now() + 30;
  while (performance.now() < endMs);
  assert.strictEqual(stream.write('y'), false);
  await once(stream, 'drain');
  assert.strictEqual(stream.write('z'), true);
  stream.end();
  await once(stream, 'close');
  assert.strictEqual(world.read().toString().slice(-2), 'yz');
});
