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
  const sums = [];
  for (let file = 0; file < files; file += 1) {
    sums.push(await sumOf(batches(chunk, file * writes, (file + 1) * writes)));
    await new Promise(setImmediate); // Signals and the progress bar have their turn.
  }
  const bytes = sums.reduce((total, sum) => total + sum.bytes, 0);
  return { bytes, digests: sums.map(({ digest }) => digest) };
}

/** `{ bytes, digest }` of parts, one after the other. */
async function sumOf(parts) {
  const sum = new LaneSum();
  for await (const part of parts) sum.update(part);
  return { bytes: sum.bytes, digest: sum.digest() };
}

async function* contentOf(files) {
  for (const file of files) yield* fs.createReadStream(file, { highWaterMark: BATCH_BYTES });
}

/** Throws unless `folder` holds exactly what was expected. */
async function checkFiles(folder, expected) {
  const files = expected.digests.map((_, file) => path.join(folder, `${file}.out`));
  const sums = [];
  for (const [file, name] of files.entries()) {
    const sum = await sumOf(contentOf([name]));
    if (sum.digest !== expected.digests[file]) {
      throw new Error(`${file}.out does not hold what was written to it`);
    }
    sums.push(sum);
  }
  checkReports(sums, expected);
}

/** The same for one file that was written in parts of so many bytes at most; their names are in order. */
async function checkParts(folder, expected, partBytes) {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.out'));
  const files = names.sort().map((name) => path.join(folder, name));
  const isLarge = (file) => fs.statSync(file).size > partBytes;
  if (files.some(isLarge)) throw new Error('a part is too large');
  checkReports([await sumOf(contentOf(files))], expected);
}

/** The same of what came through each connection. They are accepted in any order. */
function checkReports(reports, { bytes, digests }) {
  const failed = reports.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(`the receiver failed: ${failed.error}`);
  const arrived = reports.reduce((total, report) => total + report.bytes, 0);
  if (arrived !== bytes) throw new Error(`${arrived} bytes arrived, ${bytes} expected`);
  const wanted = [...digests].sort();
  const came = reports.map(({ digest }) => digest).sort();
  if (came.some((digest, i) => digest !== wanted[i])) {
    throw new Error('what arrived is not what was written');
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

module.exports = { expectedOutput, sumOf, checkFiles, checkParts, checkReports, writeSource };
