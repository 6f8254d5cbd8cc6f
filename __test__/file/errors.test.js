'use strict';

const fs = require('node:fs');
const { parity } = require('../harness');

const NO_DEV_FULL = fs.existsSync('/dev/full') ? false : 'this system has no /dev/full';

parity('open fails: write cb, end cb, error, close, and no finish', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
  world.note(stream.errored, stream.destroyed, stream.closed, stream.fd, stream.bytesWritten);
});

parity('open fails with nothing written', async (world) => {
  const stream = world.create(world.file('no/folder'));
  await world.closed(stream);
});

parity('open fails: every callback gets the error', async (world) => {
  const stream = world.create(world.file('no/folder'));
  for (let i = 0; i < 5; i++) stream.write(`${i}`, world.callback(`cb ${i}`));
  stream.write(Buffer.from('b'), world.callback('cb buffer'));
  stream.end('last', world.callback('end cb'));
  await world.closed(stream);
});

// The queue of `Writable` then counts no bytes, so the next writes bypass it.
parity('open fails behind an empty write of another encoding', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.write('', 'latin1', world.callback('cb empty'));
  stream.write('a', world.callback('cb a'));
  stream.write('b');
  stream.write('', 'latin1', world.callback('cb empty too'));
  stream.write('c', world.callback('cb c'));
  stream.end('d', world.callback('end cb'));
  await world.closed(stream);
});

parity('open fails after a large write', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.write(Buffer.alloc(5_000_000), world.callback('write cb'));
  await world.closed(stream);
});

parity('write after a failed open', async (world) => {
  const stream = world.create(world.file('no/folder'));
  await world.closed(stream);
  world.note('write', stream.write('x', world.callback('write cb')));
  stream.end(world.callback('end cb'));
  await new Promise(setImmediate);
});

parity('write and end from within the error handler', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.on('error', () => {
    world.note('write', stream.write('x', world.callback('write cb')));
    stream.end(world.callback('end cb'));
  });
  await world.closed(stream);
  await new Promise(setImmediate);
});

parity('open fails while corked', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.write('b', world.callback('cb b'));
  await world.closed(stream);
});

parity(
  'write fails: every pending callback and the end callback get ENOSPC',
  async (world) => {
    const stream = world.create('/dev/full');
    for (let i = 0; i < 5; i++) stream.write(`${i}`, world.callback(`cb ${i}`));
    stream.end(world.callback('end cb'));
    await world.closed(stream);
    world.note(stream.errored, stream.bytesWritten, stream.fd, stream.writableFinished);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'one write fails after open',
  async (world) => {
    const stream = world.create('/dev/full');
    await world.event(stream, 'ready');
    stream.write(Buffer.from('x'), world.callback('write cb'));
    await world.closed(stream);
    world.note('write', stream.write('y', world.callback('late cb')));
    await new Promise(setImmediate);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'a large write fails',
  async (world) => {
    const stream = world.create('/dev/full');
    stream.write(Buffer.alloc(3_000_000), world.callback('cb 1'));
    stream.write('x'.repeat(3_000_000), world.callback('cb 2'));
    stream.end(world.callback('end cb'));
    await world.closed(stream);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'write fails without any callback: error and close',
  async (world) => {
    const stream = world.create('/dev/full');
    stream.write('x');
    await world.closed(stream);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'a full disk behind destroy(err): the error that was given',
  async (world) => {
    const stream = world.create('/dev/full');
    await world.event(stream, 'ready');
    // Without a callback: in ours it would get the given error, in Node the disk's.
    stream.write('x');
    stream.destroy(new RangeError('given'));
    await world.closed(stream);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'write fails and flush is on',
  async (world) => {
    const stream = world.create('/dev/full', { flush: true });
    stream.end('x', world.callback('end cb'));
    await world.closed(stream);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'writes made while one fails get the error as well',
  async (world) => {
    const stream = world.create('/dev/full');
    await world.event(stream, 'ready');
    stream.write('a', world.callback('cb a'));
    stream.write('b', world.callback('cb b'));
    stream.write(Buffer.from('c'), world.callback('cb c'));
    await world.closed(stream);
  },
  { skip: NO_DEV_FULL },
);

parity(
  'write after end: false, cb and error',
  async (world) => {
    const stream = world.create(world.file());
    stream.end('x', world.callback('end cb'));
    world.note('write', stream.write('y', world.callback('write cb')));
    await world.closed(stream);
  },
  { beginningOf: { out: 'x' } },
);

parity('write after end without a callback', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.end();
  world.note('write', stream.write('y'));
  await world.closed(stream);
});

parity('write after finish', async (world) => {
  const stream = world.create(world.file());
  stream.on('finish', () => {
    world.note('write', stream.write('y', world.callback('write cb')));
  });
  stream.end('x');
  await world.closed(stream);
});

parity('write after close', async (world) => {
  const stream = world.create(world.file());
  stream.end('x');
  await world.closed(stream);
  world.note('write', stream.write('y', world.callback('write cb')));
  await new Promise(setImmediate);
});

parity('end after end: cb ERR_STREAM_ALREADY_FINISHED only after finish', async (world) => {
  const stream = world.create(world.file());
  stream.end('x', world.callback('first end'));
  stream.end(world.callback('second end'));
  stream.on('finish', () => stream.end(world.callback('end in finish')));
  await world.closed(stream);
  stream.end(world.callback('end after close'));
  await new Promise(setImmediate);
});

parity(
  'end with a chunk after end',
  async (world) => {
    const stream = world.create(world.file());
    stream.end('x', world.callback('first end'));
    stream.end('y', world.callback('second end'));
    await world.closed(stream);
  },
  { beginningOf: { out: 'x' } },
);

parity('the error is one object for callback, event and errored', async (world) => {
  const stream = world.create(world.file('no/folder'));
  const seen = [];
  stream.write('x', (error) => seen.push(error));
  stream.end((error) => seen.push(error));
  stream.on('error', (error) => seen.push(error));
  await world.closed(stream);
  world.note(seen.length, new Set([...seen, stream.errored]).size);
});

parity('fields of a system error', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.on('error', (error) => {
    world.note(Object.keys(error), String(error), error.stack.split('\n')[0]);
    world.note(Object.prototype.toString.call(error), typeof error.errno);
  });
  await world.closed(stream);
});
