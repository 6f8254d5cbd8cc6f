'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const { parity } = require('../harness/sockets');

parity('AsyncLocalStorage: callbacks and events see what Node shows them', async (world) => {
  const storage = new AsyncLocalStorage();
  const tell = (what) => () => world.note(what, storage.getStore());
  const peer = await world.listen({ onConnection: (other) => other.pipe(other) });
  const socket = storage.run('creator', () => world.connect(peer.where));
  for (const event of ['connect', 'ready', 'data', 'finish', 'end', 'close']) {
    storage.run('listener', () => socket.on(event, tell(`${event} sees`)));
  }
  storage.run('writer', () => socket.write('a', tell('cb before connect sees')));
  await once(socket, 'data');
  await storage.run(
    'second writer',
    () =>
      new Promise((resolve) => {
        socket.write('b', () => {
          tell('cb after connect sees')();
          resolve();
        });
      }),
  );
  await once(socket, 'data');
  storage.run('ender', () => socket.end(tell('end cb sees')));
  await world.closed(socket);
});

parity('AsyncLocalStorage: a long write under way', async (world) => {
  const storage = new AsyncLocalStorage();
  const { socket } = await world.pair();
  await storage.run(
    'writer',
    () =>
      new Promise((resolve) => {
        socket.write(Buffer.alloc(8 << 20), () => {
          world.note('long cb sees', storage.getStore());
          resolve();
        });
      }),
  );
  socket.end();
  await world.closed(socket);
});

parity('AsyncLocalStorage: two sockets do not see each other', async (world) => {
  const storage = new AsyncLocalStorage();
  const peer = await world.listen();
  for (const name of ['first', 'second']) {
    await storage.run(name, async () => {
      const socket = world.api.connect(peer.where);
      await new Promise((resolve) => socket.on('connect', resolve));
      socket.on('finish', () => world.note(name, 'finish', storage.getStore()));
      await new Promise((resolve) => {
        socket.write('x', () => {
          world.note(name, 'cb', storage.getStore());
          resolve();
        });
      });
      socket.end();
      await world.closed(socket);
    });
  }
});
