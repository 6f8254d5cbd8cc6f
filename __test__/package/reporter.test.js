'use strict';

// What `npm test` prints of a run: failures in full, the runner's closing lines, and a verdict.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

const script = path.join(__dirname, '..', '..', 'scripts', 'test.js');

function run(...names) {
  // The runner within would report to the one outside.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const files = names.map((name) => path.join(__dirname, 'reporter', name));
  return spawnSync(process.execPath, [script, ...files], { env, encoding: 'utf8' });
}

test('a run in which all pass: the closing lines, and the verdict last', () => {
  const { status, stdout } = run('passing.js');
  assert.strictEqual(status, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.strictEqual(lines.at(-1), `JavaScript tests on Node ${process.version}: 3 passed`);
  for (const line of ['# tests 3', '# pass 3', '# fail 0', '# cancelled 0', '# skipped 0']) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(lines.length < 12, stdout);
});

test('a run with failures: name, file, error and difference of each, and the reasons of what was skipped', () => {
  const { status, stdout } = run('failing.js', 'passing.js');
  assert.strictEqual(status, 1);
  const place = path.join('__test__', 'package', 'reporter', 'failing.js');
  assert.ok(
    stdout.includes(`not ok - outer > inner > fails\n  ${place}:13 (testCodeFailure)\n`),
    stdout,
  );
  assert.match(stdout, /\+ {5,}2\n {2}- {5,}3\n/);
  assert.match(
    stdout,
    /AssertionError(.*\n)*.* at .*failing\.js:13.*\n(.*\n)* +actual: \{ list: \[ 1, 2 \] \}/,
  );
  assert.match(stdout, /not ok - throws what is no error\n.*\n {2}a string\n/);
  assert.match(stdout, /^# fail 2$/m);
  assert.ok(stdout.includes(`${place} printed:\n  printed by the file\n`), stdout);
  const verdict = `JavaScript tests on Node ${process.version}: 2 FAILED, 5 passed; 2 skipped: no server (2)`;
  assert.strictEqual(stdout.trimEnd().split('\n').at(-1), verdict);
});
