'use strict';

// The benchmark suite with little data: it measures and checks what was written.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { checkFiles, checkParts, expectedOutput } = require('../../benchmark/check/checksum.js');
const { LaneSum } = require('../../benchmark/check/lane-sum.js');
const { TARGETS, checkRows, readTargets } = require('../../benchmark/check/targets.js');
const { chartsOf } = require('../../benchmark/plots/charts.js');
const { TABLES } = require('../../benchmark/plots/tables.js');
const { newestRows } = require('../../benchmark/run/record.js');
const { percentiles } = require('../../benchmark/run/statistics.js');
const { findWorkload } = require('../../benchmark/workloads/index.js');
const { makeFolder, removeFolder } = require('../harness/folder');

const BENCH = path.join(__dirname, '..', '..', 'benchmark', 'bench.js');

test('a file row and a socket row are measured, checked and recorded', async () => {
  await inFolder((dir) => {
    const json = path.join(dir, 'result.json');
    const args = ['--quick', '--pairs', '1', '--dir', dir, '--json', json];
    const { status, stdout, stderr } = bench('buffers-4k', 'socket-echo', ...args);
    assert.strictEqual(status, 0, stderr);
    assert.match(stdout, /Buffers of 4 KiB/);
    const { rows, isQuick } = JSON.parse(fs.readFileSync(json, 'utf8'));
    assert.strictEqual(isQuick, true);
    assert.deepStrictEqual(
      rows.map(({ name, phase, bytes, failures }) => [name, phase, bytes, failures]),
      [
        ['buffers-4k', 'fresh', 1_000 * 4096, []],
        ['buffers-4k', 'steady', 1_000 * 4096, []],
        ['socket-echo', 'fresh', 100 * 64, []],
        ['socket-echo', 'steady', 100 * 64, []],
      ],
    );
    assert.deepStrictEqual(
      rows[0].samples.fs.map(({ seconds }) => seconds > 0),
      [true],
    );
    assert.deepStrictEqual(
      chartsOf(newestRows([json])).map(([name]) => name),
      ['latency'],
    );
    assert.match(TABLES.rows(newestRows([json])), /\| Buffers of 4 KiB \| .*×/);
    for (const { figures } of rows) {
      for (const { seconds, cpuSeconds, peakRssBytes, loopDelayMs } of figures) {
        assert.ok(seconds.median > 0 && cpuSeconds > 0 && peakRssBytes > 0);
        assert.ok(loopDelayMs.p50 <= loopDelayMs.p99 && loopDelayMs.p99 <= loopDelayMs.max);
      }
    }
    assert.ok(rows[2].figures[0].latencyUs.p50 > 0);
    assert.deepStrictEqual(fs.readdirSync(dir), ['result.json']);
  });
});

test('a run whose rows fail ends with an error', async () => {
  await inFolder((dir) => {
    const preload = path.join(dir, 'lossy.js');
    fs.writeFileSync(preload, `(${loseLastByte})()`);
    const { status, stderr } = bench('buffers-4k', '--quick', '--pairs', '1', '--dir', dir, {
      NODE_OPTIONS: `--require ${preload}`,
    });
    assert.strictEqual(status, 1);
    assert.match(
      stderr,
      /Failed: buffers-4k \(fresh\) with fs .* 0\.out does not hold what was written to it/,
    );
  });
});

/** Makes a stream lose its last byte, in the measured process only. */
function loseLastByte() {
  if (!process.argv[1]?.endsWith('run/child.js')) return;
  const fs = require('node:fs');
  const { createWriteStream } = fs;
  fs.createWriteStream = (file, options) => {
    const stream = createWriteStream(file, options);
    stream.on('close', () => fs.truncateSync(file, fs.statSync(file).size - 1));
    return stream;
  };
}

const NO_SIGNALS = process.platform === 'win32' && 'Windows has no signals';

test('a crashed run is made again, and reported', { skip: NO_SIGNALS }, async () => {
  await inFolder((dir) => {
    const json = path.join(dir, 'result.json');
    const preload = path.join(dir, 'crashing.js');
    fs.writeFileSync(preload, `(${crashOnce})(${JSON.stringify(path.join(dir, 'crashed'))})`);
    const args = ['--quick', '--pairs', '1', '--phase', 'fresh', '--dir', dir, '--json', json];
    const { status } = bench('buffers-4k', ...args, { NODE_OPTIONS: `--require ${preload}` });
    const [{ samples, failures }] = JSON.parse(fs.readFileSync(json, 'utf8')).rows;
    assert.deepStrictEqual(Object.keys(samples), ['fs', 'rushwrite']);
    assert.deepStrictEqual([status, failures.length], [1, 1]);
    assert.match(failures[0], /buffers-4k \(fresh\) with fs .* ended with SIGKILL/);
  });
});

