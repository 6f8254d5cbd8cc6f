'use strict';

// What a callback, a listener or `finished()` sees of a stream that fails or is destroyed, and what is
// told to the writes around it.

const fs = require('node:fs');
const { finished } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness');

const skip = process.platform !== 'linux' && '/dev/full is Linux’s';

const looks = (stream) => [
  `errored ${stream.errored?.code}`,
  `writable ${stream.writable}`,
  `destroyed ${stream.destroyed}`,
];

/** A stream on a full disk whose file is open. */
async function full(world, options) {
  const stream = world.create('/dev/full', options);
  await world.event(stream, 'ready');
  return stream;
}

parity(
  'a callback that is told of a failure finds the stream failed',
  async (world) => {
    const stream = await full(world);
    stream.write('a', (error) => world.note('cb', error, ...looks(stream)));
    await world.closed(stream);
  },
  { skip },
);

parity(
  'destroy() in such a callback keeps the error for finished()',
  async (world) => {
    const stream = await full(world);
    finished(stream, (error) => world.note('finished', error));
    stream.write('a', () => stream.destroy());
    await world.closed(stream);
  },
  { skip },
);

parity(
  'a write in such a callback is refused with the error of a destroyed stream',
  async (world) => {
    const stream = await full(world);
    stream.write('a', () => {
      world.note('write', stream.write('b', world.callback('late cb')));
    });
    await world.closed(stream);
  },
  { skip },
);

parity(
  "destroy() in an 'open' listener on a full disk emits no error",
  async (world) => {
    const stream = world.create('/dev/full');
    stream.write('a', world.callback('cb'));
    stream.on('open', () => stream.destroy());
    await world.closed(stream);
  },
  { skip },
);

parity(
  'destroy() behind a write to a full disk tells its error',
  async (world) => {
    const stream = await full(world);
    await nextTurn();
    stream.write('a');
    stream.destroy();
    await world.closed(stream);
  },
  { skip },
);

parity(
  'callbacks of writes that are done see success although one before destroyed the stream',
  async (world) => {
    const stream = world.create(world.file());
    await world.event(stream, 'ready');
    stream.cork();
    stream.write('a', (error) => {
      world.note('first', error);
      stream.destroy();
    });
    stream.write('b', world.callback('second'));
    stream.write('c', world.callback('third'));
    stream.uncork();
    await world.closed(stream);
  },
);

parity('a write under way when the stream is destroyed is finished', async (world) => {
  const bytes = Buffer.alloc(3_000_000, 'x');
  for (let round = 0; round < 5; round++) {
    const name = `out ${round}`;
    const stream = world.api.createWriteStream(world.file(name));
    // Node's is told that its write was destroyed, although it was not.
    stream.on('error', () => {});
    await world.event(stream, 'ready');
    stream.write(bytes);
    await nextTurn();
    stream.destroy();
    await world.closed(stream);
    world.note('size', fs.statSync(world.file(name)).size);
  }
});
