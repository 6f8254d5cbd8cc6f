'use strict';

// Promises of syncs: one mark for those of a tick, answers in order, each told once.

const assert = require('node:assert');
const { test } = require('node:test');
const Syncs = require('../../lib/outlet/syncs.js');

/** Syncs, the marks they set, and what became of promises. */
function setUp() {
  const syncs = new Syncs();
  const marks = [];
  const log = [];
  const add = (name, wantsMetadata = false) =>
    syncs.add(wantsMetadata).then(
      () => log.push(name),
      (error) => log.push(`${name} ${error.code ?? error.message}`),
    );
  const place = () => {
    if (syncs.isMarkDue) marks.push(syncs.place());
  };
  return { syncs, marks, log, add, place };
}

test('those of a tick share a mark, which wants metadata if one of them does', async () => {
  const { syncs, marks, log, add, place } = setUp();
  const all = [add('a'), add('b', true)];
  place();
  all.push(add('c'));
  place();
  place();
  assert.deepStrictEqual(marks, [true, false]);
  syncs.answer(1);
  await Promise.all(all.slice(0, 2));
  assert.deepStrictEqual(log, ['a', 'b']);
  assert.ok(!syncs.isEmpty);
  syncs.answer(1);
  await Promise.all(all);
  assert.deepStrictEqual(log, ['a', 'b', 'c']);
  assert.ok(syncs.isEmpty);
});

test('one answer may be for several marks', async () => {
  const { syncs, log, add, place } = setUp();
  const all = ['a', 'b', 'c'].map((name) => {
    const promise = add(name);
    place();
    return promise;
  });
  syncs.answer(3);
  await Promise.all(all);
  assert.deepStrictEqual(log, ['a', 'b', 'c']);
});

test('a rejection is for all that wait, marked or not, and comes once', async () => {
  const { syncs, log, add, place } = setUp();
  const first = add('a');
  place();
  const second = add('b');
  syncs.reject(new Error('gone'));
  syncs.reject(new Error('again'));
  // The driver had carried it out by then.
  syncs.answer(1);
  syncs.refuse(1);
  await Promise.all([first, second]);
  assert.deepStrictEqual(log, ['a gone', 'b gone']);
  const third = add('c');
  syncs.reject(undefined);
  await third;
  assert.deepStrictEqual(log.slice(2), ['c ERR_STREAM_DESTROYED']);
});

test('what can not be synced refuses the marks that it answers', async () => {
  const { syncs, log, add, place } = setUp();
  const first = add('a');
  place();
  const second = add('b');
  place();
  syncs.refuse(1);
  syncs.answer(1);
  await Promise.all([first, second]);
  assert.deepStrictEqual(log, ['a ERR_RUSHWRITE_UNSUPPORTED', 'b']);
});

test('lone is who comes alone where the last one came alone and is answered', () => {
  const { syncs, add, place } = setUp();
  const isLone = () => {
    add('x');
    const { isLone } = syncs;
    place();
    return isLone;
  };
  assert.ok(!isLone(), 'nothing is known of others');
  assert.ok(!isLone(), 'the first one is not answered');
  syncs.answer(2);
  assert.ok(isLone());
  syncs.answer(1);
  add('y');
  assert.ok(!isLone(), 'two in a tick');
  syncs.answer(1);
  assert.ok(!isLone(), 'the last time there were two');
});
