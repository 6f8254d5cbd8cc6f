'use strict';

// Nothing that a write has caused is seen before the callback of that write.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { ours } = require('../harness/sockets');
const { rounds } = require('../harness/scale');

const ROUNDS = rounds(100, 1000);

/** A peer that answers each request of `bytes` bytes with one byte. */
async function answering(world, bytes) {
  let received = 0;
  const onConnection = (other) => {
    other.on('data', (part) => {
      received += part.length;
      if (received < bytes) return;
      received = 0;
      other.write('r');
    });
  };
  // Without Nagle's algorithm, which holds a second small piece until the peer has acknowledged the first.
  const { socket } = await world.pair({ onConnection, socket: { noDelay: true } });
  return socket;
}

/** Spends what writing may take of a turn. */
function spendTurn(socket) {
  const start = performance.now();
  while (performance.now() - start < 3) socket.cork();
  for (let i = 0; i < 1e6 && socket.writableCorked > 0; i++) socket.uncork();
}

for (const bytes of [100, 20_000, 300_000, 4_000_000]) {
  ours(`the callback of a write of ${bytes} bytes comes before the reply`, async (world) => {
    const socket = await answering(world, bytes);
    const request = Buffer.alloc(bytes, 'q');
    for (let round = 0; round < ROUNDS / (bytes > 1e6 ? 5 : 1); round++) {
      await nextTurn();
      const seen = [];
      const reply = new Promise((resolve) => {
        socket.once('data', () => {
          seen.push('data');
          resolve();
        });
      });
      socket.write(request, () => seen.push('callback'));
      await reply;
      assert.deepStrictEqual(seen, ['callback', 'data']);
    }
  });

  ours(`who awaits a write of ${bytes} bytes and then the reply gets it`, async (world) => {
    const socket = await answering(world, bytes);
    const request = Buffer.alloc(bytes, 'q');
    for (let round = 0; round < ROUNDS / (bytes > 1e6 ? 5 : 1); round++) {
      await nextTurn();
      await new Promise((resolve) => {
        setImmediate(async () => {
          // Several jobs lie between the callback and the listener, as in an async function that calls others.
          await (async () => {
            await new Promise((written) => socket.write(request, written));
          })();
          socket.once('data', resolve);
        });
      });
    }
  });

  ours(`pieces of ${bytes} bytes in one turn, then the reply`, async (world) => {
    const socket = await answering(world, bytes);
    const piece = Buffer.alloc(bytes / 20, 'q');
    for (let round = 0; round < ROUNDS / (bytes > 1e6 ? 5 : 1); round++) {
      await nextTurn();
      let told = 0;
      const reply = once(socket, 'data');
      for (let i = 0; i < 20; i++) socket.write(piece, () => told++);
      await reply;
      assert.strictEqual(told, 20);
    }
  });
}

for (const bytes of [100, 65_536, 1_000_000, 4_000_000]) {
  ours(`end(${bytes} bytes): callback and finish come before the reply`, async (world) => {
    let received = 0;
    const onConnection = (other) => {
      received = 0;
      other.on('data', (part) => {
        received += part.length;
        if (received === bytes) other.write('r');
      });
    };
    const peer = await world.listen({ onConnection });
    for (let round = 0; round < ROUNDS / 4; round++) {
      const socket = world.api.connect(peer.where);
      await once(socket, 'connect');
      const seen = [];
      socket.on('finish', () => seen.push('finish'));
      socket.on('data', () => seen.push('data'));
      socket.end(Buffer.alloc(bytes), () => seen.push('callback'));
      await once(socket, 'close');
      assert.deepStrictEqual(seen.at(-1), 'data', `${seen}`);
    }
  });
}

ours('an http request in pieces is done before its response', async (world) => {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('done'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (options) => world.api.connect(options);
  for (let round = 0; round < ROUNDS; round++) {
    const request = http.request({ port: server.address().port, method: 'POST', agent });
    const seen = [];
    request.on('response', (response) => {
      seen.push('response');
      response.resume();
    });
    for (let i = 0; i < 5; i++) request.write(Buffer.alloc(20_000));
    request.end(() => seen.push('end cb'));
    await once(request, 'close');
    assert.deepStrictEqual(seen, ['end cb', 'response']);
  }
  agent.destroy();
  server.close();
});

ours('what was put off for the end of the turn is told before the reply', async (world) => {
  const socket = await answering(world, 40_000);
  for (let round = 0; round < ROUNDS; round++) {
    await nextTurn();
    spendTurn(socket);
    let told = 0;
    const reply = once(socket, 'data');
    socket.write(Buffer.alloc(39_000), () => told++);
    process.nextTick(() => socket.write(Buffer.alloc(1000), () => told++));
    await reply;
    assert.strictEqual(told, 2);
  }
});

ours('a write that waits for time comes behind one that left at once', async (world) => {
  const socket = await answering(world, 120_000);
  const other = await answering(world, 40_000);
  for (let round = 0; round < 20; round++) {
    await nextTurn();
    const order = [];
    const reply = once(socket, 'data');
    // Past the list of callbacks, in the next tick.
    socket.write('a'.repeat(1000), () => order.push(1));
    // The turn is spent by another socket: `Writable` waits with this one.
    other.write(Buffer.alloc(20_000));
    const start = performance.now();
    while (performance.now() - start < 3);
    other.write(Buffer.alloc(20_000));
    socket.write(Buffer.alloc(118_000), () => order.push(2));
    socket.write(Buffer.alloc(1000), () => order.push(3));
    await reply;
    assert.deepStrictEqual(order, [1, 2, 3]);
  }
});
