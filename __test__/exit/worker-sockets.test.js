'use strict';

// A worker that is terminated in the middle of a tick while its streams have bytes to write: gathered in JavaScript,
// refused by the system, or under way. What has arrived is a beginning of what was written, no file of
// another thread gets any of it, and no descriptor stays open.

const assert = require('node:assert');
const fs = require('node:fs');
const { once } = require('node:events');
const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { ours } = require('../harness/sockets');
const { rounds } = require('../harness/scale');

const DESCRIPTORS = '/proc/self/fd';
const ONLY_LINUX = fs.existsSync(DESCRIPTORS) ? false : 'this system does not list descriptors';
/** Less than the harness waits. */
const LIMIT_MS = 50_000;
/** So long a record is whatever is written. */
const RECORD_LENGTH = 100;

const recordOf = (number) => `${`${number}`.padStart(RECORD_LENGTH - 1, '.')}\n`;

/** Runs in the worker: writes, says so, and is in the middle of a tick until it is terminated. */
async function work({ module, netModule, port, file, state, signal }) {
  const { once } = require('node:events');
  const { createWriteStream } = require(module);
  const { connect } = require(netModule);
  const PIECE_RECORDS = 10_000;
  const flag = new Int32Array(signal);
  const recordOf = (number) => `${`${number}`.padStart(99, '.')}\n`;
  const piece = (first, count) => {
    let text = '';
    for (let i = 0; i < count; i++) text += recordOf(first + i);
    return text;
  };
  const socket = connect(port, '127.0.0.1');
  const stream = createWriteStream(file);
  await Promise.all([once(socket, 'connect'), once(stream, 'open')]);
  for (const target of [socket, stream]) {
    target.on('error', () => {});
    let next = 0;
    if (state !== 'gathered') {
      // Its end is as far as the system takes it, or where it is by then.
      for (let i = 0; i < 10; i++, next += PIECE_RECORDS) target.write(piece(next, PIECE_RECORDS));
      await new Promise(setImmediate);
    }
    for (let i = 0; i < 50; i++) target.write(recordOf(next++), () => {});
    target.cork();
    for (let i = 0; i < 50; i++) target.write(Buffer.from(recordOf(next++)));
  }
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
  for (;;);
}

/** Asserts that `bytes` are a beginning of the records. */
function expectRecords(bytes, what) {
  const text = bytes.toString('latin1');
  for (let at = 0; at < text.length; at += RECORD_LENGTH) {
    const part = text.slice(at, at + RECORD_LENGTH);
    assert.ok(
      recordOf(at / RECORD_LENGTH).startsWith(part),
      `${what}: other bytes at ${at}: ${part}`,
    );
  }
}

async function until(condition, what) {
  const endMs = performance.now() + LIMIT_MS;
  while (!condition()) {
    assert.ok(performance.now() < endMs, what());
    await nextTurn();
  }
}

/** Those of connections and of the test's files; what our threads open for themselves stays. */
function descriptors(world) {
  const targets = fs.readdirSync(DESCRIPTORS).map(targetOf);
  return targets.filter(
    (target) => target.startsWith('socket:') || target.startsWith(world.file('')),
  );
}

function targetOf(fd) {
  try {
    return fs.readlinkSync(`${DESCRIPTORS}/${fd}`);
  } catch {
    return 'closed';
  }
}

async function round(world, server, state, number) {
  const before = descriptors(world);
  const signal = new SharedArrayBuffer(4);
  const { module, netModule } = world.api;
  const file = world.file(`${state} ${number}`);
  const { port } = server.address();
  const workerData = { module, netModule, port, file, state, signal };
  const source = `(${work})(require('node:worker_threads').workerData)`;
  const worker = new Worker(source, { eval: true, workerData });
  const [peer] = await once(server, 'connection');
  const parts = [];
  peer.on('data', (part) => parts.push(part)).on('error', () => {});
  const closed = new Promise((resolve) => peer.on('close', resolve));
  if (state === 'stalled') peer.pause();
  await until(
    () => Atomics.load(new Int32Array(signal), 0) === 1,
    () => 'the worker writes',
  );
  await worker.terminate();
  // They get the numbers that the worker had.
  const names = Array.from({ length: 20 }, (_, i) => world.file(`victim ${i}`));
  const victims = names.map((name) => fs.openSync(name, 'w'));
  peer.resume();
  await closed;
  expectRecords(Buffer.concat(parts), 'the socket');
  // Then the drivers are done, too.
  await until(
    () => descriptors(world).length <= before.length + victims.length,
    () => `left open: ${descriptors(world)} beyond ${before}`,
  );
  for (const [i, fd] of victims.entries()) {
    assert.strictEqual(fs.fstatSync(fd).size, 0, `victim ${i}`);
    fs.closeSync(fd);
  }
  const bytes = fs.readFileSync(file);
  expectRecords(bytes, 'the file');
  assert.strictEqual(bytes.length % RECORD_LENGTH, 0, 'a torn write');
  fs.unlinkSync(file);
}

for (const state of ['gathered', 'stalled', 'under way']) {
  ours(
    `a worker is terminated in the middle of a tick, its bytes ${state}`,
    async (world) => {
      const server = net.createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      for (let number = 0; number < rounds(4, 100); number++) {
        await round(world, server, state, number);
      }
      server.close();
    },
    { skip: ONLY_LINUX, timeout: 120_000 },
  );
}
