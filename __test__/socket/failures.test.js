'use strict';

// The connection breaks while writes are pending: every callback gets the error once, and nothing
// crashes, leaks or hangs.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { runInChild } = require('../harness/child');
const { ours, oursAlone } = require('../harness/sockets');
const { subject } = require('../harness/subject');

/** Write callbacks that record their calls and errors. */
class Callbacks {
  told = [];

  next() {
    const index = this.told.length;
    this.told.push([]);
    return (error) => this.told[index].push(error?.code ?? error?.message ?? 'written');
  }

  /** Each was called once; after the first failure all failed. */
  assertOnceEach() {
    for (const calls of this.told) assert.strictEqual(calls.length, 1);
    const outcomes = this.told.flat();
    const failedAt = outcomes.findIndex((outcome) => outcome !== 'written');
    assert.notStrictEqual(failedAt, -1, 'none failed');
    assert.ok(!outcomes.slice(failedAt).includes('written'), 'written after a failure');
    return outcomes.slice(failedAt);
  }
}

/** Fills a connection whose peer does not read, with small and large chunks. */
async function fill(socket, callbacks) {
  for (let i = 0; i < 200; i++) {
    socket.write(`line ${i}\n`, callbacks.next());
    if (i % 20 === 0) socket.write(Buffer.alloc(2_000_000, i), callbacks.next());
    if (i % 50 === 0) await nextTurn();
  }
}

const BREAKS = {
  'the peer resets': [(_socket, other) => other.resetAndDestroy(), ['ECONNRESET', 'EPIPE']],
  'destroy()': [(socket) => socket.destroy(), ['ERR_STREAM_DESTROYED']],
  'destroy(error)': [(socket) => socket.destroy(new Error('boom')), ['boom']],
  'resetAndDestroy()': [(socket) => socket.resetAndDestroy(), ['ERR_STREAM_DESTROYED']],
};

for (const [name, [breakOff, codes]] of Object.entries(BREAKS)) {
  oursAlone(`${name}: every pending callback gets the error, once`, async (world) => {
    const { socket, other } = await world.pair({ reads: false });
    const callbacks = new Callbacks();
    await fill(socket, callbacks);
    socket.on('error', () => {});
    breakOff(socket, other);
    await world.closed(socket);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    for (const code of callbacks.assertOnceEach()) assert.ok(codes.includes(code), code);
  });

  oursAlone(`${name} after end(): the end callback fails, too`, async (world) => {
    const { socket, other } = await world.pair({ reads: false });
    const callbacks = new Callbacks();
    await fill(socket, callbacks);
    socket.on('error', () => {});
    socket.on('finish', () => assert.fail('it finished'));
    const ended = callbacks.next();
    socket.end('the last', ended);
    breakOff(socket, other);
    await world.closed(socket);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    const failures = callbacks.assertOnceEach();
    assert.ok(failures.length > 100, `${failures.length} failed`);
  });
}

ours('a reset is one error event, then close(true)', async (world) => {
  const { socket, other } = await world.pair({ reads: false });
  const events = [];
  socket.on('error', (error) => events.push(['error', error.code, error.errno < 0]));
  socket.on('close', (hadError) => events.push(['close', hadError]));
  socket.write(Buffer.alloc(16 << 20));
  await nextTurn();
  other.resetAndDestroy();
  await world.closed(socket);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.strictEqual(events.length, 2);
  assert.ok(['ECONNRESET', 'EPIPE'].includes(events[0][1]));
  assert.deepStrictEqual(events[1], ['close', true]);
});

ours('destroy in drain', async (world) => {
  for (let round = 0; round < 20; round++) {
    const { socket } = await world.pair();
    socket.once('drain', () => socket.destroy());
    while (socket.write(Buffer.alloc(30_000)));
    await once(socket, 'close');
    assert.strictEqual(socket.write('x'), false);
  }
});

ours('a write and end() within drain', async (world) => {
  const { socket, peer } = await world.pair();
  let drains = 0;
  socket.on('drain', () => {
    drains += 1;
    if (drains === 20) socket.end('.');
    else while (socket.write(Buffer.alloc(30_000)));
  });
  while (socket.write(Buffer.alloc(30_000)));
  await world.closed(socket);
  const written = socket.bytesWritten;
  assert.strictEqual((await peer.received(written)).length, written);
});

