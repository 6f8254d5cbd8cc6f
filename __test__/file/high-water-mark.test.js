'use strict';

// A mark that is given is the bound of both levels together.

const assert = require('node:assert');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { ours, parity } = require('../harness');

for (const [highWaterMark, length] of [
  [10, 11],
  [11, 5],
  [100, 30],
  [1, 1],
  [65_536, 1000],
]) {
  parity(
    `mark ${highWaterMark}, chunks of ${length}: the answers and drains are Node's`,
    async (world) => {
      const stream = world.create(world.file(), { highWaterMark });
      await world.event(stream, 'ready');
      const chunk = Buffer.alloc(length, 'x');
      for (let round = 0; round < 3; round++) {
        let answer = true;
        let writes = 0;
        while (answer) {
          answer = stream.write(chunk);
          writes++;
        }
        world.note(
          'false after',
          writes,
          'waiting',
          stream.writableLength,
          stream.writableNeedDrain,
        );
        await new Promise((resolve) => stream.once('drain', resolve));
        world.note('drain', stream.writableLength, world.read().length);
      }
      stream.end();
      await world.closed(stream);
    },
  );
}

parity('a spent turn of the loop changes no answer', async (world) => {
  const stream = world.create(world.file(), { highWaterMark: 1 << 20 });
  await world.event(stream, 'ready');
  const chunk = Buffer.alloc(16 * 1024, 'x');
  const start = performance.now();
  for (let i = 0; i < 8; i++) {
    world.note('answer', stream.write(chunk));
    while (performance.now() - start < i);
  }
  stream.end();
  await world.closed(stream);
});

parity('strings before the open count against the mark', async (world) => {
  const stream = world.create(world.file(), { highWaterMark: 64 });
  for (let i = 0; i < 8; i++) world.note(stream.write('0123456789'), stream.writableLength);
  stream.end();
  await world.closed(stream);
});

ours(
  'no more than the mark waits for a stalled reader, by one chunk at most',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    const fd = fifo.openNonBlockingWriter();
    const stream = world.api.createWriteStream('', { fd, highWaterMark: 16_384 });
    let accepted = 0;
    while (stream.write('x'.repeat(1000))) accepted += 1000;
    assert.ok(accepted >= 15_000 && accepted <= 17_000, `${accepted} bytes were accepted`);
    assert.ok(stream.writableLength >= 16_384);
    stream.destroy();
    await world.closed(stream);
    fifo.close();
  },
  { skip: NO_FIFO },
);

parity('writableLength is 0 only when all is in the file', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  for (let i = 0; i < 100; i++) stream.write('0123456789'.repeat(1000));
  while (stream.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
  world.note('in the file', world.read().length);
  stream.end();
  await world.closed(stream);
});
