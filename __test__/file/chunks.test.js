'use strict';

const { parity } = require('../harness');

const BYTES = Uint8Array.from({ length: 64 }, (_unused, index) => index * 5);

const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

for (const View of VIEWS) {
  parity(`${View.name} is a chunk, its window only`, async (world) => {
    const stream = world.create(world.file());
    stream.write(new View(BYTES.buffer), world.callback('whole'));
    stream.write(new View(BYTES.buffer, 8, View === DataView ? 16 : 2), world.callback('window'));
    stream.end(new View(BYTES.buffer, 16), world.callback('end cb'));
    await world.closed(stream);
    world.note('bytesWritten', stream.bytesWritten);
  });
}

parity('views of a SharedArrayBuffer', async (world) => {
  const shared = new SharedArrayBuffer(32);
  new Uint8Array(shared).set(BYTES.subarray(0, 32));
  const stream = world.create(world.file());
  stream.write(new Uint8Array(shared, 3, 9));
  stream.write(Buffer.from(shared, 4, 8));
  stream.end(new DataView(shared, 8));
  await world.closed(stream);
});

parity('a view of a resizable buffer', async (world) => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
  const view = new Uint8Array(buffer).fill(65);
  const stream = world.create(world.file());
  stream.write(view, world.callback('cb'));
  await new Promise((resolve) => stream.write('|', resolve));
  buffer.resize(16);
  stream.end(view);
  await world.closed(stream);
});

parity('slices of the pool', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 200; i++) stream.write(Buffer.from(`slice ${i},`));
  stream.end();
  await world.closed(stream);
});

parity('a class that extends Uint8Array or Buffer', async (world) => {
  class Mine extends Uint8Array {}
  const stream = world.create(world.file());
  stream.write(new Mine([65, 66]));
  stream.end(Object.setPrototypeOf(new Uint8Array([67]), Buffer.prototype));
  await world.closed(stream);
});

const BAD_CHUNKS = [
  null,
  undefined,
  0,
  42,
  true,
  10n,
  Symbol('chunk'),
  {},
  [],
  ['x'],
  () => {},
  new ArrayBuffer(4),
  new SharedArrayBuffer(4),
  new Date(0),
  Object('text'),
  { length: 1, 0: 65 },
];

for (const chunk of BAD_CHUNKS) {
  const name = typeof chunk === 'object' && chunk ? chunk.constructor.name : String(chunk);
  parity(`write(${name}) throws and the stream stays usable`, async (world) => {
    const stream = world.create(world.file());
    world.attempt('write', () => stream.write(chunk, world.callback('cb')));
    await world.event(stream, 'ready');
    world.attempt('write', () => stream.write(chunk, 'utf8', world.callback('cb')));
    stream.end('usable', world.callback('end cb'));
    await world.closed(stream);
  });

  parity(`end(${name})`, async (world) => {
    const stream = world.create(world.file());
    world.attempt('end', () => stream.end(chunk, world.callback('end cb')) === stream);
    world.note('ended', stream.writableEnded);
    if (!stream.writableEnded) stream.end();
    await world.closed(stream);
  });

  parity(`write(${name}) after end and after destroy`, async (world) => {
    const stream = world.create(world.file());
    stream.end();
    world.attempt('write', () => stream.write(chunk));
    stream.destroy();
    world.attempt('write', () => stream.write(chunk));
    await world.closed(stream);
  });
}

for (const callback of [null, undefined, 'not a function', 42, {}]) {
  parity(`a callback that is ${JSON.stringify(callback)} is ignored`, async (world) => {
    const stream = world.create(world.file());
    world.attempt('write', () => stream.write('x', 'utf8', callback));
    world.attempt('end', () => stream.end('y', 'utf8', callback) === stream);
    await world.closed(stream);
  });
}

// Rust copies the Buffer before write() returns true. Node writes what is in it later, so this test
// runs on ours alone.
const assert = require('node:assert');
const { oursAlone } = require('../harness');

oursAlone('a Buffer reused after write() returned true changes nothing', async (world) => {
  const stream = world.create(world.file());
  const scratch = Buffer.alloc(4096);
  const model = [];
  for (let i = 0; i < 64; i++) {
    scratch.fill(65 + (i % 26));
    model.push(Buffer.from(scratch));
    if (!stream.write(scratch)) await world.event(stream, 'drain');
    scratch.fill(0);
  }
  stream.end();
  await world.closed(stream);
  assert.ok(world.read().equals(Buffer.concat(model)));
});

oursAlone('a Buffer whose memory is transferred after write() is still written', async (world) => {
  const stream = world.create(world.file());
  const bytes = new Uint8Array(1000).fill(65);
  assert.strictEqual(stream.write(bytes), true);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  stream.end();
  await world.closed(stream);
  assert.strictEqual(world.read().toString(), 'A'.repeat(1000));
});

parity('a Buffer reused in its write callback', async (world) => {
  const stream = world.create(world.file());
  const scratch = Buffer.alloc(1000);
  for (let i = 0; i < 20; i++) {
    scratch.fill(65 + i);
    await new Promise((resolve) => stream.write(scratch, resolve));
  }
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity(
  'a Buffer whose memory is transferred while it waits in the queue holds nothing up',
  async (world) => {
    const stream = world.create(world.file());
    for (let i = 0; i < 40; i++) stream.write(Buffer.alloc(100_000, 'x'));
    const bytes = Buffer.from(new Uint8Array(100_000).buffer);
    stream.write(bytes);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    stream.end('last', world.callback('end cb'));
    await world.closed(stream);
  },
);
