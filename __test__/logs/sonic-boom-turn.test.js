'use strict';

// Lines of one turn of the event loop go to the system together, and a flush, the end or a destroy waits
// for no turn's end.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { kOutlet } = require('../../lib/sonic-boom/state');
const { constants } = require('../../lib/native');
const SonicBoom = require('../../sonic-boom');
const { LogFolder } = require('../harness/logs');

const CALLS = constants.STATS.indexOf('syscalls');

/** Runs each of `acts` in a tick of its own, all in one turn. */
function inOneTurn(acts) {
  return new Promise((resolve) => {
    for (const act of acts) setImmediate(act);
    setImmediate(resolve);
  });
}

test('lines of several ticks share a system call', async (t) => {
  const logs = new LogFolder(t);
  const sonic = new SonicBoom({ dest: logs.log });
  await once(sonic, 'ready');
  await inOneTurn([1, 2, 3].map((n) => () => sonic.write(`line ${n}\n`)));
  await new Promise((resolve) => sonic.flush(resolve));
  assert.strictEqual(sonic[kOutlet].nativeStats[CALLS], 1);
  assert.strictEqual(logs.text(), 'line 1\nline 2\nline 3\n');
  sonic.end();
  await once(sonic, 'close');
});

test('what was written is with the driver when flush(), end() and destroy() return', async (t) => {
  for (const name of ['flush', 'end', 'destroy']) {
    const logs = new LogFolder(t);
    const sonic = new SonicBoom({ dest: logs.log });
    await once(sonic, 'ready');
    sonic.write('a line\n');
    sonic[name]();
    const text = () => fs.readFileSync(logs.log, 'utf8');
    // The thread of the driver needs nothing of this one.
    while (text() === '') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    assert.strictEqual(text(), 'a line\n');
    if (name === 'flush') sonic.end();
    await once(sonic, 'close');
  }
});
