'use strict';

/**
 * `npm run demo`: a million log records through `fs.createWriteStream` and through rushwrite, each
 * in a process of its own; the same bytes, and what each took. Exit code 1 if the files differ.
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { SingleBar, Presets } = require('cli-progress');
const { sumOfFile } = require('./check/checksum.js');
const { measure } = require('./run/measure.js');
const { findPeer } = require('./peers/index.js');
const { makeTable } = require('./run/report.js');
const { makeScratch, settleDisk } = require('./run/scratch.js');

const MIB = 1024 * 1024;
const HEAD = ['', 'seconds', 'MB/s', 'CPU seconds', 'peak MiB', 'event loop p99 ms'];

async function main() {
  const { records, dir } = readOptions();
  const folder = makeScratch(dir);
  console.log(`${records.toLocaleString('en')} NDJSON log records, written to ${folder}\n`);
  const results = [];
  for (const peer of ['fs', 'rushwrite'].map(findPeer)) {
    results.push(await writeRecords(peer, records, path.join(folder, peer.name)));
  }
  printResults(results);
  printSums(results);
}

function readOptions() {
  const { values } = parseArgs({
    options: { records: { type: 'string', default: '1000000' }, dir: { type: 'string' } },
  });
  const records = Number(values.records);
  if (!Number.isInteger(records) || records < 1) {
    throw new RangeError(`--records takes a number from 1, not ${values.records}`);
  }
  return { records, dir: values.dir };
}

async function writeRecords(peer, records, folder) {
  fs.mkdirSync(folder);
  settleDisk();
  const bar = progressBar(peer.title);
  bar.start(records, 0);
  const run = {
    workload: 'log-records',
    folder,
    files: 1,
    writes: records,
    warmUpMs: 0,
    warmBytes: 0,
  };
  const result = await measure(peer, run, { onProgress: (count) => bar.update(count) });
  bar.update(records);
  bar.stop();
  return { ...result, title: peer.title, ...sumOfFile(path.join(folder, '0.out')) };
}

function progressBar(title) {
  const format = `${title.padEnd(22)} {bar} {percentage}% | {value} of {total} | {duration_formatted}`;
  return new SingleBar({ format, noTTYOutput: true, hideCursor: true }, Presets.shades_classic);
}

function printResults(results) {
  const table = makeTable(HEAD, 1);
  for (const { title, bytes, seconds, cpuSeconds, peakRssBytes, loopDelayMs } of results) {
    table.push([
      title,
      seconds.toFixed(2),
      (bytes / seconds / 1e6).toFixed(0),
      cpuSeconds.toFixed(2),
      (peakRssBytes / MIB).toFixed(0),
      loopDelayMs.p99.toFixed(1),
    ]);
  }
  console.log(`\n${table.toString()}\n`);
}

function printSums(results) {
  for (const { title, digest, bytes } of results) {
    console.log(`${title.padEnd(22)} ${(bytes / 1e6).toFixed(1)} MB  sum ${digest}`);
  }
  const [theirs, ours] = results;
  if (theirs.digest !== ours.digest) {
    console.error('\nThe files differ.');
    process.exitCode = 1;
    return;
  }
  const ratio = (theirs.seconds / ours.seconds).toFixed(1);
  console.log(`\nThe files are equal; rushwrite was ${ratio} times as fast.`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
