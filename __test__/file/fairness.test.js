'use strict';

// A busy writer must not starve the rest of the program: turns of the loop stay short, memory stays
// bounded, and libuv's thread pool stays free for DNS and crypto.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { performance } = require('node:perf_hooks');
const { parity, ours, oursAlone } = require('../harness');
const { Fifo, NO_FIFO } = require('../harness/fifo');

const LINE = `${'a line of one hundred bytes '.repeat(4).slice(0, 99)}\n`;

async function writeLines(stream, count) {
  for (let i = 0; i < count; i++) {
    if (!stream.write(LINE)) await new Promise((resolve) => stream.once('drain', resolve));
  }
}

/** Lengths of the loop's turns in ms, longest first, until `isDone()`. */
function measureTurns(isDone) {
  const turns = [];
  return new Promise((resolve) => {
    let last = performance.now();
    setImmediate(function next() {
      const now = performance.now();
      turns.push(now - last);
      last = now;
      if (isDone()) resolve(turns.sort((a, b) => b - a));
      else setImmediate(next);
    });
  });
}

/** Turns longer than this take a tenth of the total time, so turns without work do not count. */
function usualLength(turns) {
  const tenth = turns.reduce((sum, turn) => sum + turn, 0) / 10;
  let longer = 0;
  return turns.find((turn) => {
    longer += turn;
    return longer > tenth;
  });
}

/** Room for everything: only the bound on a turn makes `write()` return false. */
const ENDLESS = { bufferSize: 2 ** 28 };

ours('a loop that waits for drain leaves the event loop to others', async (world) => {
  const stream = world.create('/dev/null', ENDLESS);
  await world.event(stream, 'ready');
  // A busy machine delays one round; a bug delays all of them.
  const lengths = [];
  while (lengths.length < 5) {
    let isDone = false;
    const turns = measureTurns(() => isDone);
    await writeLines(stream, 2_000_000);
    isDone = true;
    lengths.push(usualLength(await turns));
  }
  const usual = Math.min(...lengths);
  stream.end();
  await world.closed(stream);

  assert.strictEqual(stream.bytesWritten, 1_000_000_000);
  // The bound is 2 ms. Garbage collection and a busy machine make some turns longer.
  assert.ok(usual < 25, `a tenth of the time is turns longer than ${usual} ms`);
});

ours('timers run while a loop writes', async (world) => {
  const stream = world.create('/dev/null', ENDLESS);
  await world.event(stream, 'ready');
  let ticks = 0;
  const started = performance.now();
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  await writeLines(stream, 2_000_000);
  clearInterval(timer);
  const elapsed = performance.now() - started;
  stream.end();
  await world.closed(stream);
  assert.ok(ticks >= elapsed / 50, `${ticks} ticks in ${elapsed} ms`);
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
