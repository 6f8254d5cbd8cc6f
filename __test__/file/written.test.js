'use strict';

// A write callback means that the system has the bytes: each callback reads the file.

const assert = require('node:assert');
const fs = require('node:fs');
const { ours, oursAlone, parity } = require('../harness');

ours('each callback of a burst finds its own bytes in the file', async (world) => {
  const stream = world.create(world.file());
  let expectedBytes = 0;
  let callbacks = 0;
  for (let i = 0; i < 300; i++) {
    const chunk = `line ${i} ${'x'.repeat(i)}\n`;
    expectedBytes += chunk.length;
    const endsAt = expectedBytes;
    stream.write(chunk, (error) => {
      assert.ifError(error);
      assert.ok(fs.statSync(world.file()).size >= endsAt, `callback ${i} came too early`);
      assert.ok(stream.bytesWritten >= endsAt, `bytesWritten is behind callback ${i}`);
      assert.ok(stream.bytesWritten <= fs.statSync(world.file()).size);
      callbacks += 1;
    });
  }
  stream.end();
  await world.closed(stream);
  assert.strictEqual(callbacks, 300);
  assert.strictEqual(stream.bytesWritten, expectedBytes);
});

ours('each callback of large Buffers finds its bytes in the file', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 12; i++) {
    stream.write(Buffer.alloc(1 << 20, 97 + i), () => {
      const bytes = world.read();
      assert.ok(bytes.length >= (i + 1) << 20);
      assert.strictEqual(bytes[((i + 1) << 20) - 1], 97 + i);
    });
  }
  stream.end();
  await world.closed(stream);
});

parity('in the end callback and in finish the file has all bytes', async (world) => {
  const stream = world.create(world.file());
  stream.write('x'.repeat(200_000));
  stream.on('finish', () => world.note('in finish', world.read().length, stream.bytesWritten));
  stream.end('y', () => world.note('in end cb', world.read().length, stream.bytesWritten));
  await world.closed(stream);
});

ours('bytesWritten never counts what is queued', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  for (let i = 0; i < 20_000; i++) {
    if (!stream.write(`line ${i} of a text that is not long\n`)) {
      await world.event(stream, 'drain');
    }
    if (i % 500 === 0) {
      // Read the count first: the file may grow in between, but never shrinks.
      const counted = stream.bytesWritten;
      assert.ok(counted <= fs.statSync(world.file()).size);
    }
  }
  stream.end();
  await world.closed(stream);
  assert.strictEqual(stream.bytesWritten, fs.statSync(world.file()).size);
});

ours('bufferSize 0: drain and callbacks only after the system call', async (world) => {
  const stream = world.create(world.file(), { bufferSize: 0, highWaterMark: 1 });
  let expectedBytes = 0;
  for (let i = 0; i < 50; i++) {
    expectedBytes += 10;
    if (!stream.write('0123456789')) await world.event(stream, 'drain');
    assert.strictEqual(fs.statSync(world.file()).size, expectedBytes);
  }
  stream.end();
  await world.closed(stream);
});

for (const bufferSize of [0, 1, 100, 65_536, 16 * 1024 * 1024]) {
  ours(`bufferSize ${bufferSize}: strings, Buffers and all callbacks in order`, async (world) => {
    const stream = world.create(world.file(), { bufferSize });
    const model = [];
    const order = [];
    for (let i = 0; i < 100; i++) {
      const chunk = i % 2 ? `text ${i} ż\n` : Buffer.alloc(i * 97, 65 + (i % 26));
      model.push(Buffer.from(chunk));
      stream.write(chunk, () => order.push(i));
    }
    stream.end();
    await world.closed(stream);
    assert.ok(world.read().equals(Buffer.concat(model)));
    assert.deepStrictEqual(
      order,
      model.map((_unused, index) => index),
    );
  });
}

const BAD_BUFFER_SIZES = {
  ERR_INVALID_ARG_TYPE: ['1024', {}, true, 10n],
  ERR_OUT_OF_RANGE: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53],
};

for (const [code, values] of Object.entries(BAD_BUFFER_SIZES)) {
  for (const bufferSize of values) {
    const name = `bufferSize ${String(bufferSize)} (${typeof bufferSize}): ${code}`;
    oursAlone(name, async ({ api, dir }) => {
      const path = `${dir}/never-opened`;
      assert.throws(() => api.createWriteStream(path, { bufferSize }), { code });
      assert.strictEqual(fs.existsSync(path), false);
    });
  }
}
