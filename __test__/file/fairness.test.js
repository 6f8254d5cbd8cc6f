'use strict';

// A busy writer must not starve the rest of the program: turns of the loop stay short, memory stays
// bounded, and libuv's thread pool stays free for DNS and crypto.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { performance } = require('node:perf_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity, ours, oursAlone } = require('../harness');
const { Fifo, NO_FIFO } = require('../harness/fifo');

const LINE = `${'a line of one hundred bytes '.repeat(4).slice(0, 99)}\n`;

async function writeLines(stream, count) {
  for (let i = 0; i < count; i++) {
    if (!stream.write(LINE)) await new Promise((resolve) => stream.once('drain', resolve));
  }
}

/** Room for everything: only the bound on a turn makes `write()` return false. */
const ENDLESS = { bufferSize: 2 ** 28 };

/** The clock is looked at once for two of them. */
const PIECE = Buffer.alloc(8 * 1024);

ours('write() says false once a turn is spent, and drain comes in a later one', async (world) => {
  const stream = world.create('/dev/null', ENDLESS);
  await world.event(stream, 'ready');
  for (let round = 0; round < 5; round++) {
    await nextTurn();
    let isSameTurn = true;
    setImmediate(() => {
      isSameTurn = false;
    });
    stream.write(PIECE);
    stream.write(PIECE);
    const start = performance.now();
    while (performance.now() - start < 2.1);
    stream.write(PIECE);
    assert.strictEqual(stream.write(PIECE), false, 'the turn goes on');
    await new Promise((resolve) => stream.once('drain', resolve));
    assert.strictEqual(isSameTurn, false);
    assert.strictEqual(stream.write(PIECE), true);
  }
  stream.end();
  await world.closed(stream);
});

ours('timers and immediates run while a loop writes', async (world) => {
  const stream = world.create('/dev/null', ENDLESS);
  await world.event(stream, 'ready');
  let ticks = 0;
  let turns = 0;
  let isDone = false;
  const timer = setInterval(() => ticks++, 1);
  setImmediate(function next() {
    turns++;
    if (!isDone) setImmediate(next);
  });
  // At 20 ns a line that is 40 ms, and a turn is much shorter; a busy machine makes them no fewer.
  await writeLines(stream, 2_000_000);
  isDone = true;
  clearInterval(timer);
  stream.end();
  await world.closed(stream);
  assert.strictEqual(stream.bytesWritten, 200_000_000);
  assert.ok(ticks >= 3 && turns >= 3, `${ticks} ticks in ${turns} turns`);
});

ours('a tick has 16,384 callbacks at most, then drain follows', async (world) => {
  const stream = world.create('/dev/null', ENDLESS);
  await world.event(stream, 'ready');
  for (let round = 0; round < 20; round++) {
    let writes = 1;
    while (stream.write('x', () => {})) writes++;
    assert.ok(writes <= 16_384, `${writes}`);
    await world.event(stream, 'drain');
  }
  stream.end();
  await world.closed(stream);
});

ours('a callback on every write of a loop that uses up its turns', async (world) => {
  const stream = world.create(world.file());
  let called = 0;
  const afterWrite = () => {
    called++;
  };
  for (let i = 0; i < 1_000_000; i++) {
    if (!stream.write(LINE, afterWrite)) {
      await new Promise((resolve) => stream.once('drain', resolve));
    }
  }
  stream.end();
  await world.closed(stream);
  assert.strictEqual(called, 1_000_000);
});

ours('a loop that ignores false is written completely', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 200_000; i++) stream.write(LINE);
  stream.end();
  await world.closed(stream);
  assert.strictEqual(stream.bytesWritten, 20_000_000);
  assert.strictEqual(world.read().toString(), LINE.repeat(200_000));
});

parity('a writer that waits for drain: same file', async (world) => {
  const stream = world.create(world.file());
  await writeLines(stream, 20_000);
  stream.end(world.callback('end cb'));
  await world.closed(stream);
  world.note(stream.bytesWritten);
});

ours('memory stays bounded over many megabytes', async (world) => {
  const stream = world.create('/dev/null');
  const chunk = Buffer.alloc(64 * 1024);
  await writeChunks(stream, chunk, 500);
  const before = process.memoryUsage();
  await writeChunks(stream, chunk, 8000);
  const after = process.memoryUsage();
  stream.end();
  await world.closed(stream);
  // 500 MiB were written.
  assert.ok(after.rss - before.rss < 100 * 2 ** 20, `${(after.rss - before.rss) >> 20} MiB more`);
});

async function writeChunks(stream, chunk, count) {
  for (let i = 0; i < count; i++) {
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  }
}

// Four blocked writes on libuv's pool would block crypto, DNS and zlib as well.
oursAlone(
  'eight stalled readers do not stop the pool of libuv',
  async (world) => {
    const fifos = Array.from({ length: 8 }, (_unused, index) => new Fifo(world.file(`${index}`)));
    const streams = fifos.map(({ file }) => world.create(file));
    for (const stream of streams) stream.write(Buffer.alloc(300_000));
    await Promise.all(streams.map((stream) => world.event(stream, 'open')));
    await new Promise((resolve) => crypto.pbkdf2('a', 'b', 10, 8, 'sha1', resolve));

    let open = streams.length;
    for (const stream of streams) {
      stream.end();
      stream.on('close', () => {
        open -= 1;
      });
    }
    await Promise.all(fifos.map((fifo) => fifo.readUntil(() => open === 0)));
    for (const fifo of fifos) {
      assert.strictEqual(fifo.receivedBytes, 300_000);
      fifo.close();
    }
  },
  { skip: NO_FIFO },
);
