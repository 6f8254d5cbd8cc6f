'use strict';

// The way up: what an event calls, and what `settle()` answers.

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { test } = require('node:test');
const { constants } = require('../../lib/native.js');
const Backpressure = require('../../lib/outlet/backpressure.js');
const Batch = require('../../lib/outlet/batch.js');
const Callbacks = require('../../lib/outlet/callbacks.js');
const Reopens = require('../../lib/outlet/reopens.js');
const Completion = require('../../lib/outlet/completion.js');
const Lifecycle = require('../../lib/outlet/lifecycle.js');
const Syncs = require('../../lib/outlet/syncs.js');
const { nativeFile } = require('../harness/native');

const { EVENT_OPENED, EVENT_PROGRESS, EVENT_FAILED, EVENT_STALLED, EVENT_RECOVERED } = constants;
const { END, FLUSH, REST, RESUME, WATCH_LATER } = require('../../lib/outlet/outlook.js');

/** The parts of an outlet over a real file, and an owner that notes what it is told. */
function setUp(t, isOpen = true) {
  const { native, written } = nativeFile(t);
  const log = [];
  const owner = {
    afterOpen: (_fd, callback) => callback(),
    afterDrain: () => log.push('drain'),
    afterProgress() {},
    afterStall: () => log.push('stall'),
    afterRecovery: () => log.push('recover'),
    beforeFailure() {},
    afterFailure: (error) => log.push(`failure ${error.message}`),
    systemError: (_errno, syscall) => new Error(syscall),
  };
  const batch = new Batch(native);
  const stream = { writableHighWaterMark: 16, writableBuffer: [] };
  const settings = { bufferSize: 100, maxBytes: Infinity, isUnlimited: false };
  const parts = {
    native,
    batch,
    backpressure: new Backpressure(native, batch, stream, settings),
    callbacks: new Callbacks(new AsyncResource('TEST')),
    reopens: new Reopens(),
    life: new Lifecycle(isOpen),
    syncs: new Syncs(),
  };
  const completion = new Completion(owner, parts, false);
  return { ...parts, completion, log, written };
}

test('nothing to do is a rest', (t) => {
  const { completion } = setUp(t);
  assert.strictEqual(completion.settle(false), REST);
  assert.strictEqual(completion.settle(true), 0);
});

test('the end of a stream that was stalled waits for the event, and watches nothing that is written', (t) => {
  const { completion, life, log, native } = setUp(t);
  let watched = 0;
  native.watch = () => watched++;
  completion.deliver(EVENT_STALLED, 0, 0);
  life.end(() => log.push('end'));
  assert.strictEqual(completion.settle(false), 0);
  assert.strictEqual(watched, 0);
  completion.deliver(EVENT_RECOVERED, 0, 0);
  assert.strictEqual(completion.settle(false), END);
  assert.deepStrictEqual(log, ['stall', 'recover']);
});

test('bytes of which nobody wants to hear are watched later', (t) => {
  const { completion, native } = setUp(t);
  native.append(Buffer.from('abc'));
  assert.strictEqual(completion.settle(false), WATCH_LATER);
});

test('a callback is called by the progress to its position', (t) => {
  const { callbacks, completion, log, native, written } = setUp(t);
  native.append(Buffer.from('abc'));
  callbacks.add(() => log.push('written'));
  written();
  callbacks.place(native.acceptedBytes);
  assert.strictEqual(completion.settle(false), 0);
  completion.deliver(EVENT_PROGRESS, 2, 0);
  assert.deepStrictEqual(log, []);
  completion.deliver(EVENT_PROGRESS, 3, 0);
  assert.deepStrictEqual(log, ['written']);
  assert.strictEqual(completion.isDrained, true);
});

test('drain follows a false once there is room', (t) => {
  const { backpressure, completion, log, native, written } = setUp(t);
  native.append(Buffer.alloc(100));
  backpressure.askForDrain();
  completion.resume();
  assert.deepStrictEqual(log, []);
  written();
  native.refresh();
  assert.strictEqual(completion.settle(false), RESUME | REST);
  completion.resume();
  completion.resume();
  assert.deepStrictEqual(log, ['drain']);
});

test('held chunks that have moved ask for a flush, once', (t) => {
  const { backpressure, completion, log } = setUp(t);
  backpressure.hold(['abc'], () => log.push('Writable'));
  completion.resume();
  assert.deepStrictEqual(log, ['Writable']);
  assert.strictEqual(completion.settle(false), FLUSH);
  assert.strictEqual(completion.settle(false) & FLUSH, 0);
});

test('the end is reached when all is written', (t) => {
  const { completion, life, log, native, written } = setUp(t);
  native.append(Buffer.from('abc'));
  life.end(() => log.push('end'));
  assert.strictEqual(completion.settle(false), 0);
  written();
  native.refresh();
  assert.strictEqual(completion.settle(false), END);
  completion.end();
  assert.deepStrictEqual(log, ['end']);
  assert.strictEqual(completion.settle(false), REST);
});

test('one failure is told once: to who waits in Writable, else to the stream', (t) => {
  const held = setUp(t);
  held.backpressure.hold(['abc'], (error) => held.log.push(`Writable ${error.message}`));
  held.callbacks.add((error) => held.log.push(`write ${error.message}`));
  held.completion.deliver(EVENT_FAILED, 28, constants.SYSTEM_CALLS.indexOf('write'));
  held.completion.deliver(EVENT_FAILED, 28, constants.SYSTEM_CALLS.indexOf('write'));
  assert.deepStrictEqual(held.log, ['write write', 'Writable write']);
  const idle = setUp(t);
  idle.completion.deliver(EVENT_FAILED, 5, constants.SYSTEM_CALLS.indexOf('fsync'));
  assert.deepStrictEqual(idle.log, ['failure fsync']);
});

test('a failed stream wants nothing more', (t) => {
  const { backpressure, completion, native } = setUp(t);
  native.append(Buffer.alloc(100));
  backpressure.askForDrain();
  completion.deliver(EVENT_FAILED, 28, 1);
  assert.strictEqual(completion.settle(false), REST);
});

test('the open ends the time in which Rust accepts all', (t) => {
  const { backpressure, completion, life, native } = setUp(t, false);
  backpressure.isUnlimited = true;
  native.append(Buffer.alloc(100));
  assert.strictEqual(backpressure.isReady, true);
  let opened = 0;
  assert.strictEqual(
    life.open(() => opened++),
    true,
  );
  completion.deliver(EVENT_OPENED, 7, 0);
  assert.strictEqual(opened, 1);
  assert.strictEqual(backpressure.isReady, false);
});

test('what was held is not written when Writable hears that it may go on', (t) => {
  const { backpressure, completion } = setUp(t);
  const seen = [];
  backpressure.hold(['held'], () => seen.push(completion.isDrained));
  assert.strictEqual(completion.isDrained, false);
  completion.resume();
  assert.deepStrictEqual(seen, [false]);
  assert.strictEqual(completion.settle(false) & FLUSH, FLUSH);
});

test('a close first calls back for what is written, of which the driver tells no more', (t) => {
  const { callbacks, completion, life, log } = setUp(t);
  callbacks.add((error) => log.push(`written ${error}`));
  life.close(null, () => log.push('closed'));
  completion.close();
  assert.deepStrictEqual(log, ['written null', 'closed']);
});