/** Runs in a child; prints how many more descriptors are open at the end. */
function connectAndCount({ connect }, dir) {
  const { readdirSync, existsSync } = require('node:fs');
  const net = require('node:net');
  const folder = ['/proc/self/fd', '/dev/fd'].find(existsSync);
  const countOpen = () => (folder ? readdirSync(folder).length : 0);
  const closing = (socket) => new Promise((resolve) => socket.once('close', resolve));

  const ways = [
    (socket) => socket.end('x'),
    (socket) => socket.destroy(),
    (socket) => socket.write('x', () => socket.destroy()),
    (socket) => {
      socket.on('connect', () => {
        socket.write(Buffer.alloc(9 << 20));
        socket.destroy();
      });
    },
    (socket) => {
      socket.on('connect', () => {
        socket.write('x');
        socket.resetAndDestroy();
      });
    },
    (socket) => socket.on('connect', () => socket.destroy(new Error('boom'))),
  ];

  async function round(server, count) {
    const all = [];
    for (let i = 0; i < count; i++) {
      const target = i % 7 === 0 ? `${dir}/nobody` : server.address().port;
      const socket = connect(target);
      socket.on('error', () => {});
      const closed = closing(socket);
      if (i % 7 !== 0) ways[i % ways.length](socket);
      all.push(closed);
      if (i % 20 === 0) await closed;
    }
    await Promise.all(all);
  }

  const others = new Set();
  const server = net.createServer((other) => {
    others.add(other);
    other.on('error', () => {}).on('close', () => others.delete(other));
    other.on('end', () => other.end());
    other.once('data', () => other.resume());
  });
  server.listen(0, async () => {
    await round(server, 20);
    const before = countOpen();
    await round(server, 200);
    // Another thread may close a descriptor, and the peers close later.
    const endMs = performance.now() + 20_000;
    while (performance.now() < endMs) {
      if (others.size === 0 && countOpen() <= before) break;
      await new Promise(setImmediate);
    }
    console.log('more descriptors', Math.max(0, countOpen() - before), 'peers', others.size);
    server.close();
  });
}

test('200 connections, ended, destroyed, reset and refused, leave no descriptor', async () => {
  const { code, stdout, stderr } = await runInChild(subject, connectAndCount, { sockets: true });
  assert.deepStrictEqual(
    { code, stdout },
    { code: 0, stdout: 'more descriptors 0 peers 0\n' },
    stderr,
  );
});

/** A worker that writes more than its peer reads, terminated in the middle of it, 20 times. */
function terminateWorkers() {
  const net = require('node:net');
  const { Worker } = require('node:worker_threads');
  const source = `
    const { connect } = require(process.env.SUBJECT_MODULE);
    const { workerData: port, parentPort } = require('node:worker_threads');
    for (let i = 0; i < 5; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('connect', () => {
        setInterval(() => socket.write(Buffer.alloc(400000)), 1);
        socket.write('x', () => parentPort.postMessage('writing'));
      });
    }
  `;
  let stalls = false;
  const server = net.createServer((other) => {
    other.on('error', () => {});
    if (!stalls) other.resume();
  });
  server.listen(0, '127.0.0.1', async () => {
    for (let round = 0; round < 20; round++) {
      stalls = round % 2 === 0;
      const worker = new Worker(source, { eval: true, workerData: server.address().port });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
    console.log('done');
    process.exit();
  });
}

test('a worker terminated with open sockets and pending data, 20 times', async () => {
  const { code, signal, stdout } = await runInChild(subject, terminateWorkers, { sockets: true });
  assert.deepStrictEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: 'done\n' });
});

/** A peer in another thread: posts its port, and resets its first connection on a message. */
function resettingPeer() {
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => {
    parentPort.once('message', (isReset) => {
      socket.resetAndDestroy();
      server.close();
      Atomics.store(isReset, 0, 1);
      Atomics.notify(isReset, 0);
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
}

/** Connects, and blocks this thread until the system has a reset that the socket has not seen. */
async function connectToReset(world) {
  const peer = new Worker(`(${resettingPeer})()`, { eval: true });
  const [port] = await once(peer, 'message');
  const socket = world.connect({ port, host: '127.0.0.1' });
  await new Promise((resolve) => socket.write('hello', resolve));
  const isReset = new Int32Array(new SharedArrayBuffer(4));
  peer.postMessage(isReset);
  Atomics.wait(isReset, 0, 0, 10_000);
  // The reset has been sent, and over loopback it has arrived.
  return socket;
}

for (const bytes of [100, 40_000, 200_000]) {
  ours(
    `the end of a socket reset before JavaScript saw it, with ${bytes} bytes, is an error`,
    async (world) => {
      const socket = await connectToReset(world);
      const told = [];
      socket.on('finish', () => told.push('finish'));
      socket.on('error', ({ code, syscall }) => told.push(code, syscall));
      socket.end(Buffer.alloc(bytes));
      const hadError = await new Promise((resolve) => socket.on('close', resolve));
      assert.strictEqual(hadError, true);
      assert.match(`${told}`, /^(ECONNRESET|EPIPE),write$/);
    },
  );
}

for (const bytes of [100, 40_000, 200_000]) {
  ours(
    `flushSync of a socket reset before JavaScript saw it, with ${bytes} bytes`,
    async (world) => {
      const socket = await connectToReset(world);
      socket.on('error', () => {});
      socket.write(Buffer.alloc(bytes));
      assert.throws(() => socket.flushSync(), { code: /^(ECONNRESET|EPIPE)$/ });
      await world.closed(socket);
    },
  );
}
