'use strict';

// A panic of the native half, on whatever thread, is one error event of one stream: its callbacks are told, others
// go on, and the process lives. The addon that panics when it is asked to is built by `npm run test:stress`.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { setImmediate } = require('node:timers/promises');
const { makeFolder, removeFolder } = require('../harness/folder');

const root = path.join(__dirname, '..', '..');
const addon = process.env.RUSHWRITE_FAULTS;
const skip = addon === undefined && 'npm run test:stress builds the addon for it';

/** See src/faults.rs. */
const PLACES = { stream: 1, call: 2, driver: 3 };

/** The package with the addon that panics. */
function load(dir) {
  const copy = path.join(dir, 'package');
  fs.mkdirSync(copy);
  for (const name of ['index.js', 'package.json', 'lib']) {
    fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  fs.copyFileSync(addon, path.join(copy, path.basename(addon)));
  const native = require(path.join(copy, path.basename(addon)));
  return { ...require(copy), panicAt: (place) => native.panicAt(PLACES[place]) };
}

/** Runs `scenario` with the package, a file, and a stream beside it that must not be touched. */
function panics(name, scenario) {
  test(name, { skip }, async () => {
    const dir = makeFolder();
    try {
      const api = load(dir);
      const other = api.createWriteStream(path.join(dir, 'other'));
      other.write('one ');
      const file = path.join(dir, 'out');
      await scenario(api, file);
      await new Promise((resolve, reject) => {
        other.on('error', reject);
        other.end('two', resolve);
      });
      assert.strictEqual(fs.readFileSync(path.join(dir, 'other'), 'utf8'), 'one two');
    } finally {
      removeFolder(dir);
    }
  });
}

/** The events and callbacks of a stream, in order. */
function record(stream) {
  const log = [];
  for (const event of ['finish', 'error', 'close']) {
    stream.on(event, (error) =>
      log.push(error instanceof Error ? `${event} ${error.code}` : event),
    );
  }
  return log;
}

const opened = (stream) => new Promise((resolve) => stream.once('open', resolve));
const closed = (stream) => new Promise((resolve) => stream.once('close', resolve));

panics('a panic in a driver', async (api, file) => {
  const stream = api.createWriteStream(file);
  const log = record(stream);
  await opened(stream);
  api.panicAt('driver');
  stream.write('lost', (error) => log.push(`callback ${error?.code}`));
  await closed(stream);
  assert.deepStrictEqual(log, [
    'callback ERR_RUSHWRITE_PANIC',
    'error ERR_RUSHWRITE_PANIC',
    'close',
  ]);
});

panics('a panic in a call for a stream', async (api, file) => {
  const stream = api.createWriteStream(file);
  const log = record(stream);
  await opened(stream);
  api.panicAt('stream');
  stream.write(Buffer.alloc(5000), (error) => log.push(`callback ${error?.code}`));
  await closed(stream);
  assert.deepStrictEqual(log, [
    'callback ERR_RUSHWRITE_PANIC',
    'error ERR_RUSHWRITE_PANIC',
    'close',
  ]);
});

panics('a panic in flushSync() is thrown, and one error event', async (api, file) => {
  const stream = api.createWriteStream(file);
  const log = record(stream);
  await opened(stream);
  stream.write('handed over');
  stream.write('lost');
  api.panicAt('stream');
  assert.throws(() => stream.flushSync(), { code: 'ERR_RUSHWRITE_PANIC' });
  await closed(stream);
  assert.deepStrictEqual(log, ['error ERR_RUSHWRITE_PANIC', 'close']);
});

panics('a panic while a stream has nothing to do is told when it has', async (api, file) => {
  const stream = api.createWriteStream(file);
  const log = record(stream);
  await opened(stream);
  await new Promise((resolve) => stream.write('written', resolve));
  await setImmediate();
  api.panicAt('stream');
  stream.stats();
  // The event comes, and no stream waits for one.
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  stream.write('lost', (error) => log.push(`callback ${error?.code}`));
  await closed(stream);
  assert.deepStrictEqual(log, [
    'callback ERR_RUSHWRITE_PANIC',
    'error ERR_RUSHWRITE_PANIC',
    'close',
  ]);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'written');
});

panics('a panic before a call comes to its stream is an exception', async (api, file) => {
  const stream = api.createWriteStream(file);
  await opened(stream);
  api.panicAt('call');
  assert.throws(() => stream.write(Buffer.alloc(5000)), /panicked/);
  stream.on('error', () => {});
  stream.destroy();
  await closed(stream);
});
