'use strict';

// A socket's buffer is bounded, and all accepted bytes arrive, whatever the peer does.

const assert = require('node:assert');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { writeUntilFull } = require('../harness/backpressure');
const { Digest } = require('../harness/digest');
const { NO_UNIX_SOCKET, ours, oursAlone } = require('../harness/sockets');

const MIB = 1 << 20;

// Both kernel buffers (tcp_wmem and tcp_rmem of Linux), what the peer's stream reads ahead, our
// buffer and one chunk stay below this.
const KERNEL_BYTES = 16 * MIB;

/** Distinct chunks of one length, each added to `digest`. */
function chunksOf(length, digest) {
  let number = 0;
  return () => {
    const chunk = Buffer.alloc(length, `${number++}:`);
    digest.update(chunk);
    return chunk;
  };
}

const PLACES = {
  TCP: () => undefined,
  'a unix socket': (world) => ({ path: world.file('socket') }),
};

for (const [place, whereOf] of Object.entries(PLACES)) {
  for (const length of [100, 10_000, 300_000]) {
    ours(
      `${place}, chunks of ${length}: a peer that stalls, then reads`,
      async (world) => {
        const { socket, other } = await world.pair({ where: whereOf(world), reads: false });
        const expected = new Digest();
        const nextChunk = chunksOf(length, expected);
        const accepted = await writeUntilFull(socket, nextChunk);
        assert.ok(accepted < KERNEL_BYTES, `${accepted} bytes were accepted`);
        let drains = 0;
        socket.on('drain', () => drains++);
        const received = Digest.of(other);
        await once(socket, 'drain');
        for (let i = 0; i < 50; i++) {
          if (!socket.write(nextChunk())) await once(socket, 'drain');
        }
        socket.end();
        assert.strictEqual(await received, expected.end());
        assert.ok(drains > 0);
        await world.closed(socket);
      },
      { skip: place === 'TCP' ? false : NO_UNIX_SOCKET },
    );
  }
}

ours('memory stays bounded while the peer stalls', async (world) => {
  const { socket } = await world.pair({ reads: false });
  await writeUntilFull(socket, () => Buffer.alloc(10_000));
  const before = process.memoryUsage.rss();
  for (let turn = 0; turn < 1000; turn++) {
    if (!socket.writableNeedDrain) socket.write(Buffer.alloc(10_000));
    await nextTurn();
  }
  assert.ok(process.memoryUsage.rss() - before < 32 * MIB);
  socket.destroy();
  await world.closed(socket);
});

ours('200 MB through one socket, by digest', async (world) => {
  const { socket, other } = await world.pair({ reads: false });
  const received = Digest.of(other);
  const digest = new Digest();
  const block = Buffer.alloc(100_000, 'the quick brown fox ');
  const line = `${'jumps over the lazy dog '.repeat(40)}\n`;
  let written = 0;
  for (let i = 0; written < 200_000_000; i++) {
    const chunk = i % 2 === 0 ? block : line.repeat(1 + (i % 50));
    digest.update(chunk);
    written += chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  assert.strictEqual(await received, digest.end());
  assert.strictEqual(socket.bytesWritten, written);
  await world.closed(socket);
});

ours('200 sockets at once, each byte exact', async (world) => {
  const COUNT = 200;
  const digests = [];
  const peer = await world.listen({
    reads: false,
    onConnection: (other) => digests.push(Digest.of(other)),
  });
  const expected = [];
  const closes = [];
  for (let i = 0; i < COUNT; i++) {
    const socket = world.api.connect(peer.where);
    const lines = Array.from({ length: 300 }, (_unused, n) => `socket ${i} line ${n}\n`);
    const blocks = [...lines, Buffer.alloc(500 * i, `${i}.`)];
    const digest = new Digest();
    for (const chunk of blocks) {
      digest.update(chunk);
      socket.write(chunk);
    }
    expected.push(digest.end());
    closes.push(once(socket, 'close'));
    socket.end();
  }
  await Promise.all(closes);
  assert.deepStrictEqual((await Promise.all(digests)).sort(), expected.sort());
});

// Node keeps a reference to the Buffer; ours has copied it, or returns false.
for (const options of [{}, { highWaterMark: 8 * MIB }]) {
  oursAlone(`a Buffer overwritten after true, ${JSON.stringify(options)}`, async (world) => {
    const { socket, other } = await world.pair({ reads: false, socket: options });
    const digest = new Digest();
    const received = new Digest();
    other.pause().on('data', (part) => received.update(part));
    const ended = once(other, 'end');
    let reused = 0;
    for (const length of [10, 5000, 40_000, 200_000, 1_000_000, 3_000_000, 100_000, 7]) {
      for (let i = 0; i < 3; i++) {
        const chunk = Buffer.alloc(length, `${length}-${i};`);
        digest.update(chunk);
        const took = socket.write(chunk);
        if (took) reused += 1;
        if (took) chunk.fill('!');
        else other.resume();
        if (!took) await once(socket, 'drain');
      }
    }
    other.resume();
    socket.end();
    await ended;
    assert.strictEqual(received.end(), digest.end());
    assert.ok(reused > 3, `${reused} Buffers were reused`);
    await world.closed(socket);
  });
}