/** Kills the first process that measures. */
function crashOnce(mark) {
  const fs = require('node:fs');
  if (!process.argv[1]?.endsWith('run/child.js') || fs.existsSync(mark)) return;
  fs.writeFileSync(mark, '');
  process.kill(process.pid, 'SIGKILL');
}

test('the sum of a receiver tells bytes that are lost, changed or in another place', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 251));
  const changed = Buffer.from(bytes);
  changed[500] ^= 1;
  const swapped = Buffer.concat([
    bytes.subarray(32, 64),
    bytes.subarray(0, 32),
    bytes.subarray(64),
  ]);
  const digests = [bytes, bytes.subarray(1), changed, swapped].map(sumOf);
  assert.strictEqual(new Set(digests).size, 4);
  const inParts = new LaneSum();
  for (const part of [0, 1, 33, 40, 999]) inParts.update(bytes.subarray(part, nextOf(part)));
  assert.strictEqual(inParts.digest(), digests[0]);
});

function sumOf(bytes) {
  return new LaneSum().update(bytes).digest();
}

function nextOf(part) {
  return { 0: 1, 1: 33, 33: 40, 40: 999, 999: 1000 }[part];
}

test('files are compared with what the generator gives', async () => {
  const workload = { files: 2, writes: 3, makeChunk: () => (i) => `${i}\n` };
  const expected = await expectedOutput(workload);
  await inFolder(async (dir) => {
    fs.writeFileSync(path.join(dir, '0.out'), '0\n1\n2\n');
    fs.writeFileSync(path.join(dir, '1.out'), '3\n4\n5\n');
    await checkFiles(dir, expected);
    fs.writeFileSync(path.join(dir, '1.out'), '3\n5\n4\n');
    await assert.rejects(checkFiles(dir, expected), /1\.out does not hold/);
  });
});

test('a file in parts is compared as one, and no part may be too large', async () => {
  const expected = await expectedOutput({ files: 1, writes: 6, makeChunk: () => (i) => `${i}\n` });
  await inFolder(async (dir) => {
    fs.writeFileSync(path.join(dir, '0-1.out'), '0\n1\n2\n');
    fs.writeFileSync(path.join(dir, '0.out'), '3\n4\n5\n');
    await checkParts(dir, expected, 6);
    await assert.rejects(checkParts(dir, expected, 5), /too large/);
    fs.renameSync(path.join(dir, '0-1.out'), path.join(dir, '1.out'));
    await assert.rejects(checkParts(dir, expected, 6), /not what was written/);
  });
});

test('each target names a row that is measured, and is held or missed by its figures', () => {
  const targets = readTargets(TARGETS);
  for (const { row, phase } of targets.rows) {
    assert.ok(findWorkload(row).phases.includes(phase), `${row} ${phase}`);
  }
  const figures = (peer, ratio, mebibytes) => ({
    peer,
    ratio: { median: ratio },
    cpuSeconds: 1 / ratio,
    peakRssBytes: mebibytes * 1024 * 1024,
    loopDelayMs: { p99: 1 },
  });
  const lines = { name: 'lines', kind: 'file', phase: 'fresh', node: '26.1.0', baseline: 'fs' };
  const heldWith = (ours) =>
    Object.fromEntries(
      checkRows(targets, [{ ...lines, figures: [figures('fs', 1, 60), ...ours] }]).map(
        ({ target, isHeld }) => [target.figure, isHeld],
      ),
    );
  const all = { ratio: true, extraLoopDelayP99: true, extraMemory: true, cpuShare: true };
  assert.deepStrictEqual(heldWith([figures('rushwrite', 5, 60)]), all);
  assert.deepStrictEqual(heldWith([figures('rushwrite', 3, 80)]), {
    ...all,
    ratio: false,
    extraMemory: false,
  });
  assert.ok(Object.values(heldWith([])).every((isHeld) => !isHeld));
});

test('a percentile is the value that so many percent do not exceed', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.deepStrictEqual(percentiles(values), { p50: 100, p99: 198, max: 200 });
  assert.deepStrictEqual(percentiles([7]), { p50: 7, p99: 7, max: 7 });
});

/** Runs the suite; a last argument that is an object is the environment. */
function bench(...args) {
  const env = typeof args.at(-1) === 'object' ? args.pop() : {};
  return spawnSync(process.execPath, [BENCH, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

async function inFolder(body) {
  const dir = makeFolder();
  try {
    await body(dir);
  } finally {
    removeFolder(dir);
  }
}
