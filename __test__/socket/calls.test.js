'use strict';

// How many system calls writes take on a socket that takes all at once.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone } = require('../harness/sockets');

/** The writes that a stream may have made by themselves before it is seen to make several in a tick. */
const LONE_WRITES = 8;

oursAlone('a vector is one call, whatever is in it', async (world) => {
  const { socket, peer } = await world.pair();
  const told = [];
  for (let i = 0; i < 5; i++) {
    await nextTurn();
    const { syscalls } = socket.stats();
    socket.cork();
    socket.write('one ', 'latin1', () => told.push(1));
    socket.write(Buffer.from('two '), () => told.push(2));
    socket.write('thr\xe9\xe9 ');
    socket.write('', () => told.push(3));
    socket.uncork();
    assert.strictEqual(socket.stats().syscalls, syscalls + 1);
    await nextTurn();
    assert.strictEqual(socket.stats().syscalls, syscalls + 1);
    assert.deepStrictEqual(told.splice(0), [1, 2, 3]);
  }
  await peer.received(5 * 16);
  socket.destroy();
});

oursAlone('a vector with a large Buffer or string is one call, too', async (world) => {
  const { socket, peer } = await world.pair();
  const LARGE = Buffer.alloc(40_000, 'x');
  for (const large of [LARGE, LARGE.toString()]) {
    await nextTurn();
    const { syscalls } = socket.stats();
    socket.cork();
    socket.write('head');
    socket.write(large);
    // In a packet of its own it would wait for the others to be acknowledged.
    socket.write('tail');
    socket.uncork();
    await nextTurn();
    assert.strictEqual(socket.stats().syscalls, syscalls + 1);
  }
  await peer.received(2 * 40_008);
  socket.destroy();
});

oursAlone('lone writes go out one by one, and many in one tick together', async (world) => {
  const { socket, peer } = await world.pair();
  let sent = 0;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) {
      const { syscalls } = socket.stats();
      socket.write('lone ');
      assert.strictEqual(socket.stats().syscalls, syscalls + 1, 'the first of a tick');
      await nextTurn();
    }
    const { syscalls } = socket.stats();
    for (let i = 0; i < 100; i++) socket.write('many ');
    await nextTurn();
    const calls = socket.stats().syscalls - syscalls;
    assert.ok(calls <= LONE_WRITES + 1, `${calls} calls for 100 writes`);
    sent += 120 * 5;
  }
  await peer.received(sent);
  socket.destroy();
});
