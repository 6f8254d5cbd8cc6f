'use strict';

// maxBuffered limits the bytes that wait in `Writable` and in Rust together; overflow says what
// happens to the rest.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { oursAlone } = require('../harness');
const rushwrite = require('../..');

const KIB = 1024;
const OVERFLOW = 'ERR_RUSHWRITE_OVERFLOW';

/** Registers a test of a stream whose reader stalls until the test reads. */
function stalled(name, options, body) {
  const scenario = async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    try {
      const stream = world.create(fifo.file, options);
      await body(world, stream, fifo);
    } finally {
      fifo.close();
    }
  };
  oursAlone(name, scenario, { skip: NO_FIFO });
}

/** Ends the stream; returns all bytes that arrived. */
async function drainToEnd(stream, fifo) {
  let isClosed = stream.closed;
  stream.on('close', () => {
    isClosed = true;
  });
  stream.end();
  await fifo.readUntil(() => isClosed);
  return fifo.bytes();
}

for (const maxBuffered of [1, 1000, 100 * KIB, 1500 * KIB]) {
  for (const [kind, chunk] of [
    ['lines', `${'x'.repeat(99)}\n`],
    ['wide text', `${'€'.repeat(333)}\n`],
    ['short Buffers', Buffer.from('0123456')],
    ['Buffers of 70 KB', Buffer.alloc(70_000, 'b')],
  ]) {
    // Ten thousand callbacks are enough.
    if (maxBuffered / chunk.length > 20_000) continue;
    for (const waitsForOpen of [false, true]) {
      const when = waitsForOpen ? 'after' : 'before';
      stalled(
        `drop, ${kind}, ${maxBuffered} bytes, ${when} the open: exceeded by at most one chunk`,
        { maxBuffered, overflow: 'drop' },
        (world, stream, fifo) =>
          dropBeyond(world, stream, fifo, { maxBuffered, chunk, waitsForOpen }),
      );
    }
  }
}

async function dropBeyond(world, stream, fifo, { maxBuffered, chunk, waitsForOpen }) {
  if (waitsForOpen) await world.event(stream, 'open');
  const chunkBytes = Buffer.byteLength(chunk);
  const count = Math.ceil((2 * maxBuffered) / chunkBytes) + 3;
  const dropped = { bytes: 0, writes: 0, events: 0 };
  stream.on('drop', ({ bytes, writes }) => {
    dropped.bytes += bytes;
    dropped.writes += writes;
    dropped.events++;
  });
  const errors = [];
  for (let i = 0; i < count; i++) {
    const answer = stream.write(chunk, (error) => errors.push(error?.code));
    if (i === count - 1) assert.strictEqual(answer, false);
  }
  // Bytes that the pipe itself took do not count.
  const takenBytes = stream.bytesWritten;
  await nextTurn();
  assert.strictEqual(dropped.events, 1, 'one event for one turn');
  const keptBytes = count * chunkBytes - dropped.bytes;
  assert.strictEqual(dropped.bytes, dropped.writes * chunkBytes, 'no part of a chunk');
  assert.ok(keptBytes - takenBytes < maxBuffered + chunkBytes, `${keptBytes} bytes kept`);
  assert.ok(keptBytes >= maxBuffered, 'no sooner than it must');
  const arrived = await drainToEnd(stream, fifo);
  assert.ok(arrived.equals(Buffer.alloc(keptBytes, chunk)), 'the bytes differ');
  assert.strictEqual(errors.filter((code) => code === OVERFLOW).length, dropped.writes);
  assert.strictEqual(errors.length, count);
}

stalled(
  'error: the stream is destroyed with ERR_RUSHWRITE_OVERFLOW and every callback gets it',
  { maxBuffered: 200 * KIB },
  async (world, stream) => {
    await world.event(stream, 'open');
    const codes = [];
    let answer = true;
    let writes = 0;
    while (!stream.destroyed) {
      answer = stream.write(Buffer.alloc(20 * KIB), (error) => codes.push(error?.code));
      writes++;
    }
    assert.strictEqual(answer, false);
    assert.ok(writes > 10, `${writes} writes`);
    assert.strictEqual(stream.errored.code, OVERFLOW);
    await nextTurn();
    assert.deepStrictEqual(new Set(codes.slice(-5)), new Set([OVERFLOW]));
    assert.strictEqual(codes.length, writes);
  },
);

