'use strict';

const { Writable } = require('node:stream');
const { inspect } = require('node:util');
const { parity } = require('../harness');

const NAMES = [
  'path',
  'flags',
  'mode',
  'flush',
  'start',
  'pos',
  'bytesWritten',
  'autoClose',
  'pending',
  'writable',
  'destroyed',
  'closed',
  'errored',
  'writableAborted',
  'writableEnded',
  'writableFinished',
  'writableLength',
  'writableHighWaterMark',
  'writableNeedDrain',
  'writableCorked',
  'writableObjectMode',
];

function noteAll(world, label, stream) {
  const values = Object.fromEntries(NAMES.map((name) => [name, stream[name]]));
  world.note(label, { ...values, fd: typeof stream.fd });
}

parity('properties through the life of a stream', async (world) => {
  const stream = world.create(world.file());
  noteAll(world, 'new', stream);
  for (const event of ['open', 'ready', 'prefinish', 'finish', 'close']) {
    stream.on(event, () => noteAll(world, event, stream));
  }
  await world.event(stream, 'ready');
  await new Promise((resolve) => stream.write('some text', resolve));
  noteAll(world, 'written', stream);
  stream.end(() => noteAll(world, 'end cb', stream));
  await world.closed(stream);
});

parity('properties with options', async (world) => {
  const stream = world.create(world.file(), {
    flags: 'a',
    mode: 0o600,
    highWaterMark: 99,
    autoClose: false,
    flush: true,
    start: 3,
  });
  noteAll(world, 'new', stream);
  stream.destroy();
  await world.closed(stream);
  noteAll(world, 'closed', stream);
});

parity('properties after a failed open', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.on('error', () => noteAll(world, 'error', stream));
  await world.closed(stream);
  noteAll(world, 'closed', stream);
});

parity('properties after destroy', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.destroy();
  noteAll(world, 'destroyed', stream);
  await world.closed(stream);
  noteAll(world, 'closed', stream);
});

parity('pending: true before open and after close', async (world) => {
  const stream = world.create(world.file());
  world.note('new', stream.pending);
  stream.on('open', () => world.note('open', stream.pending));
  stream.on('finish', () => world.note('finish', stream.pending));
  stream.end();
  await world.closed(stream);
  world.note('closed', stream.pending);
});

parity('bytesWritten: exact in each callback when writes follow each other', async (world) => {
  const stream = world.create(world.file());
  world.note(stream.bytesWritten);
  for (const chunk of ['a', 'żż', Buffer.alloc(1000), '', 'x'.repeat(100_000)]) {
    await new Promise((resolve) => stream.write(chunk, resolve));
    world.note(stream.bytesWritten);
  }
  stream.end('last');
  await world.closed(stream);
  world.note(stream.bytesWritten);
});

parity('bytesWritten is zero before open', async (world) => {
  const stream = world.create(world.file());
  stream.write('x');
  world.note(stream.bytesWritten);
  stream.end();
  await world.closed(stream);
  world.note(stream.bytesWritten);
});

parity('instance of Writable and of its class', async (world) => {
  const stream = world.create(world.file());
  world.note(stream instanceof Writable, stream instanceof world.api.WriteStream);
  world.note(stream.constructor === world.api.WriteStream, stream.constructor.name);
  stream.end();
  await world.closed(stream);
});

parity('WriteStream with and without new', async (world) => {
  const { WriteStream } = world.api;
  // One after the other: two opens at once finish in any order.
  const ways = [
    () => new WriteStream(world.file('a')),
    () => WriteStream(world.file('b'), { flags: 'a' }),
  ];
  for (const make of ways) {
    const stream = world.watch(make());
    world.note(stream instanceof WriteStream);
    stream.end('x');
    await world.closed(stream);
  }
});

parity('names and lengths of the functions', async (world) => {
  const { WriteStream, createWriteStream } = world.api;
  world.note(
    WriteStream.name,
    WriteStream.length,
    createWriteStream.name,
    createWriteStream.length,
  );
});

parity('a class and a function that extend WriteStream', async (world) => {
  class Counting extends world.api.WriteStream {
    lines = 0;
    write(...args) {
      this.lines += 1;
      return super.write(...args);
    }
  }
  const stream = world.watch(new Counting(world.file('class')));
  stream.write('a', world.callback('cb'));
  stream.end('b');
  await world.closed(stream);
  world.note(stream.lines, stream instanceof world.api.WriteStream);

  function Old(path) {
    world.api.WriteStream.call(this, path);
  }
  Object.setPrototypeOf(Old.prototype, world.api.WriteStream.prototype);
  const old = world.watch(new Old(world.file('function')));
  old.end('c');
  await world.closed(old);
});

parity('pending and bytesWritten look like plain properties', async (world) => {
  const stream = world.create(world.file());
  world.note('bytesWritten' in stream, 'pending' in stream, Object.keys(stream).includes('path'));
  world.attempt('set pending', () => {
    stream.pending = 1;
  });
  stream.end();
  await world.closed(stream);
});

parity('inspect shows a WriteStream', async (world) => {
  const stream = world.create(world.file());
  world.note(inspect(stream, { depth: 0 }).startsWith('WriteStream {'));
  stream.end();
  await world.closed(stream);
});

parity('cannot be piped from', async (world) => {
  const stream = world.create(world.file());
  world.attempt('pipe', () => stream.pipe(stream));
  await world.closed(stream);
});
