'use strict';

// Large Buffers on a socket at rest, which go to the system within the call.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { oursAlone, parity } = require('../harness/sockets');

/** Above the mark of every Node, and less than any system takes at once. */
const large = Buffer.alloc(70_000, 'large');

parity('the answer, drain, the callback, and the context that they see', async (world) => {
  const { socket } = await world.pair();
  const storage = new AsyncLocalStorage();
  for (const name of ['first', 'second']) {
    await storage.run(name, async () => {
      const drain = () => world.note('drain', storage.getStore(), socket.writableNeedDrain);
      socket.once('drain', drain);
      await new Promise((resolve) => {
        const answer = socket.write(large, (error) => {
          world.note('callback', error, storage.getStore());
          resolve();
        });
        world.note('answer', answer, socket.writableNeedDrain, socket.bytesWritten);
      });
    });
  }
  socket.end();
  await world.closed(socket);
});

parity('small writes behind a large one in its tick', async (world) => {
  const { socket } = await world.pair();
  socket.write('before,', world.callback('before'));
  socket.write(large, world.callback('large'));
  socket.write('behind,', world.callback('behind'));
  socket.cork();
  socket.write(large, world.callback('corked'));
  socket.write('corked,', world.callback('corked text'));
  socket.uncork();
  socket.end(large, world.callback('end'));
  await world.closed(socket);
});

parity('a large Buffer, and what destroys the socket in its tick', async (world) => {
  const { socket } = await world.pair();
  socket.on('drain', () => world.note('drain'));
  socket.write(large);
  socket.destroy();
  await world.closed(socket);
});

parity('a _write of the socket sees a large Buffer', async (world) => {
  const { socket } = await world.pair();
  const { _write } = socket;
  socket._write = function (chunk, ...rest) {
    world.note('_write', chunk.length);
    return _write.call(this, chunk, ...rest);
  };
  socket.end(large);
  await world.closed(socket);
});

oursAlone('`Writable` has no part in it', async (world) => {
  const { socket } = await world.pair();
  let passed = 0;
  const state = socket._writableState;
  const { onwrite } = state;
  state.onwrite = (...args) => {
    passed += 1;
    return onwrite(...args);
  };
  // It has a part in those for which the turn had no time left.
  let direct = 0;
  for (let i = 0; i < 1000 && direct < 5; i++) {
    const before = passed;
    await new Promise((resolve) => socket.write(large, resolve));
    if (passed === before) direct += 1;
  }
  assert.strictEqual(direct, 5);
  const { writes, bytesWritten } = socket.stats();
  assert.deepStrictEqual(
    { writes, bytesWritten },
    { writes: passed + 5, bytesWritten: writes * 70_000 },
  );
  socket.end();
  await world.closed(socket);
});
