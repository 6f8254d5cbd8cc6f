'use strict';

// Thousands of connections: descriptors and memory stay what they were when they are gone, and what an open one
// takes has a bound.

const assert = require('node:assert');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { report, rounds } = require('../harness/scale');
const { oracle, subject } = require('../harness/subject');

const NO_PROC = process.platform === 'linux' ? false : 'only Linux shows its descriptors';
const CONNECTIONS = rounds(1000, 10_000);
const OPEN = rounds(400, 4000);

/** Memory is compared after collections, so that garbage does not count. */
const command = (source) => [process.execPath, '--expose-gc', '-e', source];

/** Opens connections, writes both ways, and closes them in four ways, some at a time. */
async function openAndClose({ connect, createServer }) {
  const { once } = require('node:events');
  const fs = require('node:fs');
  const count = Number(process.env.COUNT);
  const server = createServer((peer) => {
    peer.on('error', () => {});
    peer.on('data', (part) => peer.write(part));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();

  async function converse(i) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('hello');
    await once(socket, 'data');
    socket.write('again');
    await once(socket, 'data');
    // The last of these leaves bytes that the system may have refused.
    if (i % 4 === 0) socket.end();
    else if (i % 4 === 1) socket.destroy();
    else if (i % 4 === 2) socket.resetAndDestroy();
    else
      socket.pause().write(Buffer.alloc(i % 100 === 3 ? 6_000_000 : 1000), () => socket.destroy());
    if (i % 100 === 3) setImmediate(() => socket.destroy());
    await once(socket, 'close');
  }

  async function converseAll(total) {
    for (let i = 0; i < total; i += 20) {
      await Promise.all(Array.from({ length: 20 }, (_unused, n) => converse(i + n)));
    }
    let connections = 1;
    while (connections > 0) {
      await new Promise(setImmediate);
      connections = await new Promise((resolve) => server.getConnections((_e, n) => resolve(n)));
    }
  }

  async function figures() {
    for (let i = 0; i < 5; i++) {
      await new Promise(setImmediate);
      global.gc();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { bytes: heapUsed + arrayBuffers, descriptors: fs.readdirSync('/proc/self/fd').length };
  }

  // As many before: code that V8 compiles meanwhile would count.
  await converseAll(count);
  const before = await figures();
  await converseAll(count);
  // The thread that waits for the system closes a duplicate soon after the end of its stream.
  const endMs = performance.now() + 10_000;
  let after = await figures();
  while (after.descriptors > before.descriptors && performance.now() < endMs)
    after = await figures();
  console.log(JSON.stringify({ before, after }));
  process.exit();
}

test(`${CONNECTIONS} connections leave nothing behind`, { skip: NO_PROC }, async (t) => {
  const env = { COUNT: `${CONNECTIONS}` };
  const { stdout, stderr } = await runInChild(subject, openAndClose, {
    command,
    env,
    sockets: true,
  });
  assert.notStrictEqual(stdout, '', stderr);
  const { before, after } = JSON.parse(stdout);
  report(t, `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  assert.ok(after.descriptors <= before.descriptors, stdout);
  // A connection that was kept would be 1 KB at least.
  assert.ok(after.bytes - before.bytes < 1_000_000, stdout);
});

/** What open connections that have written and read once take of the heap. */
async function keepOpen({ connect }) {
  const { once } = require('node:events');
  const net = require('node:net');
  const count = Number(process.env.COUNT);
  const server = net.createServer((peer) => peer.on('data', (part) => peer.write(part)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = [];

  async function open(total) {
    for (let i = 0; i < total; i++) {
      const socket = connect(server.address().port, '127.0.0.1');
      socket.write('hello');
      await once(socket, 'data');
      sockets.push(socket);
    }
  }

  async function heap() {
    for (let i = 0; i < 5; i++) {
      await new Promise(setImmediate);
      global.gc();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  }

  await open(100);
  const before = await heap();
  await open(count);
  console.log(JSON.stringify({ bytes: ((await heap()) - before) / count }));
  process.exit();
}

test(`${OPEN} open connections take at most 3 KB of the heap more than net's`, {
  skip: NO_PROC,
}, async (t) => {
  const env = { COUNT: `${OPEN}` };
  const bytes = [];
  for (const api of [oracle, subject]) {
    const { stdout, stderr } = await runInChild(api, keepOpen, { command, env, sockets: true });
    assert.notStrictEqual(stdout, '', stderr);
    bytes.push(JSON.parse(stdout).bytes);
  }
  report(t, `a connection and its peer: net ${bytes[0]}, ours ${bytes[1]} bytes`);
  // The peers are net's on both sides.
  assert.ok(bytes[1] - bytes[0] <= 3072, `${bytes}`);
});
