'use strict';

// examples/redis-stream.js against a real Redis server.

const assert = require('node:assert');
const { once } = require('node:events');
const { pipeline } = require('node:stream/promises');
const { after, before, test } = require('node:test');
const { Redis } = require('ioredis');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const RedisStream = require('../../examples/redis-stream.js');

const LINES = 50_000;
const file = find('redis-server');
const skip = file === undefined ? 'redis-server is not installed' : false;
const dir = makeFolder();
let daemon;
let redis;

before(async () => {
  if (skip) return;
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  daemon = await Daemon.start(file, args, { cwd: dir, ready: /ready to accept connections/i });
  redis = new Redis({ host: '127.0.0.1', port });
});

after(async () => {
  redis?.disconnect();
  await daemon?.stop();
  removeFolder(dir);
});

test('every line is an entry, in order, whatever the size of a batch', { skip }, async () => {
  for (const batchSize of [50, 64 * 1024]) {
    const count = batchSize === 50 ? 500 : LINES;
    const key = `lines:${batchSize}`;
    await pipeline(numberedLines(count), new RedisStream(redis, key, { batchSize }));
    const entries = await redis.xrange(key, '-', '+');
    const lines = entries.map(([, [field, line]]) => `${field} ${line}\n`);
    assert.deepStrictEqual(
      lines,
      Array.from(numberedLines(count), (line) => `line ${line}`),
    );
  }
});

test('a last line without an end is one, too, and no line is none', { skip }, async () => {
  const sink = new RedisStream(redis, 'last', { batchSize: 4 });
  sink.end('first\nlast');
  await once(sink, 'close');
  const entries = await redis.xrange('last', '-', '+');
  assert.deepStrictEqual(
    entries.map(([, [, line]]) => line),
    ['first', 'last'],
  );
  const empty = new RedisStream(redis, 'empty');
  empty.end();
  await once(empty, 'close');
  assert.strictEqual(await redis.exists('empty'), 0);
});

test('what Redis refuses is the error of the stream', { skip }, async () => {
  await redis.set('text', 'no stream');
  const sink = new RedisStream(redis, 'text');
  const told = new Promise((resolve) => sink.write('line\n', resolve));
  const [error] = await once(sink, 'error');
  assert.match(error.message, /WRONGTYPE/);
  assert.strictEqual(await told, error);
});
