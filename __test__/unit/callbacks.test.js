'use strict';

// Callbacks of writes and of marks, by position.

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { test } = require('node:test');
const Callbacks = require('../../lib/outlet/callbacks.js');

function setUp() {
  const callbacks = new Callbacks(new AsyncResource('TEST'));
  const log = [];
  const note = (name) => (error) => log.push(error ? `${name} ${error.message}` : name);
  return { callbacks, log, note };
}

/** The system has yet to take what was written. */
const WAITING = { accept: () => null, hasWritten: false };

/** The next uncaught error is `tell`'s, not the test runner's. */
function nextUncaught(tell) {
  return new Promise((resolve) => {
    process.setUncaughtExceptionCaptureCallback((error) => {
      process.setUncaughtExceptionCaptureCallback(null);
      tell(error);
      resolve();
    });
  });
}

test('a callback is called when its bytes are completed, and only once', () => {
  const { callbacks, log, note } = setUp();
  callbacks.add(note('a'));
  callbacks.place(10);
  callbacks.add(note('b'));
  callbacks.place(20);
  assert.strictEqual(callbacks.position, 10);
  callbacks.call(9, null);
  assert.deepStrictEqual(log, []);
  callbacks.call(19, null);
  callbacks.call(19, null);
  assert.deepStrictEqual(log, ['a']);
  callbacks.call(20, null);
  assert.deepStrictEqual(log, ['a', 'b']);
  assert.strictEqual(callbacks.isEmpty, true);
  assert.strictEqual(callbacks.position, Infinity);
});

test('a write in Writable keeps its place before later ones', () => {
  const { callbacks, log, note } = setUp();
  const afterWrite = callbacks.wrap(note('first'), WAITING);
  callbacks.add(note('second'));
  callbacks.place(5);
  callbacks.call(5, null);
  assert.deepStrictEqual(log, []);
  afterWrite(null);
  callbacks.place(9);
  callbacks.call(9, null);
  assert.deepStrictEqual(log, ['first', 'second']);
});

test('a cancelled write holds up nobody', () => {
  const { callbacks, log, note } = setUp();
  const afterWrite = callbacks.wrap(note('first'), WAITING);
  callbacks.add(note('second'));
  callbacks.place(5);
  afterWrite(Callbacks.CANCELLED);
  callbacks.call(5, null);
  assert.deepStrictEqual(log, ['second']);
});

test('a rejection reaches writes behind one in Writable after that one has failed', () => {
  const { callbacks, log, note } = setUp();
  callbacks.add(note('accepted'));
  const afterWrite = callbacks.wrap(note('queued'), WAITING);
  callbacks.add(note('behind'));
  callbacks.reject(5, new Error('full'));
  assert.deepStrictEqual(log, ['accepted full']);
  afterWrite(new Error('gone'));
  assert.deepStrictEqual(log, ['accepted full', 'queued gone', 'behind full']);
});

test('one that Writable fails before an earlier one waits for that', () => {
  const { callbacks, log, note } = setUp();
  const writes = ['first', 'second', 'third'].map((name) => callbacks.wrap(note(name), WAITING));
  callbacks.reject(5, new Error('full'));
  writes[2](new Error('gone'));
  writes[0](new Error('away'));
  assert.deepStrictEqual(log, ['first away']);
  writes[1](new Error('late'));
  assert.deepStrictEqual(log, ['first away', 'second late', 'third gone']);
});

test('one that throws puts off those behind it to the next tick, in order', async () => {
  const { callbacks, log, note } = setUp();
  callbacks.add(note('a'));
  callbacks.add(() => {
    throw new Error('thrown');
  });
  callbacks.add(note('c'));
  callbacks.place(1);
  callbacks.add(note('d'));
  callbacks.place(2);
  const thrown = nextUncaught((error) => log.push(error.message));
  callbacks.call(1, null);
  callbacks.call(2, null);
  assert.deepStrictEqual(log, ['a']);
  await thrown;
  await new Promise(setImmediate);
  assert.deepStrictEqual(log, ['a', 'thrown', 'c', 'd']);
});

test('callbacks see the context of the write that found the stream idle', () => {
  const storage = new AsyncLocalStorage();
  const { callbacks } = setUp();
  const seen = [];
  storage.run('idle', () => {
    callbacks.renew();
    callbacks.add(() => seen.push(storage.getStore()));
  });
  storage.run('busy', () => callbacks.add(() => seen.push(storage.getStore())));
  callbacks.place(1);
  callbacks.call(1, null);
  assert.deepStrictEqual(seen, ['idle', 'idle']);
});

test('many callbacks in one tick fill a stream until they are placed', () => {
  const { callbacks } = setUp();
  for (let i = 0; i < 16 * 1024; i++) {
    assert.strictEqual(callbacks.isFull, false);
    callbacks.add(() => {});
  }
  assert.strictEqual(callbacks.isFull, true);
  callbacks.place(1);
  assert.strictEqual(callbacks.isFull, false);
});
