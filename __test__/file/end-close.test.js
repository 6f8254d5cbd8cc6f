'use strict';

const { parity } = require('../harness');

const END_ARGUMENTS = {
  'no argument': () => [],
  callback: (callback) => [callback],
  chunk: () => ['chunk'],
  'chunk, callback': (callback) => ['chunk', callback],
  'chunk, encoding': () => ['6162', 'hex'],
  'chunk, encoding, callback': (callback) => ['6162', 'hex', callback],
  'Buffer, callback': (callback) => [Buffer.from('bytes'), callback],
  'null, callback': (callback) => [null, callback],
  'null, null, callback': (callback) => [null, null, callback],
  'undefined, undefined, callback': (callback) => [undefined, undefined, callback],
  'empty string, callback': (callback) => ['', callback],
};

for (const [name, makeArguments] of Object.entries(END_ARGUMENTS)) {
  for (const situation of ['alone', 'after a write', 'after open']) {
    parity(`end(${name}) ${situation}`, async (world) => {
      const stream = world.create(world.file());
      if (situation === 'after open') await world.event(stream, 'ready');
      if (situation === 'after a write') stream.write('written ');
      world.note(
        'returns itself',
        stream.end(...makeArguments(world.callback('end cb'))) === stream,
      );
      world.note(stream.writableEnded, stream.writableFinished, stream.writable);
      await world.closed(stream);
      world.note(stream.writableEnded, stream.writableFinished, stream.writable);
    });
  }
}

parity('close(): ends, writes what is pending, closes', async (world) => {
  const stream = world.create(world.file());
  stream.write('pending', world.callback('write cb'));
  world.note('returns', stream.close());
  await world.closed(stream);
});

parity('close(cb): cb at close, without arguments', async (world) => {
  const stream = world.create(world.file());
  stream.write('pending');
  stream.close(world.callback('close cb'));
  await world.closed(stream);
});

parity('close(cb) twice: both run', async (world) => {
  const stream = world.create(world.file());
  stream.close(world.callback('first'));
  stream.close(world.callback('second'));
  await world.closed(stream);
});

parity('close(cb) after close: on the next tick', async (world) => {
  const stream = world.create(world.file());
  stream.end();
  await world.closed(stream);
  stream.close(world.callback('close cb'));
  world.note('not yet');
  await new Promise(setImmediate);
});

parity('close(cb) after end', async (world) => {
  const stream = world.create(world.file());
  stream.end('x', world.callback('end cb'));
  stream.close(world.callback('close cb'));
  await world.closed(stream);
});

parity('close(cb) where open fails: the callback runs, the error is an event', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.close(world.callback('close cb'));
  await world.closed(stream);
});

parity('close(cb) in open', async (world) => {
  const stream = world.create(world.file());
  stream.write('x');
  stream.on('open', () => stream.close(world.callback('close cb')));
  await world.closed(stream);
});

parity('close() with autoClose false closes at finish', async (world) => {
  const stream = world.create(world.file(), { autoClose: false });
  stream.write('x');
  stream.close(world.callback('close cb'));
  await world.closed(stream);
  world.note('fd', stream.fd);
});

parity('close() after destroy', async (world) => {
  const stream = world.create(world.file());
  stream.destroy();
  stream.close(world.callback('close cb'));
  await world.closed(stream);
});

parity('write after close(): write after end', async (world) => {
  const stream = world.create(world.file());
  stream.close();
  world.note('write', stream.write('x', world.callback('write cb')));
  await world.closed(stream);
});

parity('destroySoon() writes what is pending', async (world) => {
  const stream = world.create(world.file());
  stream.write('pending ', world.callback('write cb'));
  stream.destroySoon();
  await world.closed(stream);
});

parity('destroySoon(chunk, encoding, cb) is end', async (world) => {
  const stream = world.create(world.file());
  world.note('same', stream.destroySoon === stream.end, typeof stream.destroySoon);
  stream.destroySoon('6162', 'hex', world.callback('end cb'));
  await world.closed(stream);
});

parity('a close callback that is no function', async (world) => {
  const stream = world.create(world.file());
  world.attempt('close', () => stream.close('no function'));
  stream.end();
  await world.closed(stream);
});
