'use strict';

// stats() and the channels of node:diagnostics_channel.

const assert = require('node:assert');
const diagnostics = require('node:diagnostics_channel');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone } = require('../harness');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { connect } = require('../..');

const NAMES = [
  'bytesAccepted',
  'bytesWritten',
  'bytesQueued',
  'writes',
  'batches',
  'syscalls',
  'syncs',
  'drains',
  'droppedBytes',
  'droppedWrites',
  'maxWriteMicros',
  'maxSyncMicros',
  'fullMicros',
];

/** Records what is published while `body` runs. */
async function listening(body, names = ['open', 'close', 'error', 'stall']) {
  const messages = [];
  const listeners = names.map((name) => {
    const listener = (message) => messages.push({ name, ...message });
    diagnostics.subscribe(`rushwrite:${name}`, listener);
    return () => diagnostics.unsubscribe(`rushwrite:${name}`, listener);
  });
  try {
    await body(messages);
  } finally {
    for (const stop of listeners) stop();
  }
  return messages;
}

oursAlone('figures of a file: before the open, at rest, after the close', async (world) => {
  const stream = world.create(world.file('out'));
  assert.deepStrictEqual(Object.keys(stream.stats()), NAMES);
  for (const chunk of ['ä'.repeat(10), Buffer.alloc(5), Buffer.alloc(5000), 'x'.repeat(100_000)]) {
    stream.write(chunk);
  }
  stream.cork();
  stream.write('abc', 'latin1');
  const early = stream.stats();
  assert.strictEqual(early.bytesQueued, 20 + 5 + 5000 + 100_000 + 3);
  assert.strictEqual(early.bytesAccepted, early.bytesQueued);
  assert.strictEqual(early.bytesWritten, 0);
  stream.uncork();
  await stream.sync();
  const late = stream.stats();
  assert.strictEqual(late.bytesQueued, 0);
  assert.strictEqual(late.bytesWritten, early.bytesAccepted);
  assert.strictEqual(late.writes, 5);
  assert.strictEqual(late.syncs, 1);
  assert.ok(late.batches >= 1 && late.syscalls >= late.batches);
  assert.ok(late.maxSyncMicros >= 1, `${late.maxSyncMicros} µs`);
  stream.end();
  await once(stream, 'close');
  assert.deepStrictEqual(stream.stats(), { ...late });
});

oursAlone(
  'a stalled reader: time full, drains, what was dropped',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    try {
      const options = { bufferSize: 1000, maxBuffered: 200_000, overflow: 'drop' };
      const stream = world.create(fifo.file, options);
      await once(stream, 'open');
      let dropped = 0;
      stream.on('drop', ({ writes }) => {
        dropped += writes;
      });
      for (let i = 0; i < 500; i++) stream.write(Buffer.alloc(1000));
      await nextTurn();
      await nextTurn();
      const full = stream.stats();
      assert.ok(full.bytesQueued >= 100_000 && full.bytesQueued < 202_000, `${full.bytesQueued}`);
      assert.strictEqual(full.droppedWrites, dropped);
      assert.strictEqual(full.droppedBytes, dropped * 1000);
      assert.strictEqual(full.writes + full.droppedWrites <= 500, true);
      assert.ok(full.fullMicros > 0);
      let hasDrained = false;
      stream.on('drain', () => {
        hasDrained = true;
      });
      await fifo.readUntil(() => hasDrained);
      assert.ok(stream.stats().drains >= 1);
      stream.end();
      await fifo.readUntil(() => stream.closed);
      const { bytesWritten, writes } = stream.stats();
      assert.strictEqual(bytesWritten, fifo.bytes().length);
      assert.strictEqual(writes, 500 - dropped);
    } finally {
      fifo.close();
    }
  },
  { skip: NO_FIFO },
);

oursAlone('figures of a socket', async () => {
  const server = net.createServer((peer) => peer.resume());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect(server.address().port, '127.0.0.1');
  assert.strictEqual(socket.stats().bytesAccepted, 0);
  await once(socket, 'connect');
  for (let i = 0; i < 10; i++) socket.write('0123456789');
  socket.write(Buffer.alloc(1_000_000));
  socket.end();
  await once(socket, 'close');
  server.close();
  const { bytesAccepted, bytesWritten, bytesQueued } = socket.stats();
  const total = process.platform === 'win32' ? 0 : 1_000_100;
  assert.deepStrictEqual([bytesAccepted, bytesWritten, bytesQueued], [total, total, 0]);
});

oursAlone(
  'a stream of Node’s own class has none; sockets take no option of files',
  async (world) => {
    const stream = world.create(world.file('out'), { fs: { ...fs } });
    assert.throws(() => stream.stats(), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
    stream.end();
    await once(stream, 'close');
    for (const option of ['atomic', 'mkdir', 'retry']) {
      const create = () => connect({ port: 1, [option]: {} });
      assert.throws(create, { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
    }
  },
);

oursAlone(
  'channels tell of open, error and close, with the stream and its figures',
  async (world) => {
    const messages = await listening(async () => {
      const stream = world.create(world.file('out'));
      stream.end('12345');
      await once(stream, 'close');
      const given = world.create(null, { fd: fs.openSync(world.file('given'), 'w') });
      given.end('1');
      await once(given, 'close');
      const missing = world.create(world.file('missing/out'));
      await once(missing, 'error');
      await nextTurn();
    });
    const told = messages.map(({ name, stats }) => [name, stats.bytesWritten]);
    const one = [
      ['open', 0],
      ['close', 5],
    ];
    const given = [
      ['open', 0],
      ['close', 1],
    ];
    const missing = [
      ['error', 0],
      ['close', 0],
    ];
    assert.deepStrictEqual(
      told.map(([name]) => name),
      [...one, ...given, ...missing].map(([name]) => name),
    );
    assert.deepStrictEqual(told[1], one[1]);
    assert.strictEqual(messages[4].error.code, 'ENOENT');
    assert.ok(messages.every(({ stream }) => typeof stream.write === 'function'));
  },
);

oursAlone(
  'a call that takes too long is told once, and again after it went on',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    try {
      const isTold = (messages, count) => async () => {
        while (messages.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await listening(
        async (messages) => {
          const stream = world.create(fifo.file, { stallTimeout: 20 });
          stream.write(Buffer.alloc(500_000));
          await isTold(messages, 1)();
          assert.strictEqual(messages[0].stream, stream);
          assert.ok(messages[0].stalledMs >= 20);
          assert.ok(messages[0].stats.bytesQueued > 0);
          await fifo.readUntil(() => stream.stats().bytesQueued === 0);
          assert.strictEqual(messages.length, 1);
          stream.write(Buffer.alloc(500_000));
          await isTold(messages, 2)();
          stream.end();
          await fifo.readUntil(() => stream.closed);
        },
        ['stall'],
      );
    } finally {
      fifo.close();
    }
  },
  { skip: NO_FIFO },
);

oursAlone('stallTimeout is judged', async (world) => {
  for (const [stallTimeout, code] of [
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [0, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
  ]) {
    assert.throws(() => world.create(world.file('x'), { stallTimeout }), { code });
  }
  const stream = world.create(world.file('x'), { stallTimeout: Infinity });
  stream.end();
  await once(stream, 'close');
});
