'use strict';

// A power failure behind every single system call, simulated: strace writes down the calls of a program, and a
// model of the disk keeps only what was synced. All that the program was told must be in it.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const DiskModel = require('../harness/disk-model');
const { makeFolder } = require('../harness/folder');
const { recordOf, versionOf } = require('../harness/replacing');
const { report, rounds } = require('../harness/scale');

const SEEDS = rounds(2, 20);
const ROUNDS = 12;
const LIMIT_MS = 60_000;

const CALLS = [
  '?open,openat,close,write,writev,fsync,fdatasync',
  '?rename,?renameat,renameat2,unlinkat',
].join();
const { status } = spawnSync('strace', ['-f', 'true'], { stdio: 'ignore' });
const NO_STRACE = status === 0 ? false : 'needs strace and the right to trace';

for (const [what, check] of Object.entries({ atomic: checkVersion, journal: checkRecords })) {
  test(`${what}: the power fails behind each call`, { skip: NO_STRACE }, async (t) => {
    let moments = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { file, lines } = await trace(t, what, seed);
      const model = new DiskModel(path.dirname(file));
      if (what === 'atomic') model.put(file, versionOf(0), versionOf(0).length);
      for (const line of lines) {
        if (!model.apply(line)) continue;
        moments++;
        check(model, file, `seed ${seed}, behind ${line}`);
      }
      assert.ok(model.told > 0, 'the program was told nothing');
    }
    assert.ok(moments > ROUNDS * SEEDS * 3, `${moments} moments`);
    report(t, `${what}: ${moments} moments`);
  });
}

async function trace(t, what, seed) {
  const dir = makeFolder(t);
  const file = path.join(dir, 'target');
  const log = path.join(dir, 'trace');
  if (what === 'atomic') fs.writeFileSync(file, versionOf(0));
  const program = [require.resolve('../harness/replacing'), what, `${seed}`, file, `${ROUNDS}`];
  const options = ['-f', '-qq', '-s', '64', '-o', log, '-e', `trace=${CALLS}`];
  const args = [...options, process.execPath, ...program];
  const child = spawn('strace', args, { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  const { code, stderr } = await outcomeOf(child);
  assert.strictEqual(code, 0, stderr);
  return { file, lines: fs.readFileSync(log, 'latin1').split('\n') };
}

/** Whichever names were on the disk: one version, whole, and under the safe ones not older than was told. */
function checkVersion(model, file, context) {
  const [safe, other] = model.afterPowerLoss(file);
  for (const { head, length } of [safe, other]) {
    const version = Number.parseInt(head, 10);
    assert.strictEqual(length, versionOf(version).length, `torn, ${context}`);
  }
  assert.ok(Number.parseInt(safe.head, 10) >= model.told, `${safe.head} is too old, ${context}`);
}

const ENDS = [0];
for (let i = 0; i < ROUNDS * 20; i++) ENDS.push(ENDS[i] + recordOf(i).length);

function checkRecords(model, file, context) {
  const [safe] = model.afterPowerLoss(file);
  assert.ok((safe?.length ?? 0) >= ENDS[model.told], `${model.told} records told, ${context}`);
}
