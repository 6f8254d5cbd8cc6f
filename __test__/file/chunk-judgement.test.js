'use strict';

// What is a chunk: views are judged by their internal slots, and what only looks like one is refused.

const assert = require('node:assert');
const { describe, test } = require('node:test');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');
const { oursAlone, parity } = require('../harness');
const sockets = require('../harness/sockets');

function detached(make) {
  const buffer = new ArrayBuffer(10);
  const view = make(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

class Renamed extends Uint8Array {}

/** Views whose own word about themselves is false. */
const LIARS = {
  'a subclass whose length says more': () => {
    class Liar extends Uint8Array {
      get length() {
        return 600;
      }
    }
    return Liar.of(65, 66);
  },
  'a Buffer with a length of its own': () =>
    Object.defineProperty(Buffer.from('AB'), 'length', { value: 600 }),
  'a subclass whose length says less': () => {
    class Liar extends Uint8Array {
      get length() {
        return 1;
      }
    }
    return Liar.of(65, 66);
  },
  'a Uint8Array whose class says otherwise': () =>
    Object.defineProperty(Uint8Array.of(65, 66), 'constructor', { value: Array }),
  'a Uint8Array with another prototype': () => Object.setPrototypeOf(Uint8Array.of(65, 66), null),
  'a Uint8Array of another realm': () => vm.runInNewContext('Uint8Array.of(65, 66)'),
  'a Uint16Array of another realm': () => vm.runInNewContext('Uint16Array.of(16705)'),
  'a DataView of another realm': () =>
    vm.runInNewContext('new DataView(Uint8Array.of(65, 66).buffer)'),
  'a subclass': () => Renamed.of(65, 66),
};

/** Views at which Node stumbles, or of which it tries to write more than there is. */
const NODES_STUMBLES = ['a Buffer with a length of its own', 'a Uint8Array with another prototype'];

/** What is no view at all, and views without memory. */
const FORGERIES = {
  'a Proxy of a Buffer': () => new Proxy(Buffer.from('AB'), {}),
  'a Proxy that passes everything on': () => {
    const target = Buffer.from('AB');
    return new Proxy(target, { get: (_proxy, key) => Reflect.get(target, key) });
  },
  'an object with the prototype of Uint8Array': () => Object.create(Uint8Array.prototype),
  'an object with the prototype of Buffer': () => Object.create(Buffer.prototype),
  'an object with the prototype of Buffer and a length': () =>
    Object.create(Buffer.prototype, { length: { value: 2 }, byteLength: { value: 2 } }),
  'a detached Uint8Array': () => detached((buffer) => new Uint8Array(buffer)),
  'a detached subclass': () => detached((buffer) => new Renamed(buffer)),
};

/** Logs only that a TypeError was thrown: which one depends on where Node stumbled. */
function attempt(world, label, action) {
  try {
    world.note(label, action());
  } catch (error) {
    world.note(label, error instanceof TypeError ? 'TypeError' : error);
  }
}

const NO_OTHER_VIEWS = /^v20\.0\./.test(process.version) && 'Node takes no such view yet';

for (const [name, make] of Object.entries(LIARS)) {
  const skip = /Uint16|DataView/.test(name) && NO_OTHER_VIEWS;
  if (NODES_STUMBLES.includes(name)) continue;
  parity(
    `${name}: its bytes are written, and no others`,
    async (world) => {
      const stream = world.create(world.file());
      await world.event(stream, 'ready');
      for (const secret of ['secret', Buffer.alloc(900, 'secret')]) {
        stream.write(secret);
        attempt(world, 'gathered', () => stream.write(make()));
      }
      stream.write(make(), 'utf8');
      stream.cork();
      stream.write(make(), world.callback('cb'));
      stream.uncork();
      await new Promise((resolve) => stream.write('', resolve));
      stream.end(make());
      await world.closed(stream);
    },
    { skip },
  );
  sockets.parity(
    `to a socket, ${name}`,
    async (world) => {
      const { socket } = await world.pair();
      socket.write('secret');
      socket.write(make());
      socket.write(Buffer.alloc(900, 'secret'));
      socket.write(make());
      socket.cork();
      socket.write(make(), world.callback('cb'));
      socket.uncork();
      socket.end(make());
      await world.closed(socket);
    },
    { skip },
  );
}

for (const name of NODES_STUMBLES) {
  oursAlone(`${name}: its bytes are written, and no others`, async (world) => {
    const stream = world.create(world.file());
    stream.write(Buffer.alloc(900, '.'));
    stream.write(LIARS[name]());
    stream.end();
    await world.closed(stream);
    assert.strictEqual(world.read().toString(), `${'.'.repeat(900)}AB`);
  });
}

/** Where Node's `Writable` is deceived, and `fs` throws in a tick of its own. */
const NODES_DECEIVERS = /passes everything on|and a length/;

for (const [name, make] of Object.entries(FORGERIES)) {
  if (!NODES_DECEIVERS.test(name))
    parity(`${name} is refused`, async (world) => {
      const stream = world.create(world.file());
      await world.event(stream, 'ready');
      attempt(world, 'alone', () => stream.write(make()));
      // What Node's Writable keeps of it differs: this stream is not used again.
      stream.destroy();
      await world.closed(stream);
    });
  // Node's throws when it gets to it, which nobody can catch.
  oursAlone(
    `${name} is refused at once, before the open and behind other writes`,
    async (world) => {
      const stream = world.create(world.file());
      assert.throws(() => stream.write(make()), TypeError);
      stream.write('one ');
      assert.throws(() => stream.write(make()), TypeError);
      await world.event(stream, 'ready');
      stream.cork();
      stream.write('two ');
      assert.throws(() => stream.write(make()), TypeError);
      stream.uncork();
      stream.write(Buffer.from('three '));
      assert.throws(() => stream.write(make(), () => {}), TypeError);
      stream.end('four');
      await world.closed(stream);
      assert.strictEqual(world.read().toString(), 'one two three four');
    },
  );
}

sockets.oursAlone('forgeries are refused by a socket', async (world) => {
  const { socket, peer } = await world.pair();
  for (const make of Object.values(FORGERIES)) {
    socket.write('x');
    assert.throws(() => socket.write(make()), TypeError);
  }
  await peer.received(Object.keys(FORGERIES).length);
  assert.throws(() => socket.end(Object.create(Buffer.prototype)), TypeError);
  socket.end();
  await world.closed(socket);
});

describe('the addon', () => {
  const native = require('../../lib/native.js');

  test('refuses what is no Uint8Array', () => {
    const queue = native.attach(() => {}, { exitTimeoutMs: 0 });
    const id = native.openDescriptor(queue, 2, -1, false);
    const others = [undefined, null, 1, 'text', [], {}, new Uint16Array(2), new ArrayBuffer(2)];
    const forgeries = Object.values(FORGERIES).slice(0, 5);
    for (const value of [...others, ...forgeries.map((make) => make())]) {
      assert.throws(() => native.appendBytes(id, value), { message: 'a Uint8Array is needed' });
      assert.throws(() => native.sendBytes(id, value), { message: 'a Uint8Array is needed' });
    }
    native.release(id);
  });
});

oursAlone('a view on shared memory that another thread writes to', async (world) => {
  const SIZE = 100_000;
  const shared = new SharedArrayBuffer(SIZE);
  const worker = new Worker(
    `const bytes = new Uint8Array(require('node:worker_threads').workerData);
     for (let value = 0; ; value ^= 255) bytes.fill(value);`,
    { eval: true, workerData: shared },
  );
  const stream = world.create(world.file());
  for (let round = 0; round < 20; round++) {
    await new Promise((resolve) => stream.write(new Uint8Array(shared), resolve));
    stream.write(new Uint8Array(shared, 0, 100));
  }
  stream.end();
  await world.closed(stream);
  await worker.terminate();
  const bytes = world.read();
  assert.strictEqual(bytes.length, 20 * (SIZE + 100));
  assert.ok(bytes.every((byte) => byte === 0 || byte === 255));
});
