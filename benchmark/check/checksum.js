'use strict';

/** What a workload should write, from its generator, and whether it is what arrived. */

const fs = require('node:fs');
const path = require('node:path');
const { LaneSum } = require('./lane-sum.js');

const BATCH_BYTES = 1024 * 1024;

/** The bytes of chunks `from` to `to` in batches of about a MiB; adding up each chunk would be slow. */
function* batches(chunk, from, to) {
  let parts = [];
  let bytes = 0;
  for (let i = from; i < to; i += 1) {
    const part = chunk(i);
    parts.push(part);
    bytes += part.length;
    if (bytes >= BATCH_BYTES || i === to - 1) {
      // No workload splits a surrogate pair over two chunks, so strings may be joined first.
      yield typeof part === 'string' ? Buffer.from(parts.join('')) : Buffer.concat(parts);
      parts = [];
      bytes = 0;
    }
  }
}

/** `{ bytes, digests }`: the size in all, and one digest for each file or socket. */
async function expectedOutput({ files, writes, makeChunk }) {
  const chunk = makeChunk();
  const digests = [];
  let bytes = 0;
  for (let file = 0; file < files; file += 1) {
    const sum = new LaneSum();
    for (const batch of batches(chunk, file * writes, (file + 1) * writes)) {
      sum.update(batch);
      bytes += batch.length;
      await new Promise(setImmediate); // Signals and the progress bar have their turn.
    }
    digests.push(sum.digest());
  }
  return { bytes, digests };
}

/** `{ bytes, digest }` of a file. */
function sumOfFile(file) {
  const memory = Buffer.allocUnsafe(BATCH_BYTES);
  const sum = new LaneSum();
  const fd = fs.openSync(file);
  try {
    let bytes = 0;
    for (;;) {
      const count = fs.readSync(fd, memory);
      if (count === 0) return { bytes, digest: sum.digest() };
      bytes += count;
      sum.update(memory.subarray(0, count));
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Throws unless `folder` holds exactly what was expected. */
function checkFiles(folder, expected) {
  let bytes = 0;
  for (const [file, digest] of expected.digests.entries()) {
    const sum = sumOfFile(path.join(folder, `${file}.out`));
    bytes += sum.bytes;
    if (sum.digest !== digest) throw new Error(`${file}.out does not hold what was written to it`);
  }
  checkBytes(bytes, expected);
}

/** The same of what a receiver reported of each connection. They are accepted in any order. */
function checkReports(reports, expected) {
  const digests = reports.map(({ digest }) => digest).sort();
  const wanted = [...expected.digests].sort();
  checkBytes(
    reports.reduce((sum, { bytes }) => sum + bytes, 0),
    expected,
  );
  if (digests.some((digest, i) => digest !== wanted[i])) {
    throw new Error('what was received is not what was written');
  }
}

function checkBytes(bytes, expected) {
  if (bytes !== expected.bytes) {
    throw new Error(`${bytes} bytes arrived, ${expected.bytes} expected`);
  }
}

/** Writes all chunks to one file and waits for the disk, so that no later run pays for it. */
function writeSource(file, { files, writes, makeChunk }) {
  const fd = fs.openSync(file, 'w');
  for (const batch of batches(makeChunk(), 0, files * writes)) {
    fs.writeFileSync(fd, batch);
  }
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

module.exports = { expectedOutput, sumOfFile, checkFiles, checkReports, writeSource };
