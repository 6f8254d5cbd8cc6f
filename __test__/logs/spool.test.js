'use strict';

// What becomes of files that were put aside: kept, compressed, archived.

const assert = require('node:assert');
const childProcess = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
const { LogFolder, eventsOf } = require('../harness/logs');
const { createWriteStream } = require('../..');

const execFile = promisify(childProcess.execFile);

/** A line fills a file. */
const LINE = 'one line\n';
const SIZE = 10;

function open(logs, rotate) {
  return createWriteStream(logs.log, { rotate: { size: SIZE, ...rotate } });
}

async function closed(stream) {
  stream.end();
  await once(stream, 'close');
}

/** Resolves when `isTrue()` is: what happens to files aside has no event of its own. */
async function until(isTrue) {
  while (!isTrue()) await new Promise(setImmediate);
}

function asideNames(logs) {
  return logs.names().filter((name) => name !== 'app.log' && !name.endsWith('.lock'));
}

test('the folder is read once, and at the end if files aside do not just stay', async (t) => {
  // The package keeps Node's functions when it is loaded, so that they are replaced before.
  const program = `
    const fs = require('node:fs');
    const { readdir } = fs;
    let reads = 0;
    fs.readdir = (folder, callback) =>
      readdir(folder, (...answer) => {
        callback(...answer);
        if (++reads === 1) setImmediate(next);
      });
    const { createWriteStream } = require(${JSON.stringify(require.resolve('../..'))});
    const rotate = JSON.parse(process.argv[2]);
    const stream = createWriteStream(process.argv[1], { rotate });
    let cuts = 0;
    stream.on('rotate', () => (++cuts === 10 ? stream.end() : setImmediate(next)));
    const next = () => stream.write('one line\\n');
    stream.write('one line\\n');
    process.on('exit', () => console.log(cuts, reads));`;
  for (const [keep, expected] of [
    [undefined, '10 1\n'],
    [2, '10 2\n'],
    [{ bytes: 50, age: 3_600_000 }, '10 2\n'],
  ]) {
    const rotate = JSON.stringify({ size: SIZE, keep });
    const logs = new LogFolder(t);
    const { stdout } = await execFile(process.execPath, ['-e', program, logs.log, rotate]);
    assert.strictEqual(stdout, expected);
  }
});

test('keep: what somebody else removes or adds is found out, and is no failure', async (t) => {
  const logs = new LogFolder(t);
  for (const name of ['app-2020-01-01T00-00-00.000Z.log', 'app-2020-01-01T00-00-00.001Z.log.gz'])
    fs.writeFileSync(logs.path(name), 'x'.repeat(100));
  const stream = open(logs, { keep: { files: 3, bytes: 1000 } });
  const fail = ({ error }) => assert.fail(error);
  stream.on('archiveError', fail);
  const cut = async () => {
    const rotated = once(stream, 'rotate');
    stream.write(LINE);
    return (await rotated)[0].to;
  };
  stream.write(LINE);
  for (let n = 0; n < 3; n++) await cut();
  await until(() => asideNames(logs).length === 3);
  const known = asideNames(logs);
  // None of these is known to the stream.
  for (let n = 0; n < 5; n++)
    fs.writeFileSync(logs.path(`app-2021-01-01T00-00-0${n}.000Z.log`), '');
  for (const name of known) fs.unlinkSync(logs.path(name));
  // By the last one it is the turn of a file that is gone, and the folder is read again.
  for (let n = 0; n < 4; n++) await cut();
  await until(() => asideNames(logs).length === 3);
  assert.ok(!asideNames(logs).some((name) => name.includes('-2021-')));
  // The last look comes behind the close, when the folder may be gone with the test.
  stream.off('archiveError', fail);
  await closed(stream);
});

test('keep: a number of files, the newest ones', async (t) => {
  const logs = new LogFolder(t);
  const stream = open(logs, { keep: 2 });
  const rotations = eventsOf(stream, 'rotate', 5);
  for (let n = 0; n < 6; n++) stream.write(`line ${n} .\n`);
  const last = (await rotations).slice(-2).map(({ to }) => path.basename(to));
  await closed(stream);
  await until(() => asideNames(logs).length === 2);
  assert.deepStrictEqual(asideNames(logs), last);
  assert.deepStrictEqual(logs.contents(), ['line 3 .\n', 'line 4 .\n', 'line 5 .\n']);
});

