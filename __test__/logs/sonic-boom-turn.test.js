'use strict';

// When lines go to the system: the first of an idle stream at once, those of a busy one together at the end of the
// turn; and a flush, the end or a destroy waits for no turn's end.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { kOutlet } = require('../../lib/sonic-boom/state');
const { constants } = require('../../lib/native');
const SonicBoom = require('../../sonic-boom');
const { LogFolder } = require('../harness/logs');

/** A line that was not handed over never comes while this thread waits. */
const LIMIT_MS = 60_000;

const CALLS = constants.STATS.indexOf('syscalls');

/** Runs each of `acts` in a tick of its own, all in one turn. */
function inOneTurn(acts) {
  return new Promise((resolve) => {
    for (const act of acts) setImmediate(act);
    setImmediate(resolve);
  });
}

/** Waits, in the middle of a turn, until the driver has written so much. Its thread needs nothing of this one. */
function waitForText(logs, length) {
  const text = () => fs.readFileSync(logs.log, 'utf8');
  const endMs = performance.now() + LIMIT_MS;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (text().length < length && performance.now() < endMs) Atomics.wait(clock, 0, 0, 1);
  return text();
}

test('the first line is handed over at once, and those of several ticks together', async (t) => {
  const logs = new LogFolder(t);
  const sonic = new SonicBoom({ dest: logs.log });
  await once(sonic, 'ready');
  await inOneTurn([]);
  sonic.write('first\n');
  assert.strictEqual(waitForText(logs, 6), 'first\n');
  await inOneTurn([1, 2, 3].map((n) => () => sonic.write(`line ${n}\n`)));
  await new Promise((resolve) => sonic.flush(resolve));
  assert.ok(sonic[kOutlet].nativeStats[CALLS] <= 3, 'three lines took two calls at most');
  assert.strictEqual(logs.text(), 'first\nline 1\nline 2\nline 3\n');
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
    assert.strictEqual(waitForText(logs, 7), 'a line\n');
    if (name === 'flush') sonic.end();
    await once(sonic, 'close');
  }
});
