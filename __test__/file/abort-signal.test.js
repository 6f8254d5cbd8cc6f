'use strict';

const { parity } = require('../harness');

// Node may open the file after 'close' and leak the descriptor. A path that cannot be opened keeps
// that race out of the comparison.
parity('signal aborted before the constructor', async (world) => {
  const stream = world.create(world.file('no/folder'), { signal: AbortSignal.abort() });
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity(
  'signal aborted before open',
  async (world) => {
    const controller = new AbortController();
    const stream = world.create(world.file(), { signal: controller.signal });
    stream.write('x', world.callback('write cb'));
    controller.abort();
    await world.closed(stream);
    world.note(stream.errored, stream.destroyed);
  },
  { beginningOf: { out: 'x' } },
);

parity('signal aborted with a reason', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file(), { signal: controller.signal });
  controller.abort(new RangeError('my reason'));
  await world.closed(stream);
});

parity('signal aborted while idle', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file(), { signal: controller.signal });
  await new Promise((resolve) => stream.write('kept', resolve));
  controller.abort();
  world.note('write', stream.write('x', world.callback('write cb')));
  await world.closed(stream);
});

parity('signal aborted with corked writes', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file(), { signal: controller.signal });
  await world.event(stream, 'ready');
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.write('b', world.callback('cb b'));
  controller.abort();
  await world.closed(stream);
});

parity('signal aborted after finish', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file(), { signal: controller.signal });
  stream.on('finish', () => controller.abort());
  stream.end('x');
  await world.closed(stream);
});

parity('signal aborted after close does nothing', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file(), { signal: controller.signal });
  stream.end('x');
  await world.closed(stream);
  controller.abort();
  await new Promise(setImmediate);
});

parity('signal aborted, and open fails', async (world) => {
  const controller = new AbortController();
  const stream = world.create(world.file('no/folder'), { signal: controller.signal });
  controller.abort();
  await world.closed(stream);
});
