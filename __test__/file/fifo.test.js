'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone, ours } = require('../harness');
const { drainsSoon, writeUntilFull } = require('../harness/backpressure');
const { Fifo, NO_FIFO } = require('../harness/fifo');

const MIB = 1 << 20;

// What may be accepted beyond `bufferSize` while nobody reads: the queue up to the high water mark,
// the pipe's own 64 KiB to 1 MiB, and the batch in flight.
const SLACK_BYTES = 2 * MIB;

/** Reads until the stream emits `event`. */
async function readUntil(fifo, stream, event) {
  let emitted = false;
  stream.once(event, () => {
    emitted = true;
  });
  await fifo.readUntil(() => emitted);
}

async function withFifo(world, body) {
  const fifo = new Fifo(world.file('fifo'));
  try {
    await body(fifo);
  } finally {
    fifo.close();
  }
}

ours(
  'a slow reader gets every byte in order',
  (world) =>
    withFifo(world, async (fifo) => {
      const stream = world.create(fifo.file);
      const model = [];
      for (let i = 0; i < 3000; i++) {
        const line = `line ${i} ${'.'.repeat(i % 200)}\n`;
        model.push(line);
        stream.write(line);
      }
      stream.end();
      await readUntil(fifo, stream, 'close');
      assert.strictEqual(fifo.bytes().toString(), model.join(''));
      assert.strictEqual(stream.bytesWritten, fifo.receivedBytes);
    }),
  { skip: NO_FIFO },
);

for (const [name, chunk] of [
  [
    'lines',
    'a line of about one hundred bytes, as it stands in many a log file of many a program\n',
  ],
  ['Buffers of 4 KiB', Buffer.alloc(4096, 'ab')],
  ['Buffers of 1 MiB', Buffer.alloc(MIB, 'ab')],
]) {
  ours(
    `a stalled reader, ${name}: write() returns false, drain comes when the reader goes on`,
    (world) =>
      withFifo(world, async (fifo) => {
        const bufferSize = 256 * 1024;
        const stream = world.create(fifo.file, { bufferSize });
        await world.event(stream, 'open');
        const accepted = await writeUntilFull(stream, () => chunk);
        assert.ok(accepted < bufferSize + SLACK_BYTES + chunk.length, `${accepted} bytes accepted`);
        assert.strictEqual(stream.writableNeedDrain, true);

        await readUntil(fifo, stream, 'drain');
        stream.end();
        await readUntil(fifo, stream, 'close');
        assert.strictEqual(fifo.receivedBytes, accepted);
      }),
    { skip: NO_FIFO },
  );
}

for (const [name, options, mostAccepted] of [
  ['by default two Buffers of 1 MiB wait', undefined, 2],
  ['with a bufferSize only as many as it says', { bufferSize: MIB }, 1],
  ['under a highWaterMark only as many as it says', { highWaterMark: MIB }, 1],
]) {
  oursAlone(
    `a stalled reader: ${name}`,
    (world) =>
      withFifo(world, async (fifo) => {
        const stream = world.create(fifo.file, options);
        await world.event(stream, 'open');
        let accepted = 0;
        while (!stream.writableNeedDrain) {
          stream.write(Buffer.alloc(MIB, 'ab'));
          accepted++;
          await nextTurn();
        }
        assert.strictEqual(accepted, mostAccepted);
        stream.end();
        await readUntil(fifo, stream, 'close');
        assert.strictEqual(fifo.receivedBytes, accepted * MIB);
      }),
    { skip: NO_FIFO },
  );
}