stalled(
  'drop: drain comes when there is room, and later writes arrive',
  { maxBuffered: 300 * KIB, overflow: 'drop' },
  async (world, stream, fifo) => {
    await world.event(stream, 'open');
    let kept = 0;
    stream.on('drop', () => {});
    for (let i = 0; i < 100; i++) {
      stream.write(Buffer.alloc(10 * KIB, 'a'), (error) => {
        if (!error) kept++;
      });
    }
    let isDrained = false;
    stream.once('drain', () => {
      isDrained = true;
    });
    await fifo.readUntil(() => isDrained);
    stream.write('the end');
    const arrived = await drainToEnd(stream, fifo);
    assert.ok(kept < 100);
    assert.strictEqual(arrived.length, kept * 10 * KIB + 7);
    assert.ok(arrived.toString().endsWith('the end'));
  },
);

stalled(
  'drop: the chunk of an end() is dropped whole, and the stream ends',
  { maxBuffered: 300 * KIB, overflow: 'drop' },
  async (world, stream, fifo) => {
    await world.event(stream, 'open');
    stream.cork();
    stream.write(Buffer.alloc(300 * KIB, 'a'));
    let dropped;
    stream.on('drop', (counts) => {
      dropped = counts;
    });
    stream.end('ten bytes.');
    const arrived = await drainToEnd(stream, fifo);
    assert.deepStrictEqual(dropped, { bytes: 10, writes: 1 });
    assert.strictEqual(arrived.length, 300 * KIB);
  },
);

oursAlone('bad chunks beyond the bound still throw', async (world) => {
  const stream = world.create(world.file(), { maxBuffered: 1, overflow: 'drop' });
  stream.cork();
  stream.write('x');
  assert.throws(() => stream.write(null), { code: 'ERR_STREAM_NULL_VALUES' });
  assert.throws(() => stream.write(1), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => stream.write('x', 'none'), { code: 'ERR_UNKNOWN_ENCODING' });
  stream.end();
  await world.closed(stream);
});

oursAlone('with a reader that keeps up nothing is dropped', async (world) => {
  const stream = world.create(world.file(), { maxBuffered: 256 * KIB, overflow: 'error' });
  let total = 0;
  for (let i = 0; i < 20_000; i++) {
    const line = `${i} ${'.'.repeat(i % 150)}\n`;
    total += line.length;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await world.closed(stream);
  assert.strictEqual(stream.errored, null);
  assert.strictEqual(world.read('out').length, total);
});

oursAlone('wrong options throw', (world) => {
  const create = (options) => () => rushwrite.createWriteStream(world.file(), options);
  for (const maxBuffered of [0, -1, 1.5, Number.NaN]) {
    assert.throws(create({ maxBuffered }), { code: 'ERR_OUT_OF_RANGE', name: 'RangeError' });
  }
  for (const maxBuffered of ['1', null, 1n]) {
    assert.throws(create({ maxBuffered }), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  }
  for (const overflow of ['wait', null, 1]) {
    assert.throws(create({ overflow }), { code: 'ERR_INVALID_ARG_VALUE', name: 'TypeError' });
  }
  for (const flushOnExit of [0, null, 'no']) {
    assert.throws(create({ flushOnExit }), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  }
  const stream = world.create(world.file(), { maxBuffered: Infinity, overflow: undefined });
  stream.end();
  return world.closed(stream);
});

oursAlone('a socket with a stalled peer is bounded as well', async () => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const options = { maxBuffered: 500 * KIB, overflow: 'drop' };
  const socket = rushwrite.connect({ port: server.address().port, host: '127.0.0.1', ...options });
  const [peer] = await once(server, 'connection');
  const dropped = { bytes: 0, writes: 0 };
  socket.on('drop', ({ bytes, writes }) => {
    dropped.bytes += bytes;
    dropped.writes += writes;
  });
  let total = 0;
  while (dropped.writes === 0) {
    for (let i = 0; i < 100; i++) {
      socket.write(Buffer.alloc(10 * KIB, 'a'));
      total += 10 * KIB;
    }
    await nextTurn();
  }
  let received = 0;
  peer.on('data', (data) => {
    received += data.length;
  });
  peer.resume();
  socket.end();
  await once(peer, 'end');
  assert.strictEqual(received, total - dropped.bytes);
  server.close();
});
