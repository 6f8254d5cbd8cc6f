'use strict';

// A SonicBoom whose writes have failed can still be flushed and ended; one that is destroyed is quiet.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { inspect } = require('node:util');
const Theirs = require('sonic-boom');
const { LogFolder } = require('../harness/logs');
const SonicBoom = require('../../sonic-boom');

const skip = process.platform !== 'linux' && 'there is no full device';

test('an end behind a failure closes', { skip }, async () => {
  const sonic = new SonicBoom({ fd: fs.openSync('/dev/full', 'w') });
  sonic.write('lost\n');
  const [error] = await once(sonic, 'error');
  assert.strictEqual(error.code, 'ENOSPC');
  sonic.on('finish', () => assert.fail('not all was written'));
  sonic.end();
  await once(sonic, 'close');
  assert.ok(sonic.destroyed);
});

test('a flush in the tick of a failure is called back', { skip }, async () => {
  const sonic = new SonicBoom({ fd: fs.openSync('/dev/full', 'w'), minLength: 1 });
  sonic.write('lost\n');
  const flushed = new Promise((resolve) => {
    sonic.once('error', () => sonic.flush(resolve));
  });
  const error = await flushed;
  assert.strictEqual(error.code, 'ENOSPC');
  sonic.end();
  await once(sonic, 'close');
});

test('a destroy before the open stops the timer of flushes, which would throw', async (t) => {
  const logs = new LogFolder(t);
  const begun = t.mock.method(globalThis, 'setInterval');
  const ended = t.mock.method(globalThis, 'clearInterval');
  const sonic = new SonicBoom({ dest: logs.log, periodicFlush: 60_000 });
  sonic.destroy();
  const timers = begun.mock.calls.map(({ result }) => result);
  assert.strictEqual(timers.length, 1);
  assert.ok(ended.mock.calls.some(({ arguments: [timer] }) => timer === timers[0]));
  await once(sonic, 'close');
});

test('a first file that can not be opened is told once, whatever was to follow it', async (t) => {
  const logs = new LogFolder(t);
  const sonic = new SonicBoom({ dest: logs.path('missing/app.log') });
  const errors = [];
  sonic.on('error', ({ code }) => errors.push(code));
  sonic.reopen(logs.log);
  await once(sonic, 'error');
  await new Promise(setImmediate);
  assert.deepStrictEqual(errors, ['ENOENT']);
});

test('a mode or a path that can not be is refused at once, as by sonic-boom', (t) => {
  const logs = new LogFolder(t);
  const refusalOf = (Class, options) => {
    try {
      new Class(options).on('error', () => {});
      return null;
    } catch ({ name, code, message }) {
      return { name, code, message };
    }
  };
  const settings = ['x', '9', '', -1, 1.5, Number.NaN, 2 ** 32, true, {}, 10n, Symbol('mode')].map(
    (mode) => ({ dest: logs.log, mode }),
  );
  for (const options of [...settings, { dest: `${logs.log}\0` }]) {
    const refusal = refusalOf(SonicBoom, options);
    assert.ok(refusal !== null, inspect(options));
    assert.deepStrictEqual(refusal, refusalOf(Theirs, options));
    // Theirs throws where nobody can catch it.
    assert.deepStrictEqual(refusalOf(SonicBoom, { ...options, mkdir: true }), refusal);
  }
  assert.deepStrictEqual(logs.contents(), []);
});

test('what is written right before a reopen is synced, whose driver closes the old file', async (t) => {
  const logs = new LogFolder(t);
  const errors = [];
  for (let round = 0; round < 10; round++) {
    const sonic = new SonicBoom({ dest: logs.path(`${round}`), fsync: true });
    sonic.on('error', (error) => errors.push(error.code));
    await once(sonic, 'ready');
    for (let i = 0; i < 8; i++) {
      sonic.write('x'.repeat(5000));
      sonic.flush();
      if (i % 2 === 1) await new Promise(setImmediate);
      sonic.reopen(logs.path(`${round}-${i}`));
    }
    await once(sonic, 'ready');
    sonic.end();
    await once(sonic, 'close');
  }
  assert.deepStrictEqual(errors, []);
});
