'use strict';

// The soak: files, sockets, workers and faults in one process for a long time. Memory, descriptors
// and threads must stay where they were after the first tenth.
//
//   node scripts/soak.js [seconds]     600 by default

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { connect, createWriteStream } = require('..');

/** What V8's moods come to. */
const SLACK_MIB = 24;

/** How often memory and descriptors are looked at. */
const SAMPLES = 60;

const lines = Array.from({ length: 64 }, (_unused, i) => `${i} ${'.'.repeat((i * 37) % 180)}\n`);

/** Writes for a moment with regard to the answers; returns the digest of what was written. */
async function writeSome(stream) {
  const hash = crypto.createHash('sha1');
  for (let i = 0; i < 2000; i++) {
    const chunk = i % 50 === 0 ? Buffer.alloc(20_000, i) : lines[i % lines.length];
    hash.update(chunk);
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  return hash;
}

/** One unit of work each; every one checks what came of it. */
const loads = {
  async file({ folder, next }) {
    const file = path.join(folder, `file-${next()}`);
    const stream = createWriteStream(file);
    const hash = await writeSome(stream);
    if (next() % 3 === 0) stream.flushSync();
    stream.end();
    await once(stream, 'close');
    const read = crypto.createHash('sha1').update(fs.readFileSync(file));
    assert.strictEqual(read.digest('hex'), hash.digest('hex'));
    fs.unlinkSync(file);
  },

  async 'short files'({ folder, next }) {
    for (let i = 0; i < 30; i++) {
      const file = path.join(folder, `short-${next()}`);
      await new Promise((resolve) => createWriteStream(file).end('short').on('close', resolve));
      assert.strictEqual(fs.readFileSync(file, 'latin1'), 'short');
      fs.unlinkSync(file);
    }
  },

  async socket({ port }) {
    const socket = connect(port, '127.0.0.1');
    const read = crypto.createHash('sha1');
    socket.on('data', (data) => read.update(data));
    const hash = await writeSome(socket);
    socket.end();
    await once(socket, 'close');
    assert.strictEqual(read.digest('hex'), hash.digest('hex'));
  },

  async 'failing streams'({ folder }) {
    for (const file of ['/dev/full', path.join(folder, 'no/folder'), folder]) {
      const stream = createWriteStream(file);
      stream.write(lines[0]);
      const [error] = await once(stream, 'error');
      assert.ok(['ENOSPC', 'ENOENT', 'EISDIR'].includes(error.code), error.code);
      if (!stream.closed) await once(stream, 'close');
    }
  },

  async 'a stalled pipe'({ fifo }) {
    const { O_WRONLY, O_NONBLOCK } = fs.constants;
    const fd = fs.openSync(fifo, O_WRONLY | O_NONBLOCK);
    const options = { fd, maxBuffered: 200_000, overflow: 'drop' };
    const stream = createWriteStream('', options);
    let dropped = 0;
    stream.on('drop', ({ writes }) => {
      dropped += writes;
    });
    for (let i = 0; i < 100; i++) stream.write(Buffer.alloc(10_000));
    await nextTurn();
    assert.ok(dropped > 0);
    assert.throws(() => stream.flushSync({ timeout: 1 }), { code: 'ERR_RUSHWRITE_TIMEOUT' });
    stream.destroy();
    await once(stream, 'close');
  },

  async 'a worker that is terminated'({ folder, next }) {
    const file = path.join(folder, `worker-${next()}`);
    const worker = new Worker(__filename, { workerData: { file } });
    await once(worker, 'message');
    await worker.terminate();
    fs.unlinkSync(file);
  },

  async 'streams that are dropped'({ folder, next }) {
    const file = path.join(folder, `dropped-${next()}`);
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => createWriteStream(file).write('x', resolve));
    }
    fs.unlinkSync(file);
  },
};

function writeForEver({ file }) {
  const { parentPort } = require('node:worker_threads');
  const stream = createWriteStream(file);
  stream.write('x', () => parentPort.postMessage('writing'));
  const burst = () => {
    for (let i = 0; i < 1000; i++) stream.write(lines[i % lines.length]);
    if (stream.writableNeedDrain) stream.once('drain', burst);
    else setImmediate(burst);
  };
  burst();
}

function measure() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  return {
    mib: process.memoryUsage().rss / 2 ** 20,
    descriptors: fs.readdirSync('/proc/self/fd').length,
    threads: fs.readdirSync('/proc/self/task').length,
  };
}

async function main(seconds) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-soak-'));
  const fifo = path.join(folder, 'fifo');
  spawnSync('mkfifo', [fifo]);
  const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const echo = net.createServer({ allowHalfOpen: true }, (peer) => peer.pipe(peer));
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  let number = 0;
  const world = { folder, fifo, port: echo.address().port, next: () => number++ };

  const startMs = performance.now();
  const isOver = () => performance.now() - startMs > seconds * 1000;
  const done = Object.fromEntries(Object.keys(loads).map((name) => [name, 0]));
  const samples = [];
  while (!isOver()) {
    const untilMs = performance.now() + (seconds * 1000) / SAMPLES;
    const work = async ([name, load]) => {
      while (performance.now() < untilMs) {
        await load(world);
        done[name]++;
      }
    };
    await Promise.all(Object.entries(loads).map(work));
    // Descriptors of dropped streams come back with the collector, whose finalizers have tasks.
    globalThis.gc();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    samples.push(measure());
  }

  echo.close();
  fs.closeSync(reader);
  fs.rmSync(folder, { recursive: true });
  report(seconds, done, samples);
}

function report(seconds, done, samples) {
  const settled = samples.slice(Math.ceil(samples.length / 10));
  const range = (name) => {
    const values = settled.map((sample) => Math.round(sample[name]));
    return [values[0], Math.min(...values), Math.max(...values), values.at(-1)];
  };
  const figures = {};
  for (const name of ['mib', 'descriptors', 'threads']) {
    const [first, least, most, last] = range(name);
    figures[name] = { first, least, most, last };
  }
  console.log(JSON.stringify({ seconds, done, ...figures }, null, 2));
  for (const count of Object.values(done)) assert.ok(count > 0);
  assert.ok(figures.mib.last <= figures.mib.first + SLACK_MIB, 'memory grows');
  assert.ok(figures.descriptors.last <= figures.descriptors.first + 12, 'descriptors are left');
  assert.ok(figures.threads.most <= figures.threads.first + 16, 'threads grow');
}

if (!isMainThread) {
  writeForEver(workerData);
} else if (globalThis.gc === undefined) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  main(Number(process.argv[2] ?? 600));
}
