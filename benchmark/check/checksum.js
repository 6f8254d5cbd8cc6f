'use strict';

/** What a workload should write, from its generator, and whether it is in the files. */

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

const BATCH_BYTES = 1024 * 1024;

/** The bytes of chunks `from` to `to` in batches of about a MiB; hashing each chunk would be slow. */
function* batches(chunk, from, to) {
  let parts = [];
  let bytes = 0;
  for (let i = from; i < to; i += 1) {
    const part = chunk(i);
    parts.push(part);
    bytes += part.length;
    if (bytes >= BATCH_BYTES) {
      yield joined(parts);
      parts = [];
      bytes = 0;
    }
  }
  yield joined(parts);
}

/** No workload splits a surrogate pair over two chunks, so strings may be joined first. */
function joined(parts) {
  return typeof parts[0] === 'string' ? Buffer.from(parts.join('')) : Buffer.concat(parts);
}

/** The checksum of files: SHA-256. They are read after the run, when its price does not matter. */
function makeFileSum() {
  const hash = createHash('sha256');
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest('hex') };
}

/** `{ bytes, digests }`: the size in all, and one digest per file, of the sums that `makeSum` makes. */
async function expectedOutput({ files, writes, makeChunk }, makeSum) {
  const chunk = makeChunk();
  const digests = [];
  let bytes = 0;
  for (let file = 0; file < files; file += 1) {
    const sum = makeSum();
    for (const batch of batches(chunk, file * writes, (file + 1) * writes)) {
      sum.update(batch);
      bytes += batch.length;
      await nextTurn();
    }
    digests.push(sum.digest());
  }
  return { bytes, digests };
}

/** Lets signals and the progress bar have their turn. */
function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

async function hashFile(file) {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: BATCH_BYTES }), hash);
  return hash.digest('hex');
}

/** Throws unless `folder` holds exactly what was expected. */
async function checkFiles(folder, expected) {
  let bytes = 0;
  for (const [file, digest] of expected.digests.entries()) {
    const output = path.join(folder, `${file}.out`);
    bytes += fs.statSync(output).size;
    if ((await hashFile(output)) !== digest) {
      throw new Error(`${path.basename(output)} does not hold what was written to it`);
    }
  }
  if (bytes !== expected.bytes) {
    throw new Error(`${bytes} bytes in the files, ${expected.bytes} expected`);
  }
}

/** Writes all chunks to one file and waits for the disk, so that no later run pays for it. */
function writeSource(file, { writes, makeChunk }) {
  const fd = fs.openSync(file, 'w');
  for (const batch of batches(makeChunk(), 0, writes)) {
    fs.writeFileSync(fd, batch);
  }
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

module.exports = { makeFileSum, expectedOutput, hashFile, checkFiles, writeSource };