test('files at the path of a reopen are kept alike', async (t) => {
  const logs = new LogFolder(t);
  const stream = open(logs, { keep: 1 });
  const old = eventsOf(stream, 'rotate', 1);
  for (let n = 0; n < 2; n++) stream.write(LINE);
  await old;
  await stream.reopen(logs.path('next.log'));
  const rotations = eventsOf(stream, 'rotate', 4);
  for (let n = 0; n < 5; n++) stream.write(LINE);
  const last = path.basename((await rotations).at(-1).to);
  await closed(stream);
  const names = () => logs.names().filter((name) => /^next-.*\.log$/.test(name));
  await until(() => names().length === 1);
  assert.deepStrictEqual(names(), [last]);
  assert.strictEqual(logs.names().filter((name) => /^app-.*\.log$/.test(name)).length, 1);
});

test('keep: bytes, and age by the moment in the name', async (t) => {
  const logs = new LogFolder(t);
  const stamps = ['2020-01-01T00-00-00.000Z', new Date().toISOString().replaceAll(':', '-')];
  for (const stamp of stamps) fs.writeFileSync(logs.path(`app-${stamp}.log`), LINE);
  fs.writeFileSync(logs.path('app-of-somebody-else.log'), LINE);
  const byAge = open(logs, { keep: { age: 24 * 60 * 60 * 1000 } });
  await until(() => asideNames(logs).length === 2);
  await closed(byAge);
  assert.deepStrictEqual(asideNames(logs), [`app-${stamps[1]}.log`, 'app-of-somebody-else.log']);
  const byBytes = open(logs, { keep: { bytes: LINE.length - 1 } });
  await until(() => asideNames(logs).length === 1);
  await closed(byBytes);
  assert.deepStrictEqual(asideNames(logs), ['app-of-somebody-else.log']);
});

test('compress: a half-compressed file of a crash is made again', async (t) => {
  const logs = new LogFolder(t);
  const stamp = '2026-01-01T00-00-00.000Z';
  fs.writeFileSync(logs.path(`app-${stamp}.log`), 'from before\n', { mode: 0o640 });
  fs.writeFileSync(logs.path(`app-${stamp}.log.gz.part`), 'half');
  const stream = open(logs, { compress: 'gzip' });
  for (const line of ['one line\n', 'another\n']) stream.write(line);
  await closed(stream);
  await until(
    () => asideNames(logs).every((name) => name.endsWith('.gz')) && asideNames(logs).length === 2,
  );
  assert.deepStrictEqual(logs.contents(), ['from before\n', 'one line\n', 'another\n']);
  const first = logs.path(`app-${stamp}.log.gz`);
  assert.strictEqual(fs.statSync(first).mode & 0o777, 0o640);
  assert.ok(zlib.gunzipSync(fs.readFileSync(first)).equals(Buffer.from('from before\n')));
});

test('archive: the oldest first, one at a time, and removed then', async (t) => {
  const logs = new LogFolder(t);
  const archived = [];
  let running = 0;
  const archive = async (file, { signal }) => {
    assert.ok(signal instanceof AbortSignal && !signal.aborted);
    assert.strictEqual(++running, 1);
    await new Promise(setImmediate);
    archived.push(fs.readFileSync(file, 'utf8'));
    running--;
  };
  const stream = open(logs, { archive });
  const told = eventsOf(stream, 'archive', 4);
  const rotations = eventsOf(stream, 'rotate', 4);
  for (let n = 0; n < 5; n++) stream.write(`line ${n} .\n`);
  await closed(stream);
  assert.deepStrictEqual(
    (await told).map(({ file }) => file),
    (await rotations).map(({ to }) => to),
  );
  assert.deepStrictEqual(
    archived,
    [0, 1, 2, 3].map((n) => `line ${n} .\n`),
  );
  assert.deepStrictEqual(asideNames(logs), []);
});

