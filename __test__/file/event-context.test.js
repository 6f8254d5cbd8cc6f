'use strict';

// Which async context the events behind a write see: that of the write that found the stream idle, with and
// without a callback, whoever ends or destroys the stream meanwhile.

const { AsyncLocalStorage } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness');

const skip = process.platform !== 'linux' && '/dev/full is Linux’s';

const storage = new AsyncLocalStorage();
const as = (who, action) => storage.run(who, action);

/** Each writes to an open, idle stream. */
const PROGRAMS = {
  'a write with a callback': (stream, tell) => {
    as('writer', () => stream.write('a', tell('cb')));
  },
  'a write without one': (stream) => {
    as('writer', () => stream.write('a'));
  },
  'two writes, the second with a callback': (stream, tell) => {
    as('writer', () => stream.write('a'));
    as('second', () => stream.write('b', tell('cb')));
  },
  'two writes without one': (stream) => {
    as('writer', () => stream.write('a'));
    as('second', () => stream.write('b'));
  },
  'a long write': (stream, tell) => {
    as('writer', () => stream.write(Buffer.alloc(200_000), tell('cb')));
  },
  'two writes in another encoding': (stream, tell) => {
    as('writer', () => stream.write('6162', 'hex'));
    as('second', () => stream.write('6162', 'hex', tell('cb')));
  },
  'corked writes': (stream) => {
    as('corker', () => stream.cork());
    as('writer', () => stream.write('a'));
    as('uncorker', () => stream.uncork());
  },
};

/** What is done in the same tick. */
const BEHIND = {
  nothing: () => {},
  'an end': (stream, tell) => as('ender', () => stream.end(tell('end cb'))),
  'a destroy': (stream) => as('destroyer', () => stream.destroy(new Error('mine'))),
  'a write after the end': (stream, tell) => {
    as('ender', () => stream.end());
    as('late', () => stream.write('late', tell('late cb')));
  },
};

const teller = (world) => (what) => () => world.note(what, storage.getStore());

async function open(world, file, options) {
  const stream = as('creator', () => world.api.createWriteStream(file, options));
  const tell = teller(world);
  for (const event of ['open', 'ready', 'prefinish', 'finish', 'error', 'close']) {
    as('listener', () => stream.on(event, tell(event)));
  }
  await new Promise((resolve) => stream.on('ready', resolve));
  await nextTurn();
  return { stream, tell };
}

for (const [program, write] of Object.entries(PROGRAMS)) {
  for (const [behind, act] of Object.entries(BEHIND)) {
    parity(
      `contexts on a full disk: ${program}, and behind it ${behind}`,
      async (world) => {
        const { stream, tell } = await open(world, '/dev/full');
        write(stream, tell);
        act(stream, tell);
        await world.closed(stream);
      },
      { skip },
    );
    if (behind === 'nothing') continue;
    // Ours writes what it has accepted, Node only what is under way.
    const beginningOf = { out: 'abab' };
    parity(
      `contexts of a file: ${program}, and behind it ${behind}`,
      async (world) => {
        const { stream, tell } = await open(world, world.file());
        write(stream, tell);
        act(stream, tell);
        await world.closed(stream);
      },
      { beginningOf },
    );
  }
  parity(
    `contexts of a stream that is not closed: ${program}`,
    async (world) => {
      const { stream, tell } = await open(world, '/dev/full', { autoClose: false });
      const failed = new Promise((resolve) => stream.on('error', resolve));
      write(stream, tell);
      await failed;
      as('destroyer', () => stream.destroy());
      await world.closed(stream);
    },
    { skip },
  );
}

parity('a later writer’s context takes the place of an earlier one’s', async (world) => {
  const { stream, tell } = await open(world, world.file());
  await new Promise((resolve) => as('first', () => stream.write('a', resolve)));
  await nextTurn();
  as('second', () => stream.write('b'));
  as('ender', () => stream.end(tell('end cb')));
  await world.closed(stream);
});

parity('who ends an idle stream hears of it', async (world) => {
  const { stream, tell } = await open(world, world.file());
  await new Promise((resolve) => as('first', () => stream.write('a', resolve)));
  await nextTurn();
  as('ender', () => stream.end(tell('end cb')));
  await world.closed(stream);
});
