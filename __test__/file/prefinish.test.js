'use strict';

// What a listener of 'prefinish' does decides whether 'finish' follows, whether or not bytes were pending at
// the end.

const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness');

const LISTENERS = {
  'writes too late': (stream, world) => {
    world.note('write', stream.write('late', world.callback('late cb')));
  },
  'destroys the stream': (stream) => stream.destroy(),
  'destroys the stream with an error': (stream) => stream.destroy(new Error('mine')),
  'ends the stream again': (stream, world) => stream.end(world.callback('second end')),
  'does nothing': () => {},
};

const WRITES = {
  'nothing is pending': async (stream, world) => {
    await new Promise((resolve) => stream.write('a', resolve));
    stream.end(world.callback('end'));
  },
  'bytes are pending': async (stream, world) => {
    stream.write('a', world.callback('cb'));
    stream.end('b', world.callback('end'));
  },
};

for (const [listener, act] of Object.entries(LISTENERS)) {
  for (const [standing, write] of Object.entries(WRITES)) {
    parity(`a listener of prefinish ${listener} while ${standing}`, async (world) => {
      const stream = world.create(world.file());
      await world.event(stream, 'ready');
      stream.on('prefinish', () => act(stream, world));
      await write(stream, world);
      await world.closed(stream);
    });
  }
}

parity('a late write in prefinish of a stream that is not closed', async (world) => {
  const stream = world.create(world.file(), { autoClose: false });
  stream.on('prefinish', () => stream.write('late', world.callback('late cb')));
  stream.write('a');
  stream.end('b', world.callback('end'));
  await new Promise((resolve) => stream.on('error', resolve));
  await nextTurn();
  world.note('finished', stream.writableFinished);
  stream.destroy();
  await world.closed(stream);
});

parity('an emit of the stream’s own stays in its place', async (world) => {
  const stream = world.create(world.file());
  const { emit } = stream;
  stream.emit = (event, ...args) => {
    world.note('emits', event);
    return emit.call(stream, event, ...args);
  };
  const own = stream.emit;
  stream.on('prefinish', () => world.note('own', stream.emit === own));
  stream.write('a');
  stream.end('b');
  await world.closed(stream);
  world.note('own', stream.emit === own);
});
