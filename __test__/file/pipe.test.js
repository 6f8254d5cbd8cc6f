'use strict';

const { pipeline, Readable, Transform, finished } = require('node:stream');
const promises = require('node:stream/promises');
const fs = require('node:fs');
const { parity } = require('../harness');

const NO_DEV_FULL = fs.existsSync('/dev/full') ? false : 'this system has no /dev/full';

function* chunks(count) {
  for (let i = 0; i < count; i++) yield Buffer.from(`chunk ${i} ${'x'.repeat(i % 50)}\n`);
}

class Failing extends Readable {
  _read() {
    this.push('some data');
    this.destroy(new RangeError('source failed'));
  }
}

parity('pipe writes all and ends', async (world) => {
  const stream = world.create(world.file());
  Readable.from(chunks(2000)).pipe(stream);
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('pipe of a large file', async (world) => {
  fs.writeFileSync(world.file('source'), Buffer.alloc(3_000_001, 'abcdefg'));
  const stream = world.create(world.file());
  fs.createReadStream(world.file('source')).pipe(stream);
  await world.closed(stream);
});

parity('pipe with end false leaves it open', async (world) => {
  const stream = world.create(world.file());
  const source = Readable.from(chunks(3));
  source.pipe(stream, { end: false });
  await new Promise((resolve) => source.on('end', resolve));
  stream.end('the end', world.callback('end cb'));
  await world.closed(stream);
});

parity('pipe and unpipe', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  const source = new Readable({ read() {} });
  for (const event of ['pipe', 'unpipe']) {
    stream.on(event, (from) => world.note(event, from === source));
  }
  source.pipe(stream);
  source.push('one');
  await new Promise(setImmediate);
  source.unpipe(stream);
  stream.end();
  await world.closed(stream);
});

parity('pipe to a path that cannot be opened', async (world) => {
  const stream = world.create(world.file('no/folder'));
  const source = Readable.from(chunks(3));
  source.pipe(stream);
  await world.closed(stream);
  world.note('source destroyed', source.destroyed);
});

parity('pipe of strings with an encoding', async (world) => {
  const stream = world.create(world.file(), { encoding: 'latin1' });
  const source = new Readable({ read() {}, encoding: 'utf8' });
  source.pipe(stream);
  source.push('zażółć ÿ');
  source.push(null);
  await world.closed(stream);
});

parity('pipeline: ok', async (world) => {
  const stream = world.create(world.file());
  await new Promise((resolve) => {
    pipeline(Readable.from(chunks(500)), stream, (...args) => {
      world.note('pipeline', ...args);
      resolve();
    });
  });
  await world.closed(stream);
});

parity(
  'pipeline: the source fails',
  async (world) => {
    const stream = world.create(world.file());
    await promises.pipeline(new Failing(), stream).catch((error) => world.note('rejected', error));
    await world.closed(stream);
    world.note('destroyed', stream.destroyed);
  },
  { beginningOf: { out: 'some data' } },
);

parity('pipeline: open fails', async (world) => {
  const stream = world.create(world.file('no/folder'));
  const source = Readable.from(chunks(3));
  await promises.pipeline(source, stream).catch((error) => world.note('rejected', error));
  await world.closed(stream);
  world.note('source destroyed', source.destroyed);
});

parity(
  'pipeline: the write fails',
  async (world) => {
    const stream = world.create('/dev/full');
    const source = Readable.from(chunks(3));
    await promises.pipeline(source, stream).catch((error) => world.note('rejected', error));
    await world.closed(stream);
    world.note('source destroyed', source.destroyed);
  },
  { skip: NO_DEV_FULL },
);

parity('pipeline: through a transform, with a generator and a signal', async (world) => {
  const stream = world.create(world.file());
  const upper = new Transform({
    transform(chunk, _encoding, callback) {
      callback(null, chunk.toString().toUpperCase());
    },
  });
  await promises.pipeline(
    chunks(800),
    upper,
    async function* twice(source) {
      for await (const chunk of source) {
        yield chunk;
        yield chunk;
      }
    },
    stream,
    { signal: new AbortController().signal },
  );
  await world.closed(stream);
});

parity('pipeline: aborted', async (world) => {
  const stream = world.create(world.file());
  const controller = new AbortController();
  const source = new Readable({ read() {} });
  const done = promises.pipeline(source, stream, { signal: controller.signal });
  await world.event(stream, 'ready');
  controller.abort();
  await done.catch((error) => world.note('rejected', error));
  await world.closed(stream);
});

parity('pipeline with end false', async (world) => {
  const stream = world.create(world.file());
  await promises.pipeline(chunks(3), stream, { end: false });
  await promises.pipeline(chunks(2), stream);
  await world.closed(stream);
});

parity('finished: after finish and close', async (world) => {
  const stream = world.create(world.file());
  finished(stream, world.callback('finished'));
  stream.end('x');
  await world.closed(stream);
});

parity('finished: open fails', async (world) => {
  const stream = world.create(world.file('no/folder'));
  finished(stream, world.callback('finished'));
  await world.closed(stream);
});

parity('finished: destroyed too early', async (world) => {
  const stream = world.create(world.file());
  finished(stream, world.callback('finished'));
  stream.destroy();
  await world.closed(stream);
});

parity('finished as a promise, and on a stream that is over', async (world) => {
  const stream = world.create(world.file());
  stream.end('x');
  await promises.finished(stream);
  world.note('finished');
  await world.closed(stream);
  await promises.finished(stream);
  world.note('finished again');
});

parity('for await … write, waiting for drain', async (world) => {
  const stream = world.create(world.file(), { highWaterMark: 64 });
  for await (const chunk of Readable.from(chunks(500))) {
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await world.closed(stream);
});

parity('http-like sources: objects of many sizes by pipeline', async (world) => {
  const sizes = [0, 1, 15, 16_383, 16_384, 16_385, 65_536, 65_537, 1_048_576, 1_048_577];
  const stream = world.create(world.file());
  await promises.pipeline(
    Readable.from(sizes.map((size, index) => Buffer.alloc(size, 65 + index))),
    stream,
  );
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});
