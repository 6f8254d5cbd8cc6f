'use strict';

const { Writable } = require('node:stream');
const { parity } = require('../harness');

parity('Writable.toWeb: write and close', async (world) => {
  const stream = world.create(world.file());
  const writer = Writable.toWeb(stream).getWriter();
  await writer.write('text ');
  await writer.write(Buffer.from('bytes '));
  await writer.write(new Uint8Array([65, 66]));
  await writer.close();
  world.note('closed');
  await world.closed(stream);
});

parity(
  'Writable.toWeb: abort',
  async (world) => {
    const stream = world.create(world.file());
    const writer = Writable.toWeb(stream).getWriter();
    await writer.write('text');
    await writer.abort(new RangeError('given up'));
    await writer.closed.catch((error) => world.note('closed rejected', error));
    await world.closed(stream);
  },
  { beginningOf: { out: 'text' } },
);

parity('Writable.toWeb: open fails', async (world) => {
  const stream = world.create(world.file('no/folder'));
  const writer = Writable.toWeb(stream).getWriter();
  await writer.closed.catch((error) => world.note('closed rejected', error));
  await writer.write('x').catch((error) => world.note('write rejected', error));
  await world.closed(stream);
});

parity('a web stream piped to it', async (world) => {
  const stream = world.create(world.file());
  const source = new Blob(['one ', 'two ', 'x'.repeat(300_000)]).stream();
  await source.pipeTo(Writable.toWeb(stream));
  await world.closed(stream);
});

parity('a web stream piped through many small chunks', async (world) => {
  const stream = world.create(world.file());
  let count = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (count === 2000) controller.close();
      else controller.enqueue(`line ${count++}\n`);
    },
  });
  await source.pipeTo(Writable.toWeb(stream));
  await world.closed(stream);
});

const NO_DISPOSE =
  typeof Symbol.asyncDispose === 'symbol' && Writable.prototype[Symbol.asyncDispose]
    ? false
    : 'this Node has no Symbol.asyncDispose on streams';

parity(
  'Symbol.asyncDispose destroys, and resolves',
  async (world) => {
    const stream = world.create(world.file());
    await world.event(stream, 'ready');
    const result = stream[Symbol.asyncDispose]();
    world.note('a promise', result instanceof Promise, 'destroyed', stream.destroyed);
    world.note('resolved with', await result);
    await world.closed(stream);
  },
  { skip: NO_DISPOSE },
);

parity(
  'Symbol.asyncDispose after the end resolves without an error',
  async (world) => {
    const stream = world.create(world.file());
    stream.end('kept');
    await world.event(stream, 'finish');
    await stream[Symbol.asyncDispose]();
    await world.closed(stream);
  },
  { skip: NO_DISPOSE },
);

parity(
  'Symbol.asyncDispose after a failed open rejects',
  async (world) => {
    const stream = world.create(world.file('no/folder'));
    await world.closed(stream);
    await stream[Symbol.asyncDispose]().catch((error) => world.note('rejected', error));
  },
  { skip: NO_DISPOSE },
);
