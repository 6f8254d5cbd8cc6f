'use strict';

// A stream that writes more after the flush of a turn flushes the rest at the end of the turn. The
// completion of the first part may come before that; the rest must not be lost.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone } = require('../harness');
const { runInChild } = require('../harness/child');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { subject } = require('../harness/subject');

/** Small enough for Rust to take it at once. */
const CHUNK_BYTES = 10 * 1024;

/** Fits into a pipe, and is enough to start a flush. */
const FIRST_BYTES = 4 * CHUNK_BYTES;

/** More than the largest pipe holds. */
const REST_BYTES = 200 * CHUNK_BYTES;

function writeChunks(stream, bytes) {
  for (let at = 0; at < bytes; at += CHUNK_BYTES) stream.write(Buffer.alloc(CHUNK_BYTES, 'a'));
}

/** Writes the first part; returns when the system has it but its completion is still pending. */
async function writeFirst(stream) {
  await nextTurn();
  writeChunks(stream, FIRST_BYTES);
  stream.write('', () => {});
  // The flush runs in an earlier tick than this one.
  await new Promise((resolve) => process.nextTick(resolve));
  while (stream.bytesWritten < FIRST_BYTES);
  // Another thread sends the completion soon after it counts the bytes; nothing shows when.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

oursAlone(
  'finish waits for bytes that came after the flush',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    const stream = world.create(fifo.file, { bufferSize: 2 * REST_BYTES });
    await world.event(stream, 'open');
    await writeFirst(stream);
    writeChunks(stream, REST_BYTES);
    stream.end();
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    assert.strictEqual(stream.writableFinished, false, 'finish came before the bytes were read');
    let isFinished = false;
    stream.on('finish', () => {
      isFinished = true;
      assert.strictEqual(stream.bytesWritten, FIRST_BYTES + REST_BYTES);
    });
    await fifo.readUntil(() => isFinished);
    fifo.close();
    assert.strictEqual(fifo.receivedBytes, FIRST_BYTES + REST_BYTES);
  },
  { skip: NO_FIFO },
);

oursAlone(
  'the natural end waits for bytes that came after the flush',
  async () => {
    const { stdout, stderr } = await runInChild(subject, writeAndEnd, {
      env: { RUSHWRITE_EXIT_TIMEOUT_MS: '100' },
    });
    assert.strictEqual(stdout, 'true\n', stderr);
  },
  { skip: NO_FIFO },
);

/** As above, in a process of its own. The timer of its reader is unref'd. */
function writeAndEnd({ createWriteStream }, dir) {
  const fs = require('node:fs');
  require('node:child_process').execFileSync('mkfifo', [`${dir}/fifo`]);
  const { O_NONBLOCK, O_RDWR } = fs.constants;
  const reader = fs.openSync(`${dir}/fifo`, O_RDWR | O_NONBLOCK);
  const read = () => {
    try {
      fs.readSync(reader, Buffer.alloc(1 << 16));
    } catch {
      // There is nothing to read.
    }
  };
  setInterval(read, 5).unref();

  let stream;
  process.on('exit', () => console.log(stream.bytesWritten === 204 * 10_240));
  stream = createWriteStream(`${dir}/fifo`, { bufferSize: 1 << 22 });
  const chunk = Buffer.alloc(10_240);
  const writeFirst = () => {
    for (let i = 0; i < 4; i++) stream.write(chunk);
    stream.write('', () => {});
    process.nextTick(writeRest);
  };
  const writeRest = () => {
    while (stream.bytesWritten < 4 * chunk.length);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    for (let i = 0; i < 200; i++) stream.write(chunk);
  };
  stream.on('open', () => setImmediate(writeFirst));
}
