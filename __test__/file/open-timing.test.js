'use strict';

// A path is opened after the tick that makes the stream, whatever is written in it.

const assert = require('node:assert');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { ours, parity } = require('../harness');

const MUCH = 'x'.repeat(300_000);

parity('a folder that is made after much was written is there in time', async (world) => {
  const stream = world.create(world.file('folder/out'));
  for (let i = 0; i < 4; i++) stream.write(MUCH);
  fs.mkdirSync(world.file('folder'));
  stream.end();
  await world.closed(stream);
});

parity("a file that appears after much was written is not overwritten with 'wx'", async (world) => {
  const stream = world.create(world.file(), { flags: 'wx' });
  for (let i = 0; i < 4; i++) stream.write(MUCH, world.callback('cb'));
  fs.writeFileSync(world.file(), 'theirs');
  await world.closed(stream);
});

parity(
  'a stream that is destroyed in the tick leaves nothing of what was written',
  async (world) => {
    const stream = world.create(world.file());
    for (let i = 0; i < 4; i++) stream.write(MUCH, world.callback('cb'));
    world.note('exists', fs.existsSync(world.file()));
    stream.destroy();
    await world.closed(stream);
  },
);

ours('files that were opened meanwhile are all told before the next immediate', async (world) => {
  const told = [];
  await nextTurn();
  const streams = Array.from({ length: 8 }, (_, i) => {
    const stream = world.api.createWriteStream(world.file(`${i}`));
    stream.on('open', () => {
      told.push(`open ${i}`);
      Promise.resolve().then(() => told.push(`job ${i}`));
    });
    stream.write('x');
    return stream;
  });
  for (let i = 0; i < 10; i++) await new Promise((resolve) => process.nextTick(resolve));
  // A byte that is written was written behind an open of which the event is under way.
  while (streams.some((stream) => stream.stats().bytesWritten === 0));
  assert.deepStrictEqual(told, []);
  await nextTurn();
  assert.strictEqual(told.length, 16, `${told}`);
  for (let i = 0; i < told.length; i += 2) {
    assert.strictEqual(told[i + 1], told[i].replace('open', 'job'));
  }
  for (const stream of streams) stream.end();
  await Promise.all(streams.map((stream) => world.closed(stream)));
});
