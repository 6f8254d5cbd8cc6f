'use strict';

// follow: the stream goes on in the file that has its path, without being told.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { LogFolder, eventsOf } = require('../harness/logs');
const { createWriteStream } = require('../..');

const skip = process.platform === 'win32' ? 'files are not told apart there' : false;

/** Looks before each write that reaches the system. */
const NOW = { follow: 0 };

test('a renamed and a deleted file are left before the next write', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, NOW);
  assert.strictEqual(stream.flags, 'a');
  stream.write('one');
  stream.flushSync();
  fs.renameSync(logs.log, logs.path('app.1'));
  const moves = eventsOf(stream, 'reopen', 2);
  // Who has moved it may put another in its place for a while.
  const start = performance.now();
  while (!fs.existsSync(logs.log) && performance.now() - start < 10_000) {
    stream.write('.');
    stream.flushSync();
  }
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), '.');
  assert.match(fs.readFileSync(logs.path('app.1'), 'utf8'), /^one\.+$/);
  fs.unlinkSync(logs.log);
  stream.write('three');
  stream.flushSync();
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), 'three');
  for (const { path, fd } of await moves) assert.ok(path === logs.log && Number.isInteger(fd));
  stream.end();
  await once(stream, 'close');
});

test('a file that another has made is appended to, with its mode', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { ...NOW, flags: 'w', mode: 0o600 });
  stream.write('one');
  stream.flushSync();
  fs.renameSync(logs.log, logs.path('app.1'));
  fs.writeFileSync(logs.log, 'theirs ', { mode: 0o640 });
  stream.end('two');
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['one', 'theirs two']);
  assert.strictEqual(fs.statSync(logs.log).mode & 0o777, 0o640);
});

test('a folder that is gone is told once, and followed when it is back', { skip }, async (t) => {
  const logs = new LogFolder(t);
  fs.mkdirSync(logs.path('inner'));
  const file = logs.path('inner/app.log');
  const stream = createWriteStream(file, NOW);
  stream.write('one');
  stream.flushSync();
  fs.rmSync(logs.path('inner'), { recursive: true });
  const errors = [];
  stream.on('reopenError', ({ path, error }) => errors.push([path, error.code]));
  for (const lost of ['two', 'three']) {
    stream.write(lost);
    stream.flushSync();
  }
  fs.mkdirSync(logs.path('inner'));
  const back = once(stream, 'reopen');
  stream.write('four');
  stream.flushSync();
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'four');
  await back;
  assert.deepStrictEqual(errors, [[file, 'ENOENT']]);
  stream.end();
  await once(stream, 'close');
});

test('a truncated file goes on at its new end', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, NOW);
  stream.write('one');
  stream.flushSync();
  fs.truncateSync(logs.log);
  stream.end('two');
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['two']);
});

test('the path stays the same wherever the process goes', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(logs.dir);
  const stream = createWriteStream('app.log', NOW);
  stream.write('one');
  stream.flushSync();
  process.chdir(before);
  fs.renameSync(logs.log, logs.path('app.1'));
  fs.writeFileSync(logs.log, '');
  stream.end('two');
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['one', 'two']);
});

test('bad values are refused', () => {
  for (const follow of ['1000', null, 1.5, -1, {}]) {
    assert.throws(() => createWriteStream('x', { follow }), {
      code: /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/,
    });
  }
  const invalid = { code: 'ERR_INVALID_ARG_VALUE' };
  assert.throws(() => createWriteStream('x', { follow: true, fd: 1 }), invalid);
  assert.throws(() => createWriteStream('x', { follow: true, start: 1 }), invalid);
});