test('archive: what fails is told, kept, and tried again; and at the next start', async (t) => {
  const logs = new LogFolder(t);
  let failures = 2;
  const store = [];
  const archive = async (file) => {
    if (failures-- > 0) throw new Error('the store is down');
    store.push(file);
  };
  const stream = open(logs, { archive, compress: 'gzip' });
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const failed = eventsOf(stream, 'archiveError', 2);
  const archived = once(stream, 'archive');
  for (const line of ['one line\n', 'another\n']) stream.write(line);
  const attempts = (await failed).map(({ file, error, attempt }) => [file, error.message, attempt]);
  const [{ file }] = await archived;
  assert.ok(file.endsWith('.log.gz'));
  assert.deepStrictEqual(
    attempts,
    [1, 2].map((attempt) => [file, 'the store is down', attempt]),
  );
  await closed(stream);

  failures = Infinity;
  const down = open(logs, { archive });
  const told = once(down, 'archiveError');
  down.write('a third\n');
  await told;
  await closed(down);
  const [left] = asideNames(logs);
  failures = 0;
  const next = open(logs, { archive });
  await until(() => store.length === 2);
  assert.deepStrictEqual(store, [file, logs.path(left)]);
  await until(() => asideNames(logs).length === 0);
  await closed(next);
});

test('archive: files that come while the store is away do not shorten the pause', async (t) => {
  const logs = new LogFolder(t);
  const moments = [];
  const archive = async () => {
    moments.push(performance.now());
    if (moments.length < 3) throw new Error('the store is down');
  };
  const stream = open(logs, { archive });
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const failed = eventsOf(stream, 'archiveError', 2);
  const archived = eventsOf(stream, 'archive', 30);
  for (let n = 0; n <= 30; n++) {
    stream.write(`line ${n} .\n`);
    await new Promise(setImmediate);
  }
  const attempts = (await failed).map(({ attempt }) => attempt);
  await archived;
  await closed(stream);
  assert.deepStrictEqual(attempts, [1, 2]);
  const [first, second, third] = moments;
  // A timer may come a little early.
  assert.ok(second - first > 990 && third - second > 1990, `${moments}`);
});

test('archive with compress: files that come meanwhile are compressed first', async (t) => {
  const logs = new LogFolder(t);
  const names = [];
  const archive = async (file) => {
    names.push(path.basename(file));
    await new Promise(setImmediate);
  };
  const stream = open(logs, { archive, compress: 'gzip' });
  const all = eventsOf(stream, 'archive', 100);
  for (let n = 0; n <= 100; n++) {
    stream.write(`line ${n} .\n`);
    await new Promise(setImmediate);
  }
  await all;
  await closed(stream);
  assert.deepStrictEqual(
    names.filter((name) => !name.endsWith('.log.gz')),
    [],
  );
  assert.strictEqual(new Set(names).size, 100);
});

test('archive: destroy aborts what goes on, and the file is kept', async (t) => {
  const logs = new LogFolder(t);
  const begun = Promise.withResolvers?.() ?? withResolvers();
  const archive = (_file, { signal }) => {
    begun.resolve(signal);
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason)),
    );
  };
  const stream = open(logs, { archive });
  for (const line of ['one line\n', 'another\n']) stream.write(line);
  const signal = await begun.promise;
  stream.destroy();
  await once(stream, 'close');
  assert.ok(signal.aborted);
  assert.deepStrictEqual(logs.contents(), ['one line\n', 'another\n']);
});

test('archive with keep: a file that is removed before is told', async (t) => {
  const logs = new LogFolder(t);
  const archive = () => Promise.reject(new Error('down'));
  const stream = open(logs, { archive, keep: 1 });
  const removed = new Promise((resolve) => {
    stream.on('archiveError', (event) => {
      if (event.error.code === 'ERR_RUSHWRITE_REMOVED') resolve(event);
    });
  });
  const [{ to }] = await Promise.all([
    once(stream, 'rotate').then(([event]) => event),
    ...[0, 1, 2].map((n) => new Promise((resolve) => stream.write(`line ${n} .\n`, resolve))),
  ]);
  assert.strictEqual((await removed).file, to);
  await closed(stream);
});

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve) => Object.assign(parts, { resolve }));
  return parts;
}
