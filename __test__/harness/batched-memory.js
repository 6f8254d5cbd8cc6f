'use strict';

// A process that writes 50 MB of 20-byte strings to a batched sink. It prints the bytes that the sink
// got, and by how much more the greatest resident size is than with batches of 1 MiB.

const { once } = require('node:events');
const fs = require('node:fs');
const { Writable } = require('../..');

const STRINGS = 2_500_000;

async function write(strings, batchSize) {
  let bytes = 0;
  const sink = new Writable({
    batchSize,
    batchDelay: Infinity,
    write(chunk, _encoding, callback) {
      bytes += chunk.length;
      setImmediate(callback);
    },
  });
  for (let i = 0; i < strings; i++) {
    if (!sink.write(`line ${i % 10_000} of a log\n`.padEnd(20))) await once(sink, 'drain');
  }
  sink.end();
  await once(sink, 'finish');
  return bytes;
}

function peakBytes() {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'));
  return Number(kib) * 1024;
}

async function main(batchSize) {
  // The heap of V8 has reached its size, too, by then.
  for (let round = 0; round < 3; round++) await write(STRINGS, 1024 * 1024);
  globalThis.gc();
  const baseBytes = peakBytes();
  const bytes = await write(STRINGS, batchSize);
  console.log(JSON.stringify({ bytes, beyondBytes: peakBytes() - baseBytes }));
}

main(Number(process.argv[2]));
