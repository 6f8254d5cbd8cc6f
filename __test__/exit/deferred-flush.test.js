'use strict';

// A stream that goes on writing in the turn of a flush hands the rest over at the turn's end. News of
// the first part may come before that: the rest is not forgotten.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone } = require('../harness');
const { runInChild } = require('../harness/child');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { subject } = require('../harness/subject');

/** Under every mark, so that Rust has it when `write()` returns. */
const CHUNK_BYTES = 10 * 1024;

/** What a pipe has room for, and so much that the turn counts it. */
const FIRST_BYTES = 4 * CHUNK_BYTES;

/** What it has no room for, be it as large as pipes can be. */
const REST_BYTES = 200 * CHUNK_BYTES;

function writeChunks(stream, bytes) {
  for (let at = 0; at < bytes; at += CHUNK_BYTES) stream.write(Buffer.alloc(CHUNK_BYTES, 'a'));
}

/** In a turn of the loop: what was written first is with the system, and nobody was told so yet. */
async function writeFirst(stream) {
  await nextTurn();
  writeChunks(stream, FIRST_BYTES);
  stream.write('', () => {});
  // The flush comes in a tick before this one.
  await new Promise((resolve) => process.nextTick(resolve));
  while (stream.bytesWritten < FIRST_BYTES);
  // The news is sent after the count, by another thread; nothing shows when.
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
    assert.strictEqual(stream.writableFinished, false, 'nobody has read');
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

/** As above, in a process of its own. Its reader is late, and no reason for it to stay. */
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
