'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { parity } = require('../harness');

parity('AsyncLocalStorage: callbacks and events see what Node shows them', async (world) => {
  const storage = new AsyncLocalStorage();
  const tell = (what) => () => world.note(what, storage.getStore());
  const stream = storage.run('creator', () => world.create(world.file()));
  for (const event of ['open', 'ready', 'finish', 'close']) {
    storage.run('listener', () => stream.on(event, tell(`${event} sees`)));
  }
  storage.run('writer', () => stream.write('a', tell('cb before open sees')));
  await world.event(stream, 'ready');
  await storage.run(
    'second writer',
    () =>
      new Promise((resolve) => {
        stream.write('b', () => {
          tell('cb after open sees')();
          resolve();
        });
      }),
  );
  storage.run('ender', () => stream.end(tell('end cb sees')));
  await world.closed(stream);
});

parity('AsyncLocalStorage: two streams do not see each other', async (world) => {
  const storage = new AsyncLocalStorage();
  for (const name of ['first', 'second']) {
    await storage.run(name, async () => {
      const stream = world.api.createWriteStream(world.file(name));
      await new Promise((resolve) => stream.on('open', resolve));
      stream.on('finish', () => world.note(name, 'finish', storage.getStore()));
      await new Promise((resolve) => {
        stream.write('x', () => {
          world.note(name, 'cb', storage.getStore());
          resolve();
        });
      });
      stream.end();
      await world.closed(stream);
    });
  }
});

parity('AsyncLocalStorage: a callback behind a write without one', async (world) => {
  const storage = new AsyncLocalStorage();
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  const tell = (what) => () => world.note(what, storage.getStore());
  await storage.run('first', () => new Promise((resolve) => stream.write('a', resolve)));
  await new Promise((resolve) => {
    storage.run('second', () => {
      stream.write('b');
      stream.write('c', tell('cb sees'));
      stream.write('d', resolve);
    });
  });
  stream.end();
  await world.closed(stream);
});
