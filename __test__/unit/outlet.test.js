'use strict';

// The way down, and when bytes are handed over: an outlet over a real file, without `Writable`.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const events = require('../../lib/events.js');
const NativeStream = require('../../lib/native-stream.js');
const Outlet = require('../../lib/outlet.js');
const { makeFolder } = require('../harness/folder');

/** An outlet over a file that is open already, and functions that wait for it. */
function setUp(t, { bufferSize = 1024 } = {}) {
  const file = path.join(makeFolder(t), 'file');
  const fd = fs.openSync(file, 'w');
  const how = { start: -1, flush: false, keepOpen: false };
  const native = NativeStream.ofDescriptor(fd, how);
  let drained;
  const drain = new Promise((resolve) => {
    drained = resolve;
  });
  const owner = {
    stream: { writableHighWaterMark: 16, _writableState: { length: 0 }, writableBuffer: [] },
    afterOpen() {},
    afterDrain: drained,
    afterProgress() {},
    beforeFailure() {},
    afterFailure() {},
    systemError: (_errno, syscall) => new Error(syscall),
    isUnobserved: false,
  };
  const settings = { bufferSize, trust: { flushOnExit: false, bound: null }, isOpen: true };
  const outlet = new Outlet(owner, native, settings);
  const end = () => new Promise((resolve) => outlet.end(resolve));
  const close = () => new Promise((resolve) => outlet.close(null, resolve));
  return { outlet, native, drain, end, close, read: () => fs.readFileSync(file, 'utf8') };
}

const nextTick = () => new Promise(process.nextTick);

test('what is taken in a tick is handed over at its end', async (t) => {
  const { outlet, native, end, close, read } = setUp(t);
  assert.strictEqual(outlet.take('a'), true);
  assert.strictEqual(outlet.gather('b'), false, 'nothing is gathered behind what was handed over');
  assert.strictEqual(outlet.take('b'), true);
  assert.strictEqual(outlet.gather('c'), true);
  assert.strictEqual(native.acceptedBytes, 1);
  assert.strictEqual(outlet.isDrained, false);
  await nextTick();
  assert.strictEqual(native.acceptedBytes, 3);
  assert.strictEqual(outlet.gather('d'), false);
  await end();
  assert.strictEqual(read(), 'abc');
  await close();
});

test('gathering goes on in another batch while half of the buffer is free', async (t) => {
  const { outlet, native, end, close, read } = setUp(t, { bufferSize: 9 * 1024 });
  const lines = Array.from({ length: 100 }, (_, i) => `${`${i}`.padEnd(99)}\n`);
  outlet.take(lines[0]);
  outlet.take(lines[1]);
  let gathered = 2;
  while (gathered < 100 && outlet.gather(lines[gathered], 1024)) gathered++;
  // The first line went by itself. A batch of such a buffer has 11 of them: Rust was given five, and a sixth is full.
  assert.strictEqual(gathered, 1 + 6 * 11);
  assert.strictEqual(native.totalBytes, 100 * (1 + 5 * 11));
  assert.strictEqual(outlet.take(lines[gathered]), true);
  await end();
  assert.strictEqual(read(), lines.slice(0, gathered + 1).join(''));
  await close();
});

test('the first write of an idle stream is handed over at once', async (t) => {
  const { outlet, native, end, close } = setUp(t);
  outlet.take('a');
  assert.strictEqual(native.acceptedBytes, 1);
  outlet.take('b');
  assert.strictEqual(native.acceptedBytes, 1);
  await end();
  await close();
});

test('a full outlet says false, and drains', async (t) => {
  const { outlet, drain, close } = setUp(t, { bufferSize: 0 });
  outlet.take('the stream is not idle any more');
  assert.strictEqual(outlet.take(Buffer.alloc(2000)), false);
  assert.strictEqual(outlet.take('more'), false);
  await drain;
  await close();
});

test('the end comes behind every callback', async (t) => {
  const { outlet, end, close } = setUp(t);
  const log = [];
  outlet.take('a', () => log.push('a'));
  outlet.take('b', () => log.push('b'));
  await end();
  assert.deepStrictEqual(log, ['a', 'b']);
  await close();
});

test('only an outlet with work to do is known to events', async (t) => {
  const { outlet, native, end, close } = setUp(t);
  const isKnown = () => events.targets().some(({ id }) => id === native.id);
  assert.strictEqual(isKnown(), false);
  outlet.take('a');
  assert.strictEqual(isKnown(), true);
  await end();
  assert.strictEqual(isKnown(), false);
  await close();
  assert.strictEqual(native.exists, false);
});

test('a destroyed outlet rejects what is not with the system, in order', async (t) => {
  const { outlet, close } = setUp(t);
  const told = [];
  outlet.take('a', (error) => told.push(error.code));
  outlet.rejectSoon(null);
  await close();
  assert.deepStrictEqual(told, ['ERR_STREAM_DESTROYED']);
  assert.strictEqual(outlet.isLive, false);
  assert.strictEqual(outlet.isReady, false);
});

test('drain comes behind a turn whose lines were all written by its end', async (t) => {
  const { outlet, native, drain, end, close } = setUp(t);
  const flush = native.flush.bind(native);
  native.flush = () => {
    flush();
    native.waitSettled(10_000);
    native.refresh();
  };
  outlet.take('a');
  await nextTick();
  outlet.take('b');
  await new Promise(setImmediate);
  native.flush = flush;
  assert.strictEqual(outlet.take(Buffer.alloc(2048)), false);
  await drain;
  await end();
  await close();
});

test('a hurried outlet has written all when the wait returns', async (t) => {
  const { outlet, read, close } = setUp(t);
  outlet.take('a');
  outlet.write(['b', Buffer.alloc(4000, 'c')], () => {});
  const target = events.busyTargets().at(-1);
  target.hurry(false);
  assert.deepStrictEqual(target.wait(10_000), { isSettled: true, bytes: 0, error: null });
  assert.strictEqual(read(), `ab${'c'.repeat(4000)}`);
  await close();
});

test('a socket that is not connected takes nothing, and loses no callback', async () => {
  const stream = { writableHighWaterMark: 16, _writableState: { length: 0 }, writableBuffer: [] };
  const settings = { bufferSize: 1024, trust: { flushOnExit: false, bound: null } };
  const outlet = new Outlet({ stream }, NativeStream.ofSocket(), settings);
  assert.ok(outlet.isUnopened && !outlet.isReady && !outlet.canTake() && !outlet.isLive);
  const told = [];
  const afterWrite = outlet.wrap(() => told.push('written'));
  outlet.attach(undefined);
  assert.ok(!outlet.isUnopened && !outlet.isLive);
  // Node has written, so that nothing has to be waited for.
  afterWrite(null);
  assert.deepStrictEqual(told, ['written']);
});
