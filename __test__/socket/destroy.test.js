'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { NO_UNIX_SOCKET, oursAlone, parity } = require('../harness/sockets');

const DESTROYED = {
  class: 'Error',
  name: 'Error',
  message: 'Cannot call write after a stream was destroyed',
  code: 'ERR_STREAM_DESTROYED',
};

parity('destroy an idle socket', async (world) => {
  const { socket, peer } = await world.pair();
  world.note(socket.destroy() === socket, socket.destroyed);
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('destroy with an error', async (world) => {
  const { socket } = await world.pair();
  socket.destroy(new Error('boom'));
  await world.closed(socket);
  world.note(socket.errored);
});

parity('destroy twice, the first error counts', async (world) => {
  const { socket } = await world.pair();
  socket.destroy(new Error('first'));
  socket.destroy(new Error('second'));
  await world.closed(socket);
});

parity('destroy right after a small write: the bytes went out', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write('written', world.callback('write cb'));
  socket.destroy();
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('destroy with an error right after a small write', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write('written', world.callback('write cb'));
  socket.destroy(new Error('boom'));
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('destroy in a write callback', async (world) => {
  const { socket } = await world.pair();
  socket.write('one', () => {
    world.note('write cb');
    socket.destroy();
  });
  await world.closed(socket);
});

parity('destroy right after end', async (world) => {
  const { socket } = await world.pair();
  socket.end('all of it', world.callback('end cb'));
  socket.destroy();
  await world.closed(socket);
});

parity('destroy in finish', async (world) => {
  const { socket } = await world.pair({ allowHalfOpen: true });
  socket.on('finish', () => socket.destroy());
  socket.end('all of it', world.callback('end cb'));
  await world.closed(socket);
});

parity('destroy in data', async (world) => {
  const { socket, other } = await world.pair();
  socket.on('data', () => socket.destroy());
  other.write('x');
  await world.closed(socket);
});

parity('destroy in connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.write('queued', world.callback('write cb'));
  socket.on('connect', () => socket.destroy());
  await world.closed(socket);
});

// In Node, callbacks of chunks that the system took succeed. In ours, every callback not called
// before the destroy gets its error.
oursAlone(
  'destroy in connect with long writes queued: each callback is told, in order',
  async (world) => {
    const peer = await world.listen({ where: { path: world.file('socket') }, reads: false });
    const socket = world.connect(peer.where);
    const told = [];
    for (let i = 0; i < 6; i++) {
      socket.write(Buffer.alloc(60_000), (error) => told.push([i, error?.code]));
    }
    socket.on('connect', () => socket.destroy());
    await world.closed(socket);
    assert.deepStrictEqual(
      told,
      [0, 1, 2, 3, 4, 5].map((i) => [i, DESTROYED.code]),
    );
  },
  { skip: NO_UNIX_SOCKET },
);

parity('destroy before any connect', async (world) => {
  const socket = world.socket();
  socket.destroy();
  await world.closed(socket);
  socket.destroy(new Error('too late'));
  await nextTurn();
});

// What the peer sees is a race: the connection may be made before the destroy.
const DURING = {
  'in the same turn': async () => {},
  'in the next tick': () => new Promise((resolve) => process.nextTick(resolve)),
};

for (const [when, wait] of Object.entries(DURING)) {
  for (const error of [undefined, new Error('boom')]) {
    parity(`destroy(${error ?? ''}) while it connects, ${when}`, async (world) => {
      const socket = world.connect(await world.freePort(), '127.0.0.1');
      socket.write('one', world.callback('cb 1'));
      socket.write('two', world.callback('cb 2'));
      await wait();
      socket.destroy(error);
      world.note(socket.connecting, socket.pending, socket.readyState);
      await world.closed(socket);
    });

    parity(`destroy(${error ?? ''}) while the name is looked up, ${when}`, async (world) => {
      const socket = world.connect(await world.freePort(), 'localhost');
      socket.write('one', world.callback('write cb'));
      await wait();
      socket.destroy(error);
      await world.closed(socket);
    });

    parity(`end, then destroy(${error ?? ''}) while it connects, ${when}`, async (world) => {
      const socket = world.connect(await world.freePort(), '127.0.0.1');
      socket.end('one', world.callback('end cb'));
      await wait();
      socket.destroy(error);
      await world.closed(socket);
    });
  }
}

parity('destroySoon ends, and destroys when it is finished', async (world) => {
  const { socket } = await world.pair({ allowHalfOpen: true });
  socket.write('one', world.callback('write cb'));
  socket.destroySoon();
  world.note(socket.destroyed, socket.writableEnded);
  await world.closed(socket);
});

parity('destroySoon with a long write', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write(Buffer.alloc(4_000_000, 'abc'), world.callback('write cb'));
  socket.destroySoon();
  await world.closed(socket);
  await peer.received(4_000_000);
});

parity('destroySoon after end and finish', async (world) => {
  const { socket } = await world.pair({ allowHalfOpen: true });
  socket.end('x');
  await once(socket, 'finish');
  socket.destroySoon();
  world.note(socket.destroyed);
  await world.closed(socket);
});

parity('destroySoon before any connect', async (world) => {
  const socket = world.socket();
  socket.destroySoon();
  await nextTurn();
  world.note(socket.destroyed, socket.writableEnded);
  socket.destroy();
  await world.closed(socket);
});

parity('resetAndDestroy: the peer sees a reset', async (world) => {
  const { socket, peer } = await world.pair();
  world.note(socket.resetAndDestroy() === socket, socket.destroyed);
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('resetAndDestroy after a write whose bytes arrived', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write('written', world.callback('write cb'));
  await peer.received(7);
  socket.resetAndDestroy();
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('resetAndDestroy while it connects', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.write('x', world.callback('write cb'));
  socket.resetAndDestroy();
  await world.closed(socket);
});

parity('resetAndDestroy before any connect', async (world) => {
  const socket = world.socket();
  socket.resetAndDestroy();
  await world.closed(socket);
});

parity('resetAndDestroy after destroy', async (world) => {
  const { socket } = await world.pair();
  socket.destroy();
  socket.resetAndDestroy();
  await world.closed(socket);
});

// In Node 20 the callback of a write in flight gets no error of the destroy. In later versions all
// get ECANCELED.
parity(
  'destroy with a long write under way',
  async (world) => {
    const { socket } = await world.pair({ reads: false });
    socket.write(Buffer.alloc(16 << 20), world.callback('under way'));
    await nextTurn();
    socket.write('queued', world.callback('queued'));
    socket.destroy();
    await world.closed(socket);
  },
  { differs: withErrors },
);

parity(
  'destroy with an error and a long write under way',
  async (world) => {
    const { socket } = await world.pair({ reads: false });
    socket.write(Buffer.alloc(16 << 20), world.callback('under way'));
    await nextTurn();
    socket.write('queued', world.callback('queued'));
    socket.destroy(new Error('boom'));
    await world.closed(socket);
  },
  { differs: withErrors },
);

/**
 * In ours every pending callback gets the error of the destroy, in order, before the 'error' event.
 * Without an error it is the one that Node gives to later writes, as for files.
 */
function withErrors({ log, ...rest }) {
  const [, failure] = log.find(([event]) => event === 'error') ?? [undefined, DESTROYED];
  const others = log.filter(([label]) => label !== 'under way' && label !== 'queued');
  const ready = others.findIndex(([label]) => label === 'ready');
  others.splice(ready + 1, 0, ['under way', failure], ['queued', failure]);
  return { log: others, ...rest };
}

// While it writes, a socket of ours has a second descriptor, which must not keep the connection
// open. A peer that does not read may see an end instead of the reset.
const WAYS = {
  destroy: [(socket) => socket.destroy(), ['end']],
  resetAndDestroy: [(socket) => socket.resetAndDestroy(), ['end', 'ECONNRESET']],
};

for (const [name, [leave, endings]] of Object.entries(WAYS)) {
  parity(`the peer sees ${name} in the middle of a long write`, async (world) => {
    const { socket, other } = await world.pair({ reads: false });
    let ending = 'none';
    other.on('end', () => {
      ending = 'end';
    });
    other.on('error', (error) => {
      ending = error.code;
    });
    socket.write(Buffer.alloc(16 << 20));
    await nextTurn();
    leave(socket);
    await world.closed(socket);
    other.resume();
    if (!other.closed) await new Promise((resolve) => other.once('close', resolve));
    world.note('expected', endings.includes(ending));
  });
}
