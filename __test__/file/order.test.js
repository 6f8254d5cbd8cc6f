'use strict';

const fs = require('node:fs');
const { parity } = require('../harness');

parity('normal: open, ready, write cb, prefinish, end cb, finish, close', async (world) => {
  const stream = world.create(world.file());
  world.note('write', stream.write('one', world.callback('write cb')));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('the same after open', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  world.note('write', stream.write('one', world.callback('write cb')));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('nothing is emitted in the turn of the calls', async (world) => {
  const stream = world.create(world.file());
  stream.write('one', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  world.note('still in the same turn');
  await world.closed(stream);
});

parity('end without a write', async (world) => {
  const stream = world.create(world.file());
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('end without a write after open', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('end with the last chunk', async (world) => {
  const stream = world.create(world.file());
  stream.write('first ', world.callback('write cb'));
  stream.end('last', world.callback('end cb'));
  await world.closed(stream);
});

parity('many callbacks before open come in order', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 20; i++) stream.write(`${i},`, world.callback(`cb ${i}`));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('writes with and without callbacks mix', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 20; i++) {
    stream.write(`${i},`, i % 3 === 0 ? world.callback(`cb ${i}`) : undefined);
  }
  stream.end();
  await world.closed(stream);
});

parity('one callback function for all writes is called for each', async (world) => {
  const stream = world.create(world.file());
  const callback = world.callback('cb');
  for (let i = 0; i < 20; i++) stream.write(`${i},`, callback);
  stream.end(callback);
  await world.closed(stream);
});

parity('each write waits for the callback of the last', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => stream.write(`${i},`, resolve));
    world.note('written', i, world.read().toString());
  }
  stream.end();
  await world.closed(stream);
});

parity('a write from within a write callback', async (world) => {
  const stream = world.create(world.file());
  stream.write('a', () => {
    world.note('cb a');
    stream.write('b', () => {
      world.note('cb b');
      stream.end('c', world.callback('end cb'));
    });
  });
  await world.closed(stream);
});

parity('end from within a write callback', async (world) => {
  const stream = world.create(world.file());
  stream.write('a', () => stream.end(world.callback('end cb')));
  await world.closed(stream);
});

parity('write from within open', async (world) => {
  const stream = world.create(world.file());
  stream.on('open', () => stream.write('opened ', world.callback('write cb')));
  stream.on('ready', () => stream.end('ready', world.callback('end cb')));
  await world.closed(stream);
});

parity('writes before, in and after open keep their order', async (world) => {
  const stream = world.create(world.file());
  stream.write('before,');
  stream.on('open', () => stream.write('open,'));
  stream.on('ready', () => stream.write('ready,'));
  await world.event(stream, 'ready');
  stream.end('after', world.callback('end cb'));
  await world.closed(stream);
});

parity('ticks and promise jobs run between finish and close', async (world) => {
  const stream = world.create(world.file());
  stream.write('a');
  stream.on('finish', () => {
    process.nextTick(() => world.note('tick after finish'));
    Promise.resolve().then(() => world.note('microtask after finish'));
  });
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('an empty chunk: true, and its callback runs', async (world) => {
  for (const chunk of ['', Buffer.alloc(0), new Uint8Array(0), new DataView(new ArrayBuffer(0))]) {
    const stream = world.create(world.file());
    world.note('write', stream.write(chunk, world.callback('write cb')));
    stream.end(world.callback('end cb'));
    await world.closed(stream);
  }
});

parity('an empty chunk after open', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  world.note('write', stream.write('', world.callback('cb 1')));
  world.note('write', stream.write(Buffer.alloc(0), world.callback('cb 2')));
  world.note('write', stream.write('x', world.callback('cb 3')));
  world.note('write', stream.write('', world.callback('cb 4')));
  stream.end('', world.callback('end cb'));
  await world.closed(stream);
});

parity('large chunks with callbacks', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 8; i++) {
    stream.write(Buffer.alloc(700_000, `${i}`), world.callback(`cb ${i}`));
  }
  stream.end('x'.repeat(3_000_000), world.callback('end cb'));
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('listeners get the stream as this, callbacks get undefined', async (world) => {
  const stream = world.create(world.file());
  for (const event of ['open', 'ready', 'finish', 'close']) {
    stream.on(event, function () {
      world.note(event, 'this is the stream', this === stream);
    });
  }
  stream.write('x', function () {
    world.note('write cb', 'this', this === undefined);
  });
  stream.end();
  await world.closed(stream);
});

// Ours syncs before 'finish', Node after it. Everything else is the same.
parity('flush true: all events, each once', async (world) => {
  const stream = world.create(world.file(), { flush: true });
  world.note('flush', stream.flush);
  stream.write('one', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

for (const flush of [undefined, null, false]) {
  parity(`flush ${flush} means false`, async (world) => {
    const stream = world.create(world.file(), { flush });
    world.note('flush', stream.flush);
    stream.end('x');
    await world.closed(stream);
  });
}

parity(
  'flush true where fsync fails: an error and no finish',
  async (world) => {
    // /dev/null takes the bytes but cannot be synced; /dev/full would already fail in write.
    const stream = world.create('/dev/null', { flush: true });
    stream.end('x', world.callback('end cb'));
    await world.closed(stream);
  },
  {
    skip: fs.existsSync('/dev/null') ? false : 'this system has no /dev/null',
    // Node: prefinish, end cb and finish first, then the error. Ours: the error alone.
    differs: ({ log, files }) => {
      const [, failure] = log.find(([event]) => event === 'error');
      const kept = log.filter(([event]) => !event.endsWith('finish'));
      return {
        log: kept.map((line) => (line[0] === 'end cb' ? ['end cb', failure] : line)),
        files,
      };
    },
  },
);
