'use strict';

// sonic-boom's own tests pass with our class, but for those named here, each with its reason.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const suite = path.join(path.dirname(require.resolve('sonic-boom')), 'test');
const preload = require.resolve('../harness/sonic-boom-suite.js');

/** Tests that replace functions of `fs` fail by themselves: ours calls none of them. */
const REPLACES_FS = 'it replaces functions of fs';

/** The others that can't pass. */
const EXCEPTIONS = {
  'flush fsyncs stdout redirected to a regular file':
    'a child that it starts replaces functions of fs',
  'destroy while reopening fails a pending flush':
    'what was accepted is written before the close, so that the flush succeeds',
  'flushSync while reopening writes to the previous file': 'it reads the private field _writing',
};

/** The tests of a file that fail, with what they say. */
async function failuresOf(file) {
  const args = [
    '--require',
    preload,
    '--test-reporter=tap',
    '--test-timeout=120000',
    path.join(suite, file),
  ];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_NO_WARNINGS: '1' };
  const { stdout } = await new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
  assert.match(stdout, /^# pass \d+$/m, stdout);
  const reports = stdout.split(/^(?=ok|not ok)/m);
  return reports
    .filter((report) => report.startsWith('not ok'))
    .map((report) => ({ name: /^not ok \d+ - (.*)$/m.exec(report)[1], report }));
}

for (const file of fs.readdirSync(suite).filter((name) => name.endsWith('.test.js'))) {
  test(file, async () => {
    for (const { name, report } of await failuresOf(file)) {
      if (report.includes(REPLACES_FS)) continue;
      assert.ok(Object.hasOwn(EXCEPTIONS, name), report);
    }
  });
}
