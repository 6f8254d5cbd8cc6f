'use strict';

// Chunks that wait for room, and the count of those that Rust was given before `Writable` came to them.

const assert = require('node:assert');
const { test } = require('node:test');
const Held = require('../../lib/outlet/held.js');

test('chunks come out whole and in order', () => {
  const held = new Held();
  held.hold(['a', Buffer.from('bc'), 'd'], () => {});
  const next = [];
  while (!held.isEmpty) next.push(`${held.next()}`);
  assert.deepStrictEqual(next, ['a', 'bc', 'd']);
});

test('a piece of a Buffer leaves the rest', () => {
  const held = new Held();
  held.hold([Buffer.from('abcde')], () => {});
  assert.strictEqual(`${held.next(2)}`, 'ab');
  held.skip(1);
  assert.strictEqual(`${held.next(2)}`, 'de');
  assert.strictEqual(held.isEmpty, true);
});

test('a chunk that gets shorter has lost something, and one that is cut here has not', () => {
  const memory = new ArrayBuffer(8);
  const held = new Held();
  held.hold([Buffer.from('ab'), Buffer.from(memory)], () => {});
  held.next();
  held.skip(3);
  assert.strictEqual(held.hasLost, false);
  structuredClone(memory, { transfer: [memory] });
  assert.strictEqual(held.hasLost, true);
  held.drop();
  assert.strictEqual(held.hasLost, false);
});

test('a string is never cut', () => {
  const held = new Held();
  held.hold(['abcde'], () => {});
  assert.strictEqual(held.largeBuffer(1), null);
  assert.strictEqual(held.next(2), 'abcde');
});

test('bytes that Rust has are shared until Writable goes on', () => {
  const held = new Held();
  const callback = () => {};
  held.hold([Buffer.from('abc')], callback);
  held.next();
  assert.strictEqual(held.sharedBytes, 3);
  assert.strictEqual(held.stopWaiting(), callback);
  assert.strictEqual(held.sharedBytes, 0);
  assert.strictEqual(held.isWaiting, false);
  assert.strictEqual(held.stopWaiting(), null);
});

test('chunks that were given ahead are left out when Writable passes them on', () => {
  const held = new Held();
  const queue = [
    { chunk: Buffer.from('ab'), encoding: 'buffer' },
    { chunk: 'ff', encoding: 'hex' },
  ];
  assert.deepStrictEqual(held.copyAhead(queue), [Buffer.from('ab'), Buffer.from([255])]);
  assert.deepStrictEqual(held.copyAhead(queue), []);
  assert.strictEqual(held.surplusBytes, -3);
  held.hold([Buffer.from('ab'), Buffer.from([255]), 'new'], () => {});
  assert.strictEqual(held.surplusBytes, 3);
  assert.strictEqual(held.next(), 'new');
});

test('what is dropped counts as passed on', () => {
  const held = new Held();
  const callback = () => {};
  held.hold(['abc'], callback);
  assert.strictEqual(held.drop(), callback);
  assert.strictEqual(held.isEmpty, true);
  assert.strictEqual(held.surplusBytes, 3);
});
