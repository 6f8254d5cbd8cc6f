'use strict';

// The real logrotate against two processes that write to one log at full speed.

const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
const { LogFolder } = require('../harness/logs');
const { report, rounds } = require('../harness/scale');
const { createWriteStream } = require('../..');

const run = promisify(execFile);
const program = require.resolve('../harness/log-writer.js');
const LOGROTATE = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((file) => fs.existsSync(file));
const skip = LOGROTATE === undefined ? 'there is no logrotate' : false;
const COUNT = rounds(300_000, 3_000_000);
const WRITERS = ['a', 'b'];

/** Writes a configuration and returns what rotates the log once, as it says. */
function rotator(logs, directives) {
  const lines = ['rotate 10000', 'missingok', 'nocompress', ...directives];
  const uid = process.getuid();
  if (uid === 0) lines.unshift('su root root');
  fs.writeFileSync(logs.path('conf'), `${logs.log} {\n  ${lines.join('\n  ')}\n}\n`, {
    mode: 0o600,
  });
  fs.chmodSync(logs.dir, 0o755);
  return () => run(LOGROTATE, ['--force', '--state', logs.path('state'), logs.path('conf')]);
}

/** Two writers write all their records while the log is rotated again and again. */
async function rotateUnderLoad(logs, directives, options, afterRotate = () => {}) {
  const children = WRITERS.map((name) => {
    const args = [program, logs.log, name, '0', `${COUNT}`, JSON.stringify(options)];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  });
  const ends = children.map((child) => once(child, 'close'));
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  for (const child of children) child.stdout.resume();
  const rotate = rotator(logs, directives);
  let rotations = 0;
  const isRunning = () => children.some((child) => child.exitCode === null);
  while (isRunning()) {
    await rotate();
    rotations++;
    afterRotate(children);
  }
  for (const [code] of await Promise.all(ends)) assert.strictEqual(code, 0);
  return rotations;
}

/**
 * The lines of all files, the oldest file first. Where logrotate is too slow to put a new file in the place of the old
 * one, a writer does, and logrotate puts that one aside as a backup.
 */
function linesOf(logs) {
  const ages = logs.names().filter((name) => /^app\.log(\.\d+|-\d+\.backup)?$/.test(name));
  ages.sort((a, b) => ageOf(b) - ageOf(a));
  return ages.flatMap((name) => fs.readFileSync(logs.path(name), 'utf8').split(/(?<=\n)/));
}

function ageOf(name) {
  return Number(name.split('.')[2] ?? 0);
}

/** Each writer's records by number; torn lines are left out and counted. */
function recordsOf(lines) {
  const records = new Map(WRITERS.map((name) => [name, []]));
  let torn = 0;
  for (const line of lines.filter((each) => each !== '')) {
    const [, name, number, dots] = /^([ab]) (\d+) (\.*)\n$/.exec(line) ?? [];
    if (dots?.length === (Number(number) * 7919) % 97) records.get(name).push(Number(number));
    else torn++;
  }
  return { records, torn };
}

function assertComplete(logs) {
  const { records, torn } = recordsOf(linesOf(logs));
  assert.strictEqual(torn, 0, 'torn lines');
  for (const numbers of records.values()) {
    numbers.sort((a, b) => a - b);
    assert.strictEqual(numbers.length, COUNT);
    assert.ok(
      numbers.every((number, index) => number === index),
      'each record once',
    );
  }
}

test('create, followed without a signal: every record once, no line torn', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const rotations = await rotateUnderLoad(logs, ['create 0644'], { follow: 0 });
  assertComplete(logs);
  assert.ok(rotations >= 2);
  report(t, `create: ${rotations} rotations, ${2 * COUNT} records`);
});

test('create, with a signal after it: every record once, no line torn', { skip }, async (t) => {
  const logs = new LogFolder(t);
  const rotations = await rotateUnderLoad(logs, ['create 0644'], {}, (children) => {
    for (const child of children) child.kill('SIGUSR2');
  });
  assertComplete(logs);
  assert.ok(rotations >= 2);
  report(t, `create and a signal: ${rotations} rotations, ${2 * COUNT} records`);
});

test('copytruncate: only its own window loses records, and none comes twice', {
  skip,
}, async (t) => {
  const logs = new LogFolder(t);
  const rotations = await rotateUnderLoad(logs, ['copytruncate'], {});
  const lines = linesOf(logs);
  const { records, torn } = recordsOf(lines);
  // What is written between the copy and the truncation is lost, and a copy may end within a line.
  assert.ok(torn <= 2 * rotations, `${torn} torn lines, ${rotations} rotations`);
  let lost = 0;
  for (const numbers of records.values()) {
    assert.strictEqual(new Set(numbers).size, numbers.length, 'a record came twice');
    lost += COUNT - numbers.length;
  }
  assert.ok(
    lines.every((line) => !line.includes('\0')),
    'a hole',
  );
  report(
    t,
    `copytruncate: ${rotations} rotations, ${lost} of ${2 * COUNT} records lost in its window`,
  );
});

test("the example's configuration rotates and compresses what a stream follows", {
  skip,
}, async (t) => {
  const logs = new LogFolder(t);
  const example = require.resolve('../../examples/logrotate.conf');
  const [user, group] = await Promise.all(['-un', '-gn'].map((flag) => run('id', [flag])));
  const owner = `${user.stdout.trim()} ${group.stdout.trim()}`;
  const text = fs
    .readFileSync(example, 'utf8')
    .replace('/var/log/app/app.log', logs.log)
    .replace('create 0640 app app', `su ${owner}\n  create 0640 ${owner}`);
  assert.ok(text.includes(logs.log) && text.includes(`create 0640 ${owner}`));
  fs.writeFileSync(logs.path('conf'), text, { mode: 0o600 });
  fs.chmodSync(logs.dir, 0o755);
  // The example looks at the path once a second; this stream looks before each write.
  const stream = createWriteStream(logs.log, { flags: 'a', follow: 0 });
  for (const line of ['one\n', 'two\n', 'three\n']) {
    stream.write(line);
    stream.flushSync();
    if (line !== 'three\n')
      await run(LOGROTATE, ['--force', '--state', logs.path('state'), logs.path('conf')]);
  }
  stream.end();
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), 'three\n');
  assert.strictEqual(fs.statSync(logs.log).mode & 0o777, 0o640);
  assert.strictEqual(fs.readFileSync(logs.path('app.log.1'), 'utf8'), 'two\n');
  const oldest = zlib.gunzipSync(fs.readFileSync(logs.path('app.log.2.gz')));
  assert.strictEqual(`${oldest}`, 'one\n');
});
