'use strict';

// The handle of a native stream: its counts, its marks and its end.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { test } = require('node:test');
const events = require('../../lib/events.js');
const NativeStream = require('../../lib/native-stream.js');
const { EVENT_CLOSED } = require('../../lib/native.js').constants;
const { nativeFile } = require('../harness/native');

test('counts follow append, flush and the system', (t) => {
  const { native, written } = nativeFile(t);
  native.append(Buffer.from('abc'));
  assert.deepStrictEqual([native.pendingBytes, native.acceptedBytes], [3, 0]);
  assert.strictEqual(written(), 'abc');
  native.refresh();
  assert.deepStrictEqual([native.pendingBytes, native.acceptedBytes], [0, 3]);
  assert.strictEqual(native.completedBytes, 3);
});

test('text with surrogate pairs is refused unless it is of one write', (t) => {
  const { native, written } = nativeFile(t);
  assert.strictEqual(native.appendText('é', false), false);
  assert.strictEqual(native.appendText('\u{1f600}', false), true);
  assert.strictEqual(native.pendingBytes, 2);
  assert.strictEqual(native.appendText('\u{1f600}', true), true);
  assert.strictEqual(written(), 'é\u{1f600}');
});

test('a wait tells which call has failed', (t) => {
  const target = { path: '/nowhere/at/all', flags: fs.constants.O_WRONLY, mode: 0 };
  const how = { start: -1, flush: false, keepOpen: false };
  const native = NativeStream.ofPath(target, how);
  t.after(() => native.free());
  native.append(Buffer.from('abc'));
  native.flush();
  const { bytes, errno, syscall } = native.waitSettled(10_000);
  assert.deepStrictEqual([bytes, errno, syscall], [3, 2, 'open']);
});

test('a stream that is freed has no number, and keeps its final count', (t) => {
  const { native, written } = nativeFile(t);
  native.append(Buffer.from('abc'));
  written();
  native.free();
  assert.strictEqual(native.exists, false);
  assert.strictEqual(native.id, null);
  assert.strictEqual(native.completedBytes, 3);
});

test('what is discarded is never written', async (t) => {
  const { native, written } = nativeFile(t);
  const closed = new Promise((resolve) => {
    const deliver = (kind) => (kind === EVENT_CLOSED ? resolve() : undefined);
    events.add({ id: native.id, deliver });
  });
  native.append(Buffer.from('abc'));
  native.discard();
  native.markClose();
  native.flush();
  await closed;
  events.remove(native.id);
  assert.strictEqual(written(), '');
});

test('a socket gives the system a large Buffer without a copy', async (t) => {
  const server = net.createServer((peer) => peer.resume()).listen(0);
  await once(server, 'listening');
  const socket = net.connect(server.address().port);
  await once(socket, 'connect');
  t.after(() => {
    socket.destroy();
    server.close();
  });
  const native = NativeStream.ofSocket();
  assert.strictEqual(native.exists, false);
  assert.strictEqual(native.openSocket(socket._handle.fd), true);
  assert.strictEqual(native.send(Buffer.alloc(40_000)), 40_000);
  assert.strictEqual(native.completedBytes, 40_000);
  native.append(Buffer.alloc(40_000));
  assert.strictEqual(native.pendingBytes, 0);
  native.free();
});
