'use strict';

// A program that writes numbered records and ends while it writes, in the way its arguments name.
// Reports how many records were accepted, in shared memory or on stdout.
//
//   node crashing.js <way> <seed> <file>

const fs = require('node:fs');
const path = require('node:path');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { numbersOf } = require('./scale');

/** The bytes of a record. */
function recordOf(i) {
  return `${i} ${'.'.repeat((i * 7919) % 211)}\n`;
}

/** Writes a string, a Buffer, or an encoding that goes through the queue of `Writable`. */
function writeRecord(stream, i, next) {
  const record = recordOf(i);
  switch (next(10)) {
    case 0:
      return stream.write(Buffer.from(record));
    case 1:
      return stream.write(record, 'latin1');
    default:
      return stream.write(record);
  }
}

/** Ends the process or the worker. In the other ways somebody else does, at a random moment. */
const endings = {
  return: (stream) => stream.end(),
  exit: () => process.exit(0),
  throw() {
    throw new Error('on purpose');
  },
  reject: () => Promise.reject(new Error('on purpose')),
  'worker-exit': () => process.exit(0),
};

/** Writes in bursts, some of which ignore `false`, until the end. */
function write(way, seed, file, accepted) {
  const { createWriteStream } = require(path.join(__dirname, '..', '..'));
  const next = numbersOf(seed);
  const stream = createWriteStream(file, { bufferSize: [0, 1000, 100_000, 1 << 20][next(4)] });
  const isStruck = ['signal', 'kill', 'worker-terminate'].includes(way);
  const isPatient = isStruck || next(2) === 0;
  const lastBurst = isStruck ? Infinity : next(30);
  let bursts = 0;
  let i = 0;

  const burst = () => {
    const isCorked = next(4) === 0;
    if (isCorked) stream.cork();
    let answer = true;
    for (let left = next(400); left > 0 && (answer || !isPatient); left--) {
      answer = writeRecord(stream, i++, next);
      accepted[0] = i;
    }
    if (bursts++ === lastBurst) return endings[way](stream);
    // Waiting for 'drain' needs uncork(); otherwise the stream may stay corked to the end.
    if (isCorked) stream.uncork();
    if (answer || !isPatient) later();
    else stream.once('drain', later);
  };
  const later = () => [setImmediate, process.nextTick][next(2)](burst);
  burst();
}

/** The recipe of docs/guarantees.md. */
function exitOnSignal() {
  process.once('SIGTERM', () => process.exit(128 + 15));
}

function main(way, seed, file) {
  const accepted = new Int32Array(new SharedArrayBuffer(4));
  if (way === 'signal') exitOnSignal();
  // Registered first, so it runs before the stream's own exit listener.
  process.on('exit', () => fs.writeSync(1, `${accepted[0]}\n`));
  if (!way.startsWith('worker-')) return write(way, seed, file, accepted);
  const worker = new Worker(__filename, { workerData: { way, seed, file, accepted } });
  if (way === 'worker-terminate') terminate(worker, accepted, numbersOf(seed)(5000));
}

function terminate(worker, accepted, goal) {
  if (accepted[0] >= goal) worker.terminate();
  else setImmediate(terminate, worker, accepted, goal);
}

if (!isMainThread && workerData?.way) {
  const { way, seed, file, accepted } = workerData;
  write(way, seed, file, accepted);
} else if (require.main === module) {
  const [way, seed, file] = process.argv.slice(2);
  main(way, Number(seed), file);
}

module.exports = {
  recordOf,
  ways: [...Object.keys(endings), 'signal', 'kill', 'worker-terminate'],
};
