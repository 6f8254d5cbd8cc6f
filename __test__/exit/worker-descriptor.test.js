'use strict';

// A worker that is terminated, or ends, while its streams write: a descriptor that it was given is closed
// by Node, and its number may name another thread's file at once. Nothing of the stream may get there.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { ours } = require('../harness');
const { rounds } = require('../harness/scale');

/** Runs in the worker: floods a descriptor of its own, as a number or as a FileHandle. */
async function flood({ module, file, fifo, kind }) {
  const { parentPort } = require('node:worker_threads');
  const { createWriteStream } = require(module);
  const { open } = require('node:fs/promises');
  const { openSync } = require('node:fs');
  for (const path of [file, fifo]) {
    const fd = kind === 'handle' ? await open(path, 'r+') : openSync(path, 'r+');
    const stream = createWriteStream('', { fd });
    stream.on('error', () => {});
    for (let i = 0; i < 4; i++) stream.write(Buffer.alloc(1 << 20, 'w'));
  }
  parentPort.postMessage('writing');
  setInterval(() => {}, 1000);
}

for (const kind of ['number', 'handle']) {
  ours(`no file of another thread gets bytes of a terminated worker's ${kind}`, async (world) => {
    const fifo = world.file('fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    fs.writeFileSync(world.file('target'), '');
    const workerData = { module: world.api.module, file: world.file('target'), fifo, kind };
    for (let round = 0; round < rounds(8, 100); round++) {
      const source = `(${flood})(require('node:worker_threads').workerData)`;
      const worker = new Worker(source, { eval: true, workerData });
      await once(worker, 'message');
      await worker.terminate();
      // They get the numbers that the worker had.
      const names = Array.from({ length: 40 }, (_, i) => world.file(`victim ${i}`));
      const victims = names.map((name) => fs.openSync(name, 'w'));
      await drain(reader);
      for (const [i, fd] of victims.entries()) {
        const message = `round ${round}: descriptor ${fd} is still ours`;
        assert.doesNotThrow(() => fs.closeSync(fd), message);
        assert.strictEqual(fs.statSync(names[i]).size, 0, `round ${round}: victim ${i}`);
      }
    }
    fs.closeSync(reader);
  });
}

/** How long the pipe has to stay empty: no driver is at work any more. */
const QUIET_MS = 20;

/** Lets a driver that waits for the reader go on. */
async function drain(reader) {
  let lastMs = performance.now();
  while (performance.now() - lastMs < QUIET_MS) {
    if (readOnce(reader) > 0) lastMs = performance.now();
    else await nextTurn();
  }
}

function readOnce(reader) {
  try {
    return fs.readSync(reader, Buffer.alloc(1 << 16));
  } catch (error) {
    assert.strictEqual(error.code, 'EAGAIN');
    return 0;
  }
}
