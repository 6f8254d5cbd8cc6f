'use strict';

// rotate: files are cut between two writes, have names that sort by time, and are compressed, archived and
// removed off the way of the bytes.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { LogFolder, eventsOf } = require('../harness/logs');
const { createWriteStream } = require('../..');

const isRoot = process.getuid?.() === 0;

async function closed(stream) {
  stream.end();
  await once(stream, 'close');
}

/** Lines of different lengths, of strings and Buffers, with characters of one to four bytes. */
function lines(count) {
  return Array.from({ length: count }, (_, n) => `${n} ${'aé漢😀'.repeat(n % 23)}\n`);
}

test('each file is full, none too full, and none begins or ends within a line', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { rotate: { size: 20_000 } });
  const all = lines(5000);
  for (const [n, line] of all.entries()) {
    stream.write(n % 7 === 0 ? Buffer.from(line) : line);
    if (n % 500 === 0) await new Promise(setImmediate);
  }
  await closed(stream);
  assert.ok(logs.text() === all.join(''), 'the bytes differ');
  const sizes = logs.files().map((file) => fs.statSync(file).size);
  assert.ok(sizes.length > 10);
  for (const size of sizes) assert.ok(size <= 20_000);
  // What is gathered for one call is a small part of a file.
  for (const size of sizes.slice(0, -1)) assert.ok(size > 18_500, `${size}`);
  for (const text of logs.contents()) assert.match(text, /^\d+ [^\n]*\n(.*\n)*$/);
});

test('lines longer than a file have files of their own', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { rotate: { size: 100 } });
  const all = [10, 500, 20, 30, 200_000, 5, 99].map((length) => `${'x'.repeat(length)}\n`);
  for (const line of all) stream.write(line);
  await closed(stream);
  const [a, b, c, d, e, f, g] = all;
  assert.deepStrictEqual(logs.contents(), [a, b, c + d, e, f, g]);
});

test('events tell of each file, and fd follows', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { rotate: { size: 10 } });
  assert.strictEqual(stream.flags, 'a');
  const rotations = eventsOf(stream, 'rotate', 2);
  for (const line of ['one line\n', 'another\n', 'a third\n']) stream.write(line);
  const [first, second] = await rotations;
  const files = logs.files();
  assert.deepStrictEqual(first, { from: logs.log, to: files[0] });
  assert.deepStrictEqual(second, { from: logs.log, to: files[1] });
  assert.strictEqual(fs.fstatSync(stream.fd).ino, fs.statSync(logs.log).ino);
  await closed(stream);
  assert.deepStrictEqual(logs.contents(), ['one line\n', 'another\n', 'a third\n']);
  assert.deepStrictEqual(
    logs.names().filter((name) => name.endsWith('.lock')),
    [],
  );
});

test('names sort by time across restarts, and a full file is rotated when it is opened', async (t) => {
  const logs = new LogFolder(t);
  for (let run = 0; run < 5; run++) {
    const stream = createWriteStream(logs.log, { rotate: { size: 10 } });
    stream.write(`run ${run}\n`);
    stream.write(`run ${run}\n`);
    await closed(stream);
  }
  assert.strictEqual(
    logs.text(),
    [0, 1, 2, 3, 4].map((run) => `run ${run}\nrun ${run}\n`).join(''),
  );
  assert.strictEqual(logs.files().length, 10);
});

test('a file of an earlier day is put aside before the first write', async (t) => {
  const logs = new LogFolder(t);
  fs.writeFileSync(logs.log, 'yesterday\n');
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  fs.utimesSync(logs.log, yesterday, yesterday);
  for (const line of ['today\n', 'again\n']) {
    const stream = createWriteStream(logs.log, { rotate: { interval: 'day' } });
    stream.write(line);
    await closed(stream);
  }
  assert.deepStrictEqual(logs.contents(), ['yesterday\n', 'today\nagain\n']);
});

test('an interval rotates what is not empty, while the process lives', async (t) => {
  const logs = new LogFolder(t);
  // The timer of the interval does not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const stream = createWriteStream(logs.log, { rotate: { interval: 20 } });
  for (const line of ['one\n', 'two\n']) {
    stream.write(line);
    await once(stream, 'rotate');
  }
  await closed(stream);
  assert.deepStrictEqual(logs.contents(), ['one\n', 'two\n', '']);
});

test('a second stream on the same log is refused', async (t) => {
  const logs = new LogFolder(t);
  const first = createWriteStream(logs.log, { rotate: { size: 10 } });
  await once(first, 'open');
  const second = createWriteStream(logs.log, { rotate: { size: 10 } });
  const [error] = await once(second, 'error');
  assert.strictEqual(error.code, 'EBUSY');
  assert.strictEqual(error.path, logs.log);
  await closed(first);
  const third = createWriteStream(logs.log, { rotate: { size: 10 } });
  third.write('x');
  await closed(third);
});

test('a rotation that fails is told, and the old file goes on', {
  skip: isRoot && 'root may do all',
}, async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { rotate: { size: 10 } });
  await once(stream, 'open');
  fs.chmodSync(logs.dir, 0o500);
  t.after(() => fs.chmodSync(logs.dir, 0o700));
  const failed = once(stream, 'rotateError');
  for (const line of ['one line\n', 'another\n']) stream.write(line);
  const [{ file, error, attempt }] = await failed;
  assert.deepStrictEqual([file, error.code, attempt], [logs.log, 'EACCES', 1]);
  await closed(stream);
  assert.strictEqual(logs.text(), 'one line\nanother\n');
});

test('a folder that moves is no reason to lose bytes', async (t) => {
  const logs = new LogFolder(t);
  fs.mkdirSync(logs.path('a'));
  const stream = createWriteStream(logs.path('a/app.log'), { rotate: { size: 10 } });
  await once(stream, 'open');
  fs.renameSync(logs.path('a'), logs.path('b'));
  const failed = once(stream, 'rotateError');
  for (const line of ['one line\n', 'another\n']) stream.write(line);
  const [{ error }] = await failed;
  assert.strictEqual(error.code, 'ENOENT');
  await closed(stream);
  assert.strictEqual(fs.readFileSync(logs.path('b/app.log'), 'utf8'), 'one line\nanother\n');
});

test('reopen goes on elsewhere, and rotates there', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.path('other.log'), { rotate: { size: 10 } });
  stream.write('one line\n');
  await stream.reopen(logs.log);
  const rotated = once(stream, 'rotate');
  for (const line of ['another\n', 'a third\n']) stream.write(line);
  const [{ from }] = await rotated;
  assert.strictEqual(from, logs.log);
  await closed(stream);
  assert.strictEqual(fs.readFileSync(logs.path('other.log'), 'utf8'), 'one line\n');
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), 'a third\n');
});

test('bad values are refused', () => {
  const archive = () => {};
  for (const rotate of [
    null,
    {},
    { size: 0 },
    { size: '1' },
    { interval: 'week' },
    { interval: 0 },
    { size: 1, keep: '5' },
    { size: 1, keep: { files: -1 } },
    { size: 1, compress: 'zip' },
    { size: 1, archive: 'x' },
  ]) {
    assert.throws(
      () => createWriteStream('x', { rotate }),
      { code: /^ERR_/ },
      JSON.stringify(rotate),
    );
  }
  const rotate = { size: 1, archive };
  assert.throws(() => createWriteStream('x', { rotate, fd: 1 }), { code: 'ERR_INVALID_ARG_VALUE' });
});
