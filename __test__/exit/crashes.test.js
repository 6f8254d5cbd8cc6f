'use strict';

// Processes end in every way and at random moments: the file is always a prefix of the accepted
// bytes, and has all of them where that is promised.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const { makeFolder } = require('../harness/folder');
const { recordOf, ways } = require('../harness/crashing');
const { numbersOf, report, rounds } = require('../harness/scale');

const ROUNDS = rounds(8, 200);

/** A process that takes longer has hung. */
const LIMIT_MS = 60_000;

/** Exit codes of the ways, 0 unless named; all but the incomplete ones must write everything. */
const CODES = { throw: 1, reject: 1, signal: 143 };
const INCOMPLETE = ['kill', 'worker-terminate'];

for (const way of ways) {
  test(`${way}: ${ROUNDS} times at random moments`, async (t) => {
    const folder = makeFolder(t);
    let records = 0;
    for (let seed = 1; seed <= ROUNDS; seed += 4) {
      const seeds = [seed, seed + 1, seed + 2, seed + 3].filter((one) => one <= ROUNDS);
      const counts = await Promise.all(
        seeds.map((one) => crash(way, one, path.join(folder, `${one}`))),
      );
      records += counts.reduce((sum, count) => sum + count, 0);
    }
    assert.ok(records > 0);
    report(t, `${way}: ${ROUNDS} processes, ${records} records written`);
  });
}

async function crash(way, seed, file) {
  const program = require.resolve('../harness/crashing');
  const child = spawn(process.execPath, [program, way, `${seed}`, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGABRT',
  });
  if (way === 'signal' || way === 'kill') strike(child, way, seed, file);
  const { code, signal, stdout, stderr } = await outcomeOf(child);
  const context = `seed ${seed}, ${stderr}`;
  const expected = way === 'kill' ? [null, 'SIGKILL'] : [CODES[way] ?? 0, null];
  assert.deepStrictEqual([code, signal], expected, context);
  const accepted = way === 'kill' ? Infinity : Number(stdout);
  return checkFile(file, accepted, INCOMPLETE.includes(way), context);
}

/** Kills the child at a random moment after the file exists. */
function strike(child, way, seed, file) {
  const signal = way === 'kill' ? 'SIGKILL' : 'SIGTERM';
  const turns = numbersOf(seed)(1000);
  let turn = 0;
  const look = () => {
    if (!fs.existsSync(file) || turn++ < turns) setImmediate(look);
    else child.kill(signal);
  };
  look();
}

/** Checks the file; returns the number of its records. */
function checkFile(file, accepted, mayBeIncomplete, context) {
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : '';
  let at = 0;
  let count = 0;
  while (at < text.length) {
    const record = recordOf(count);
    const found = text.slice(at, at + record.length);
    if (found !== record) {
      assert.ok(record.startsWith(found), `torn at record ${count}, ${context}`);
      assert.ok(mayBeIncomplete, `record ${count} is incomplete, ${context}`);
      break;
    }
    at += record.length;
    count++;
  }
  // A worker may be terminated between a write and its count.
  assert.ok(count <= accepted + (mayBeIncomplete ? 1 : 0), `more than was accepted, ${context}`);
  if (!mayBeIncomplete) assert.strictEqual(count, accepted, context);
  fs.rmSync(file, { force: true });
  return count;
}
