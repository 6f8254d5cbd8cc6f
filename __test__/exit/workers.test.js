'use strict';

// The addon in several worker threads at once: they end, are terminated, or the process exits
// first.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder } = require('../harness/folder');
const { report, rounds } = require('../harness/scale');

const ROUNDS = rounds(4, 100);
const LEAVES = rounds(4, 50);

function swarm(...args) {
  return spawnSync(process.execPath, [require.resolve('../harness/swarm'), ...args], {
    encoding: 'utf8',
    timeout: 240_000,
    killSignal: 'SIGKILL',
  });
}

test(`${ROUNDS} rounds of workers, half of them terminated while they write`, (t) => {
  const folder = makeFolder(t);
  const { status, signal, stdout, stderr } = swarm(folder, '1', `${ROUNDS}`);
  assert.deepStrictEqual(
    { status, signal, stdout },
    { status: 0, signal: null, stdout: 'done\n' },
    stderr,
  );
  report(t, `${ROUNDS} rounds of 4 workers, ${fs.readdirSync(folder).length} files`);
});

test(`the main thread exits first, ${LEAVES} times`, (t) => {
  const folder = makeFolder(t);
  for (let seed = 1; seed <= LEAVES; seed++) {
    const { status, signal, stderr } = swarm(folder, `${seed}`, '1', 'leave');
    assert.deepStrictEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' });
    const last = path.join(folder, 'last');
    assert.strictEqual(fs.readFileSync(last, 'latin1'), 'of the main thread');
    fs.unlinkSync(last);
  }
});
