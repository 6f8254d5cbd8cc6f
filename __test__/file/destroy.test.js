'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { oursAlone, parity } = require('../harness');

const BOOM = () => Object.assign(new RangeError('boom'), { code: 'E_BOOM' });

parity('destroy before open: open and ready still come, then close', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  world.note('destroyed', stream.destroyed, 'fd', stream.fd);
  await world.closed(stream);
  world.note('fd', stream.fd, 'pending', stream.pending);
});

parity('destroy(err) before open: open, ready, error, close', async (world) => {
  const stream = world.create(world.file());
  stream.destroy(BOOM());
  await world.closed(stream);
  world.note(stream.errored, stream.writableAborted);
});

parity(
  'destroy before open with writes pending',
  async (world) => {
    const stream = world.create(world.file());
    stream.write('a', world.callback('cb a'));
    stream.write(Buffer.from('b'), world.callback('cb b'));
    stream.destroy();
    await world.closed(stream);
    world.note('counted', stream.bytesWritten === world.read().length);
  },
  { beginningOf: { out: 'ab' } },
);

parity(
  'destroy(err) before open with writes pending',
  async (world) => {
    const stream = world.create(world.file());
    stream.write('a', world.callback('cb a'));
    stream.write('b', world.callback('cb b'));
    stream.destroy(BOOM());
    await world.closed(stream);
  },
  { beginningOf: { out: 'ab' } },
);

for (const reason of [undefined, BOOM()]) {
  parity(
    `destroy(${reason ?? ''}) before open, behind an empty write of another encoding`,
    async (world) => {
      const stream = world.create(world.file());
      stream.write('', 'latin1', world.callback('cb empty'));
      stream.write('a');
      stream.write('b', world.callback('cb b'));
      stream.destroy(reason);
      await world.closed(stream);
    },
    { beginningOf: { out: 'ab' } },
  );
}

parity(
  'destroy before open after end',
  async (world) => {
    const stream = world.create(world.file());
    stream.end('a', world.callback('end cb'));
    stream.destroy();
    await world.closed(stream);
  },
  { beginningOf: { out: 'a' } },
);

parity('destroy where open fails: the open error', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.write('a', world.callback('cb'));
  stream.destroy();
  await world.closed(stream);
});

parity('destroy(err) where open fails', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.destroy(BOOM());
  await world.closed(stream);
});

parity('destroy after open, idle', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.destroy();
  await world.closed(stream);
  world.note('fd', stream.fd, 'pending', stream.pending);
});

parity(
  'destroy in the open handler',
  async (world) => {
    const stream = world.create(world.file());
    stream.write('a', world.callback('cb'));
    stream.on('open', () => stream.destroy());
    await world.closed(stream);
  },
  { beginningOf: { out: 'a' } },
);

parity('destroy in a write callback: what was written stays', async (world) => {
  const stream = world.create(world.file());
  stream.write('kept', () => stream.destroy());
  await world.closed(stream);
});

parity('destroy(err) in a write callback', async (world) => {
  const stream = world.create(world.file());
  stream.write('kept', () => stream.destroy(BOOM()));
  await world.closed(stream);
});

parity('destroy twice: one close, the first error', async (world) => {
  const stream = world.create(world.file());
  stream.destroy(BOOM());
  stream.destroy(new Error('second'));
  await world.closed(stream);
  stream.destroy(new Error('third'));
  await new Promise(setImmediate);
});

parity('destroy after end', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.end(world.callback('end cb'));
  stream.destroy();
  await world.closed(stream);
});

parity('destroy after finish', async (world) => {
  const stream = world.create(world.file());
  stream.on('finish', () => stream.destroy(BOOM()));
  stream.end('x');
  await world.closed(stream);
});

parity('destroy after close does nothing', async (world) => {
  const stream = world.create(world.file());
  stream.end('x');
  await world.closed(stream);
  stream.destroy(BOOM());
  await new Promise(setImmediate);
});

parity('destroy() returns the stream', async (world) => {
  const stream = world.create(world.file());
  world.note('same', stream.destroy() === stream);
  await world.closed(stream);
});

parity('destroy while corked: pending callbacks get ERR_STREAM_DESTROYED', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.write('b', world.callback('cb b'));
  stream.destroy();
  await world.closed(stream);
});

parity('write after destroy: false, cb ERR_STREAM_DESTROYED, no error event', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  world.note('write', stream.write('x', world.callback('write cb')));
  await world.closed(stream);
  world.note('write', stream.write('x', world.callback('late cb')));
  world.note('write', stream.write('x'));
  await new Promise(setImmediate);
});

parity('end after destroy with a write pending: cb ERR_STREAM_DESTROYED', async (world) => {
  const stream = world.create(world.file());
  stream.write('x', world.callback('write cb'));
  stream.destroy();
  stream.end(world.callback('end cb'));
  await world.closed(stream);
  stream.end('x', world.callback('late end cb'));
  await new Promise(setImmediate);
});

// After destroy Node never calls the callback of end() when its queue is empty.
oursAlone('end after destroy: cb ERR_STREAM_DESTROYED', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  await new Promise((resolve) => stream.end(resolve)).then(assertDestroyed);
  stream.end('x', world.callback('late end cb'));
  await world.closed(stream);
});

oursAlone('end after close: cb ERR_STREAM_DESTROYED', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  await world.closed(stream);
  await new Promise((resolve) => stream.end(resolve)).then(assertDestroyed);
});

function assertDestroyed(error) {
  assert.equal(error.code, 'ERR_STREAM_DESTROYED');
  assert.equal(error.message, 'Cannot call end after a stream was destroyed');
}

parity('cork and uncork after destroy', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  stream.cork();
  stream.write('x', world.callback('cb'));
  stream.uncork();
  await world.closed(stream);
});

// How many bytes of a write in flight reach the file is a race, in Node and here. Only events and
// callbacks are compared, and that the file is a prefix of what was written.
parity(
  'destroy while writing: pending callbacks fail in order, then close',
  async (world) => {
    const { stream, isPrefix } = await startWriting(world);
    stream.destroy();
    await world.closed(stream);
    world.note('file is a beginning', isPrefix());
  },
  {
    // Node emits the error of the write in flight, although destroy() got none.
    differs: ({ log, files }) => ({ log: log.filter(([event]) => event !== 'error'), files }),
  },
);

parity(
  'destroy(err) while writing',
  async (world) => {
    const { stream, isPrefix } = await startWriting(world);
    stream.destroy(BOOM());
    await world.closed(stream);
    world.note('file is a beginning', isPrefix());
  },
  {
    // Node has one write in flight, and its callback gets an error of its own. In ours all writes
    // are in one batch, and all get the given error.
    differs: ({ log, files }) => {
      const [, boom] = log.find(([event]) => event === 'error');
      return { log: log.map((line) => (line[0] === 'cb 0' ? ['cb 0', boom] : line)), files };
    },
  },
);

async function startWriting(world) {
  const stream = world.create(world.file(), { highWaterMark: 1 });
  await world.event(stream, 'ready');
  const written = [];
  for (let i = 0; i < 4; i++) {
    const chunk = Buffer.alloc(1 << 20, `${i}`);
    written.push(chunk);
    stream.write(chunk, world.callback(`cb ${i}`));
  }
  return { stream, isPrefix: () => endWithPrefix(world, Buffer.concat(written)) };
}

function endWithPrefix(world, model) {
  const bytes = world.read();
  fs.rmSync(world.file());
  return bytes.equals(model.subarray(0, bytes.length));
}