oursAlone(
  'a stalled reader: write() returns false until drain, and a chunk may be reused after true',
  (world) =>
    withFifo(world, async (fifo) => {
      const stream = world.create(fifo.file, { bufferSize: 64 * 1024 });
      await world.event(stream, 'open');
      let accepted = 0;
      let chunk = Buffer.alloc(1000);
      const write = () => {
        const answer = stream.write(chunk.fill('a'));
        accepted += chunk.length;
        if (answer) chunk.fill('!');
        else chunk = Buffer.alloc(1000);
        return answer;
      };
      do {
        while (write());
      } while (await drainsSoon(stream));

      for (let i = 0; i < 3; i++) assert.strictEqual(write(), false, `${i} after the false`);
      await readUntil(fifo, stream, 'drain');
      assert.strictEqual(write(), true);
      stream.end();
      await readUntil(fifo, stream, 'close');
      assert.strictEqual(fifo.receivedBytes, accepted);
      assert.ok(fifo.bytes().equals(Buffer.alloc(accepted, 'a')));
    }),
  { skip: NO_FIFO },
);

ours(
  'a reader that goes away: EPIPE for every pending callback, then error and close',
  (world) =>
    withFifoThatLeaves(world, async (fifo, leave) => {
      const stream = world.create(fifo.file);
      await world.event(stream, 'open');
      leave();
      const codes = [];
      for (let i = 0; i < 3; i++) stream.write(`${i}`, (error) => codes.push(error?.code));
      await world.closed(stream);
      assert.deepStrictEqual(codes, ['EPIPE', 'EPIPE', 'EPIPE']);
      assert.strictEqual(stream.errored.code, 'EPIPE');
      assert.strictEqual(stream.errored.syscall, 'write');
    }),
  { skip: NO_FIFO },
);

async function withFifoThatLeaves(world, body) {
  const fifo = new Fifo(world.file('fifo'));
  await body(fifo, () => fifo.close());
}

// Node fails after five tries. Ours waits for the reader, without an error and without using CPU.
oursAlone(
  'a non-blocking pipe with a slow reader: no EAGAIN, all bytes arrive',
  (world) =>
    withFifo(world, async (fifo) => {
      const stream = world.create('', { fd: fifo.openNonBlockingWriter() });
      const model = Buffer.alloc(3 * MIB);
      for (let i = 0; i < model.length; i++) model[i] = i % 251;
      for (let at = 0; at < model.length; at += 40_000) {
        stream.write(model.subarray(at, at + 40_000));
      }
      let closed = false;
      stream.on('close', () => {
        closed = true;
      });
      stream.end();
      while (!closed) {
        if (fifo.readOnce() === 0) await nextTurn();
        else for (let turn = 0; turn < 20; turn++) await nextTurn();
      }
      while (fifo.readOnce() > 0);
      assert.strictEqual(stream.errored, null);
      assert.ok(fifo.bytes().equals(model));
    }),
  { skip: NO_FIFO },
);

oursAlone(
  'waiting for a full non-blocking pipe uses no CPU',
  (world) =>
    withFifo(world, async (fifo) => {
      const stream = world.create('', { fd: fifo.openNonBlockingWriter() });
      stream.write(Buffer.alloc(MIB));
      await untilPipeIsFull(stream);
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { user, system } = process.cpuUsage(before);
      // A spinning thread would use all of the 300 ms; the test runner uses far less than half.
      assert.ok((user + system) / 1000 < 150, `${(user + system) / 1000} ms of CPU`);
      stream.end();
      await readUntil(fifo, stream, 'close');
      assert.strictEqual(fifo.receivedBytes, MIB);
    }),
  { skip: NO_FIFO },
);

async function untilPipeIsFull(stream) {
  while (stream.bytesWritten === 0) await nextTurn();
}

// Writes of less than PIPE_BUF bytes stay whole, in Node and here.
ours(
  'small writes that each wait for the callback arrive one by one',
  (world) =>
    withFifo(world, async (fifo) => {
      const stream = world.create(fifo.file);
      for (let i = 0; i < 20; i++) {
        const written = new Promise((resolve) => stream.write(`message ${i};`, resolve));
        await written;
        fifo.readOnce();
        assert.ok(fifo.bytes().toString().endsWith(`message ${i};`));
      }
      stream.destroy();
      await world.closed(stream);
      assert.strictEqual(fs.lstatSync(fifo.file).isFIFO(), true);
    }),
  { skip: NO_FIFO },
);
