'use strict';

// The life of an outlet: each transition, and whom it returns to be told.

const assert = require('node:assert');
const { test } = require('node:test');
const Lifecycle = require('../../lib/outlet/lifecycle.js');

/** A callback that keeps what it was called with, whatever context it is bound to. */
function teller() {
  const told = [];
  return { told, callback: (...values) => told.push(values) };
}

test('a path: unopened, opening, open, ending, finished, closed', () => {
  const life = new Lifecycle(false);
  const [open, end, close] = [teller(), teller(), teller()];
  assert.ok(life.isUnopened && !life.isOpened);
  assert.strictEqual(life.open(open.callback), true);
  assert.ok(life.isOpening && life.isEventDue && !life.isOpened);
  life.opened()();
  assert.strictEqual(open.told.length, 1);
  assert.ok(life.isOpened && life.isLive && !life.isEventDue);
  assert.strictEqual(life.end(end.callback), true);
  assert.ok(life.isEnding && life.isEventDue);
  life.finished()();
  assert.strictEqual(end.told.length, 1);
  assert.ok(!life.isEnding && life.isLive);
  assert.strictEqual(life.finished(), null);
  assert.strictEqual(life.close(null, close.callback), true);
  assert.ok(life.isClosing && life.isEventDue && !life.isLive);
  life.closed(null)();
  assert.strictEqual(close.told.length, 1);
});

test('a descriptor begins open', () => {
  assert.ok(new Lifecycle(true).isLive);
});

test('a socket is unopened until it is attached', () => {
  const life = new Lifecycle(false);
  life.attach();
  assert.ok(life.isLive && !life.isUnopened);
});

test('where Node writes the life is unused', () => {
  const life = new Lifecycle(false);
  life.leave();
  assert.ok(life.isUnused && !life.isLive && !life.isOpened && !life.isUnopened);
});

test('a failed open is told to who waits for the open', () => {
  const life = new Lifecycle(false);
  const open = teller();
  life.open(open.callback);
  const error = new Error('no file');
  life.fail(error)(error);
  assert.deepStrictEqual(open.told, [[error]]);
  assert.strictEqual(life.error, error);
  assert.strictEqual(life.failure, error);
  assert.ok(!life.isOpening);
});

test('a failure is told to who waits for the end, or to nobody', () => {
  const ending = new Lifecycle(true);
  const end = teller();
  ending.end(end.callback);
  const error = new Error('full');
  ending.fail(error)(error);
  assert.deepStrictEqual(end.told, [[error]]);
  assert.ok(!ending.isEnding);
  assert.strictEqual(new Lifecycle(true).fail(error), null);
});

test('the close tells its own error first, then the reason, then a failure since', () => {
  const [own, reason, late] = ['own', 'reason', 'late'].map((message) => new Error(message));
  const failing = new Lifecycle(true);
  failing.close(reason, () => {});
  failing.fail(late);
  failing.closed(null);
  assert.strictEqual(failing.closeReason, reason);
  const silent = new Lifecycle(true);
  silent.close(null, () => {});
  silent.fail(late);
  silent.closed(null);
  assert.strictEqual(silent.closeReason, late);
  silent.closed(own);
  assert.strictEqual(silent.closeReason, own);
});

test('there is nothing to close before the open and after an unasked close', () => {
  assert.strictEqual(
    new Lifecycle(false).close(null, () => {}),
    false,
  );
  const life = new Lifecycle(false);
  life.open(() => {});
  assert.ok(life.mayCloseUnasked);
  life.closeUnasked();
  life.opened();
  assert.ok(life.isEventDue);
  assert.strictEqual(life.closed(null), null);
  assert.ok(!life.isEventDue);
  assert.strictEqual(
    life.end(() => {}),
    false,
  );
  assert.strictEqual(
    life.close(null, () => {}),
    false,
  );
});

test('a closed stream does not open', () => {
  const life = new Lifecycle(false);
  life.close(null, () => {});
  life.closed(null);
  assert.strictEqual(
    life.open(() => {}),
    false,
  );
});

test('whose end is heard may not close unasked', () => {
  const life = new Lifecycle(false);
  life.noteEndHeard();
  assert.ok(!life.mayCloseUnasked);
});

test('a destroyed stream tells no end, and its writes the reason', () => {
  const life = new Lifecycle(true);
  life.end(() => assert.fail('told'));
  const reason = new Error('destroyed');
  life.reject(reason);
  assert.strictEqual(life.finished(), null);
  assert.strictEqual(life.failure, reason);
  assert.strictEqual(life.error, null);
});
