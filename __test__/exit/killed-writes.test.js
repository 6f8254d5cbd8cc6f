'use strict';

// SIGKILL at random moments: an atomic target is always one version, whole, and not older than the last one
// that was told; what `sync()` has told is in the file.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const { makeFolder } = require('../harness/folder');
const { recordOf, versionOf } = require('../harness/replacing');
const { numbersOf, report, rounds } = require('../harness/scale');

const ROUNDS = rounds(12, 200);
const TOGETHER = 4;

/** A process that says nothing for so long has hung. */
const LIMIT_MS = 60_000;

/** What a user looks for; see docs/exit.md. */
const TEMPORARY = /^\.target\.rushwrite-[a-z2-9]{8}\.tmp$/;

for (const [what, check] of Object.entries({ atomic: checkVersion, journal: checkRecords })) {
  test(`${what}: killed ${ROUNDS} times at random moments`, async (t) => {
    const folder = makeFolder(t);
    const told = [];
    for (let seed = 1; seed <= ROUNDS; seed += TOGETHER) {
      const seeds = Array.from({ length: TOGETHER }, (_, i) => seed + i).filter((s) => s <= ROUNDS);
      told.push(...(await Promise.all(seeds.map((one) => kill(what, one, folder, check)))));
    }
    const sum = told.reduce((a, b) => a + b, 0);
    assert.ok(sum > 0, 'no process came to anything');
    report(t, `${what}: ${ROUNDS} processes, ${sum} told before they were killed`);
  });
}

/** Returns the last number that the process told. */
async function kill(what, seed, folder, check) {
  const dir = path.join(folder, `${what}-${seed}`);
  fs.mkdirSync(dir);
  const file = path.join(dir, 'target');
  fs.writeFileSync(file, what === 'atomic' ? versionOf(0) : '');
  const program = require.resolve('../harness/replacing');
  const args = [program, what, `${seed}`, file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome = outcomeOf(child);
  strike(child, seed);
  const { signal, stdout, stderr } = await outcome;
  assert.strictEqual(signal, 'SIGKILL', stderr);
  const last = Number(stdout.trimEnd().split('\n').at(-1));
  check(file, last, `seed ${seed}`);
  const others = fs.readdirSync(dir).filter((name) => name !== 'target');
  assert.ok(others.length <= 1, `${others}`);
  for (const name of others) assert.match(name, TEMPORARY);
  return last;
}

/** Kills the child some turns after it has told something. */
function strike(child, seed) {
  const limit = setTimeout(() => child.kill('SIGABRT'), LIMIT_MS);
  const turns = numbersOf(seed)(3000);
  child.stdout.once('data', () => {
    clearTimeout(limit);
    let turn = 0;
    const wait = () => (turn++ < turns ? setImmediate(wait) : child.kill('SIGKILL'));
    wait();
  });
}

function checkVersion(file, last, context) {
  const text = fs.readFileSync(file, 'latin1');
  const version = Number.parseInt(text, 10);
  assert.ok(version >= last, `version ${version} behind ${last}, ${context}`);
  assert.ok(text === versionOf(version), `version ${version} is torn, ${context}`);
}

function checkRecords(file, last, context) {
  const text = fs.readFileSync(file, 'latin1');
  let at = 0;
  let count = 0;
  while (at < text.length) {
    const record = recordOf(count);
    const found = text.slice(at, at + record.length);
    assert.ok(record.startsWith(found), `torn at record ${count}, ${context}`);
    if (found.length < record.length) break;
    at += record.length;
    count++;
  }
  assert.ok(count >= last, `${count} records of ${last}, ${context}`);
}
