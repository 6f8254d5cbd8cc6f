'use strict';

// Large Buffers of which the system has a part, and whose memory the program takes away before it has the rest.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { mayMove } = require('../../lib/chunk.js');
const { oursAlone, parity } = require('../harness/sockets');

/** More than any system takes at once. */
const FLOOD_BYTES = 32 * 1024 * 1024;

const PAGE_BYTES = 64 * 1024;

/** Writes `view` to a peer that reads nothing yet, and takes its memory away. */
async function flood(world, view, takeAway, callback = world.callback('write')) {
  const { socket, other } = await world.pair({ reads: false });
  view.fill('flood');
  world.note('answer', socket.write(view, callback));
  takeAway();
  return { socket, other };
}

parity('a WebAssembly.Memory that grows', async (world) => {
  const memory = new WebAssembly.Memory({ initial: FLOOD_BYTES / PAGE_BYTES + 1 });
  const view = Buffer.from(memory.buffer, 100, FLOOD_BYTES);
  const { socket, other } = await flood(world, view, () => memory.grow(1));
  socket.end('behind');
  const chunks = await other.toArray();
  const received = Buffer.concat(chunks);
  const expected = Buffer.concat([Buffer.alloc(FLOOD_BYTES, 'flood'), Buffer.from('behind')]);
  assert.ok(received.equals(expected), `${received.length} bytes`);
  await world.closed(socket);
});

oursAlone('a Buffer that is given away is never told to be written', async (world) => {
  const view = Buffer.from(new ArrayBuffer(FLOOD_BYTES));
  const giveAway = () => structuredClone(view.buffer, { transfer: [view.buffer] });
  const failures = [];
  const { socket, other } = await flood(world, view, giveAway, (error) => failures.push(error));
  socket.end('behind');
  other.resume();
  const [error] = await once(socket, 'error');
  assert.strictEqual(error.message, 'write EFAULT');
  await world.closed(socket);
  assert.deepStrictEqual(failures, [error]);
});

test('memory of which a program may take a part away is known', () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const resizable = new ArrayBuffer(100, { maxByteLength: 200 });
  const movable = [
    new Uint8Array(memory.buffer, 0, 1000),
    Buffer.from(memory.buffer, 5, PAGE_BYTES),
    new Uint8Array(resizable),
  ];
  const staying = [
    Buffer.alloc(PAGE_BYTES),
    Buffer.alloc(PAGE_BYTES).subarray(1000),
    Buffer.alloc(PAGE_BYTES + 1000).subarray(0, PAGE_BYTES),
  ];
  assert.deepStrictEqual(movable.map(mayMove), [true, true, true]);
  assert.deepStrictEqual(staying.map(mayMove), [false, false, false]);
});
