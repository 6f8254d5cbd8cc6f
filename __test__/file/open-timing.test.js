'use strict';

// A path is opened after the tick that makes the stream, whatever is written in it.

const fs = require('node:fs');
const { parity } = require('../harness');

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
