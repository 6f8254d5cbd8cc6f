'use strict';

// A stream that goes on in other files, and ends or is destroyed meanwhile.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { setTimeout: wait } = require('node:timers/promises');
const { LogFolder } = require('../harness/logs');
const { Rotation } = require('../../lib/rotation.js');
const { createWriteStream } = require('../..');

const EVENTS = ['reopen', 'reopenError', 'rotate', 'finish', 'error', 'close'];

/** A stream that is open, and the names of its events. */
async function opened(...args) {
  const stream = createWriteStream(...args);
  const events = [];
  for (const event of EVENTS) stream.on(event, () => events.push(event));
  await once(stream, 'open');
  return { stream, events };
}

/** What the driver has done is not told before the stream is destroyed. */
async function destroyBehindDriver(stream) {
  stream.flushSync();
  stream.destroy();
  await once(stream, 'close');
}

test('a destroyed stream rejects a reopen that the driver has made already', async (t) => {
  const logs = new LogFolder(t);
  const { stream, events } = await opened(logs.log);
  const reopened = stream.reopen(logs.path('next'));
  stream.write('in the next');
  await destroyBehindDriver(stream);
  await assert.rejects(reopened, { code: 'ERR_STREAM_DESTROYED' });
  assert.deepStrictEqual(events, ['close']);
  assert.strictEqual(stream.fd, null);
  assert.strictEqual(stream.path, logs.log);
  assert.deepStrictEqual(logs.contents(), ['in the next', '']);
});

test('a destroyed stream has no descriptor, though its file was put aside', async (t) => {
  const logs = new LogFolder(t);
  const { stream } = await opened(logs.log, { rotate: { size: 10 } });
  stream.write('line 1 ..\n');
  stream.write('line 2 ..\n');
  await destroyBehindDriver(stream);
  assert.strictEqual(stream.fd, null);
  assert.deepStrictEqual(logs.contents(), ['line 1 ..\n', 'line 2 ..\n']);
});

test('a log that has ended asks for no more rotations, whatever the driver still tells', async (t) => {
  const logs = new LogFolder(t);
  fs.writeFileSync(logs.log, '');
  let asked = 0;
  const ask = () => asked++;
  const settings = { interval: 1, keep: {}, compresses: false, archive: undefined };
  const rotation = new Rotation(logs.log, settings, ask, () => {});
  rotation.end(true);
  rotation.afterRotate(Date.now());
  rotation.afterFailure(new Error('on purpose'));
  await wait(20);
  assert.strictEqual(asked, 0);
});

test('the end waits for a reopen with nothing behind it', async (t) => {
  const logs = new LogFolder(t);
  const { stream, events } = await opened(logs.log);
  const reopened = stream.reopen(logs.path('next'));
  stream.end();
  const { path } = await reopened;
  assert.strictEqual(path, logs.path('next'));
  await once(stream, 'close');
  assert.deepStrictEqual(events, ['reopen', 'finish', 'close']);
});

test('an atomic stream is not reopened, and loses nothing by that', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { atomic: true });
  stream.write('all ');
  const reopened = stream.reopen(logs.path('next'));
  await assert.rejects(reopened, { code: 'ERR_RUSHWRITE_UNSUPPORTED', message: /atomic/ });
  stream.end('of it');
  await once(stream, 'close');
  assert.deepStrictEqual(logs.names(), ['app.log']);
  assert.deepStrictEqual(logs.contents(), ['all of it']);
});

test('a highWaterMark leaves the files as small as they should be', async (t) => {
  const logs = new LogFolder(t);
  const options = { rotate: { size: 1000 }, highWaterMark: 64 * 1024 };
  const stream = createWriteStream(logs.log, options);
  for (let i = 0; i < 10; i++) stream.write('x'.repeat(300));
  for (let i = 0; i < 10; i++) stream.write(Buffer.alloc(300, 'y'));
  stream.end();
  await once(stream, 'close');
  const sizes = logs.contents().map((text) => text.length);
  assert.deepStrictEqual(sizes, [900, 900, 900, 900, 900, 900, 600]);
});
