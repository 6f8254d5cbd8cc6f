'use strict';

// How much may wait: room, what is held without it, drain, and the hard bound.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const Backpressure = require('../../lib/outlet/backpressure.js');
const Batch = require('../../lib/outlet/batch.js');
const NativeStream = require('../../lib/native-stream.js');
const { nativeFile } = require('../harness/native');

/** Over a stream that is not opened yet, so that nothing of it is written before `written()`. */
function parts(t, { bufferSize = 100, maxBytes = Infinity, isUnlimited = false } = {}) {
  const { native, written } = nativeFile(t);
  const batch = new Batch(native);
  const stream = { writableHighWaterMark: 16, writableBuffer: [] };
  const settings = { bufferSize, maxBytes, isUnlimited };
  const backpressure = new Backpressure(native, batch, stream, settings);
  return { backpressure, batch, native, stream, written };
}

const bytes = (length) => Buffer.alloc(length, 'x');

test('there is room until the buffer is full, and again when half of it is written', (t) => {
  const { backpressure, native, written } = parts(t);
  native.append(bytes(99));
  assert.strictEqual(backpressure.hasRoom, true);
  assert.strictEqual(backpressure.isLow, false);
  native.append(bytes(1));
  assert.strictEqual(backpressure.hasRoom, false);
  assert.strictEqual(backpressure.hasRoomAgain(), false);
  written();
  assert.strictEqual(backpressure.lowPosition, 50);
  assert.strictEqual(backpressure.hasRoomAgain(), true);
  assert.strictEqual(backpressure.isLow, true);
});

test('without a buffer the first byte fills it', (t) => {
  const { backpressure, native } = parts(t, { bufferSize: 0 });
  assert.strictEqual(backpressure.hasRoom, true);
  native.append(bytes(1));
  assert.strictEqual(backpressure.hasRoom, false);
});

test('an unlimited stream is ready when it is full', (t) => {
  const { backpressure, native } = parts(t, { isUnlimited: true });
  native.append(bytes(200));
  assert.strictEqual(backpressure.hasRoom, false);
  assert.strictEqual(backpressure.isReady, true);
});

test('a held Buffer goes to Rust whole, whatever its size', (t) => {
  const { backpressure, native } = parts(t);
  backpressure.hold([bytes(1024 * 1024), bytes(1)], () => {});
  assert.strictEqual(backpressure.moveHeld(), true);
  assert.strictEqual(native.pendingBytes, 1024 * 1024);
  assert.strictEqual(backpressure.isHolding, true);
});

test('Writable goes on when all that it passed on has moved and there is room', (t) => {
  const { backpressure, native, written } = parts(t);
  const callback = () => {};
  backpressure.hold([bytes(100)], callback);
  assert.strictEqual(backpressure.isReady, false);
  backpressure.moveHeld();
  assert.strictEqual(backpressure.nextWritable(), null);
  assert.strictEqual(backpressure.moveHeld(), false);
  backpressure.hold([bytes(2000)], callback);
  assert.strictEqual(backpressure.moveHeld(), false);
  written();
  native.refresh();
  assert.strictEqual(backpressure.moveHeld(), true);
  written();
  native.refresh();
  assert.strictEqual(backpressure.nextWritable(), callback);
  assert.strictEqual(backpressure.isHolding, false);
});

test('somebody waits for room: Writable or the user', (t) => {
  const { backpressure } = parts(t);
  assert.strictEqual(backpressure.isAwaited, false);
  backpressure.askForDrain();
  assert.strictEqual(backpressure.isAwaited, true);
  backpressure.stopDrain();
  assert.strictEqual(backpressure.isAwaited, false);
  backpressure.hold(['x'], () => {});
  assert.strictEqual(backpressure.isAwaited, true);
  assert.strictEqual(typeof backpressure.drop(), 'function');
  assert.strictEqual(backpressure.isAwaited, false);
});

test('the bound counts both levels, and each byte once', (t) => {
  const { backpressure, batch, stream } = parts(t, { maxBytes: 10 });
  batch.append('12345');
  assert.strictEqual(backpressure.isOver(4), false);
  assert.strictEqual(backpressure.isOver(5), true);
  stream.writableBuffer = [{ chunk: bytes(4), encoding: 'buffer' }];
  backpressure.moveAll(true);
  assert.strictEqual(backpressure.isOver(4), false);
  assert.strictEqual(backpressure.surplusBytes, -4);
});

test('all goes to Rust at once, in order', (t) => {
  const { backpressure, batch, stream, written } = parts(t);
  batch.append('a');
  backpressure.hold(['b', bytes(2000)], () => {});
  stream.writableBuffer = [{ chunk: 'c', encoding: 'utf8' }];
  backpressure.moveAll(true);
  assert.strictEqual(written(), `ab${bytes(2000)}c`);
});

/** Over a connection whose peer reads nothing, and that takes no more. */
async function stalledParts(t) {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const [[other]] = await Promise.all([accepted, once(socket, 'connect')]);
  const native = NativeStream.ofSocket();
  native.openSocket(socket._handle.fd);
  t.after(() => {
    native.disown();
    native.free();
    socket.destroy();
    other.destroy();
    server.close();
  });
  const block = bytes(64 * 1024);
  while (native.writeFront(block, block.length));
  const stream = { _writableState: { length: 0, ending: false } };
  const settings = { bufferSize: 1 << 20, maxBytes: Infinity, isUnlimited: false };
  const backpressure = new Backpressure(native, new Batch(native), stream, settings);
  return { backpressure, native, state: stream._writableState };
}

const skip = process.platform === 'win32' ? 'Node writes to sockets there' : false;

test('what the system refuses is counted as long as Writable does not end', { skip }, async (t) => {
  const { backpressure, native, state } = await stalledParts(t);
  state.length = 5;
  assert.strictEqual(backpressure.countRefused(), false);
  assert.strictEqual(state.length, 5 + native.refusedBytes);
  assert.ok(backpressure.countedBytes > 0);
  backpressure.uncount();
  assert.strictEqual(state.length, 5);
  backpressure.countRefused();
  assert.strictEqual(state.length, 5 + native.refusedBytes);
  // It looks at its length when its last write is done, and never again.
  state.ending = true;
  assert.strictEqual(backpressure.countRefused(), true);
  assert.strictEqual(state.length, 5);
  assert.strictEqual(backpressure.countRefused(), false);
});

test('a vector takes for its own what is counted', { skip }, async (t) => {
  const { backpressure, native, state } = await stalledParts(t);
  backpressure.countRefused();
  backpressure.passVector();
  // As Writable does with the length that it has seen.
  state.length = 0;
  backpressure.countRefused();
  assert.strictEqual(state.length, native.refusedBytes);
  backpressure.isCounting = false;
  assert.strictEqual(state.length, 0);
});
