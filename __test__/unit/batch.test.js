'use strict';

// What is gathered for one call of Rust, and what goes by itself.

const assert = require('node:assert');
const { test } = require('node:test');
const Batch = require('../../lib/outlet/batch.js');
const { nativeFile } = require('../harness/native');

test('strings wait in the batch until it is committed', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  batch.append('one ');
  batch.append('two');
  assert.strictEqual(native.pendingBytes, 0);
  assert.strictEqual(batch.isEmpty, false);
  batch.commit();
  assert.strictEqual(native.pendingBytes, 7);
  assert.strictEqual(batch.isEmpty, true);
  assert.strictEqual(written(), 'one two');
});

test('a chunk joins only an open batch', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  batch.append('a');
  assert.strictEqual(batch.join('b'), false);
  batch.open();
  assert.strictEqual(batch.join('c'), true);
  batch.close();
  assert.strictEqual(batch.join('d'), false);
  batch.flush();
  assert.strictEqual(written(), 'ac');
});

test('a chunk of another kind does not join', (t) => {
  const { native } = nativeFile(t);
  const batch = new Batch(native);
  batch.open();
  batch.append('text');
  assert.strictEqual(batch.join(Buffer.from('bytes')), false);
  batch.append(Buffer.from('bytes'));
  assert.strictEqual(batch.join('text'), false);
  assert.strictEqual(batch.join(Buffer.from('more')), true);
  batch.clear();
});

test('a batch that would be too large is not joined', (t) => {
  const { native } = nativeFile(t);
  const batch = new Batch(native);
  batch.limit(80);
  batch.open();
  batch.append('12345');
  assert.strictEqual(batch.join('12345'), false);
  assert.strictEqual(batch.join('1234'), true);
});

test('a full batch makes room for a chunk that may join, and for no other', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  batch.limit(80);
  batch.append('12345');
  assert.strictEqual(batch.makeRoom('12345', 16), false, 'it is not open');
  batch.open();
  for (const chunk of ['', Buffer.from('bytes'), 'x'.repeat(16), {}, undefined]) {
    assert.strictEqual(batch.makeRoom(chunk, 16), false);
  }
  assert.strictEqual(native.pendingBytes, 0);
  assert.strictEqual(batch.makeRoom('67890', 16), true);
  assert.strictEqual(native.pendingBytes, 5);
  batch.append('67890');
  assert.strictEqual(batch.makeRoom('1', 16), true);
  batch.append(Buffer.from('23'));
  assert.strictEqual(batch.makeRoom('45', 16), false, 'bytes are gathered');
  assert.strictEqual(batch.makeRoom(Buffer.from('45'), 16), true);
  batch.flush();
  assert.strictEqual(written(), '123456789023');
});

test('kinds and sizes keep their order', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  const chunks = ['a', Buffer.from('b'), Buffer.alloc(2000, 'c'), 'd', 'e'.repeat(70_000), 'f'];
  for (const chunk of chunks) batch.append(chunk);
  batch.flush();
  assert.strictEqual(written(), chunks.map(String).join(''));
});

test('two batches share the place for small Buffers, and mix nothing', (t) => {
  const one = nativeFile(t);
  const other = nativeFile(t);
  const batches = [new Batch(one.native), new Batch(other.native)];
  for (let i = 0; i < 4; i++) {
    batches[0].append(Buffer.from(`a${i}`));
    batches[1].append(Buffer.from(`b${i}`));
  }
  for (const batch of batches) batch.flush();
  assert.strictEqual(one.written(), 'a0a1a2a3');
  assert.strictEqual(other.written(), 'b0b1b2b3');
});

test('halves of a surrogate pair from two strings do not meet', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  for (const text of ['\u{1f600}', 'x\ud83d', '\ude00y']) batch.append(text);
  batch.flush();
  assert.strictEqual(written(), '\u{1f600}x\ufffd\ufffdy');
});

test('what is cleared is never written', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  batch.append('a');
  batch.clear();
  batch.append(Buffer.from('b'));
  batch.clear();
  batch.append('c');
  batch.flush();
  assert.strictEqual(written(), 'c');
});

test('a view whose memory is gone has no bytes', (t) => {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  const view = new Uint8Array(4);
  structuredClone(view, { transfer: [view.buffer] });
  batch.open();
  batch.append(Buffer.from('a'));
  assert.strictEqual(batch.join(view), false);
  batch.append(view);
  batch.flush();
  assert.strictEqual(written(), 'a');
});
