'use strict';

// A process with workers that write: half of them to the end, half until they are terminated.
//
//   node swarm.js <folder> <seed> <rounds> [leave]     "leave": the process exits meanwhile

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { createWriteStream } = require('../..');
const { recordOf } = require('./crashing');
const { numbersOf } = require('./scale');

const WORKERS = 4;

function work({ file, records, accepted }) {
  const stream = createWriteStream(file, { bufferSize: 50_000 });
  let i = 0;
  const write = () => {
    while (i < records) {
      const answer = stream.write(recordOf(i++));
      accepted[0] = i;
      if (!answer) return stream.once('drain', write);
    }
    stream.end(() => parentPort.postMessage('finished'));
  };
  write();
}

/** Workers at once, each with a file of its own; half are terminated at a random moment. */
async function round(folder, number, next) {
  const own = createWriteStream(path.join(folder, `main-${number}`));
  const ends = Array.from({ length: WORKERS }, async (_unused, i) => {
    const file = path.join(folder, `${number}-${i}`);
    const accepted = new Int32Array(new SharedArrayBuffer(4));
    const records = 1 + next(20_000);
    const isTerminated = i % 2 === 0;
    const worker = new Worker(__filename, { workerData: { swarm: { file, records, accepted } } });
    let isFinished = false;
    worker.on('message', () => {
      isFinished = true;
    });
    const exited = new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
    if (isTerminated) await reaches(accepted, next(records), worker);
    const code = await exited;
    own.write(`${number} ${i}\n`);
    if (!isTerminated) assert.ok(isFinished && code === 0);
    return { file, accepted: accepted[0], isFinished };
  });
  const files = await Promise.all(ends);
  await new Promise((resolve) => own.end(resolve));
  for (const end of files) check(end);
}

function reaches(accepted, goal, worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (accepted[0] < goal) return setImmediate(look);
      worker.terminate();
      resolve();
    };
    look();
  });
}

function check({ file, accepted, isFinished }) {
  // Bytes of a terminated worker may still be in Rust, so the file need only be a prefix.
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : '';
  let at = 0;
  let i = 0;
  for (; at < text.length; i++) {
    const record = recordOf(i);
    assert.ok(record.startsWith(text.slice(at, at + record.length)), `torn at ${i} in ${file}`);
    at += record.length;
  }
  if (isFinished) assert.strictEqual(i, accepted);
  // The worker may be terminated between a write and its count.
  else assert.ok(i <= accepted + 1, `${i} records of ${accepted}`);
}

async function main([folder, seed, rounds, leave]) {
  const next = numbersOf(Number(seed));
  for (let number = 0; number < Number(rounds); number++) {
    const running = round(folder, number, next);
    if (leave === 'leave') {
      const turns = next(5000);
      for (let turn = 0; turn < turns; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      createWriteStream(path.join(folder, 'last')).write('of the main thread');
      process.exit(0);
    }
    await running;
  }
  console.log('done');
}

if (isMainThread) main(process.argv.slice(2));
else work(workerData.swarm);
