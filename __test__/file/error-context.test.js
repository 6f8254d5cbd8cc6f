'use strict';

// Where an error that a callback or a listener throws comes out, and which context is seen there.

const { parityInChild } = require('../harness/child');

parityInChild(
  'an error thrown in a callback comes out in the context of its own write',
  (api, dir) => {
    const { AsyncLocalStorage } = require('node:async_hooks');
    const storage = new AsyncLocalStorage();
    process.on('uncaughtException', (error) => {
      console.log(error.message, 'seen in', storage.getStore());
    });
    const write = (request) =>
      storage.run(`request ${request}`, () => {
        return new Promise((resolve) => {
          const stream = api.createWriteStream(`${dir}/${request}`);
          stream.on('open', () => {
            stream.write('x', () => {
              setImmediate(() => stream.end());
              throw new Error(`callback ${request}`);
            });
          });
          stream.on('close', resolve);
        });
      });
    (async () => {
      await write(1);
      await write(2);
      await write(3);
    })();
  },
);

parityInChild('listeners of open, finish and close throw in the contexts of Node', (api, dir) => {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  process.on('uncaughtException', (error) => {
    console.log(error.message, 'seen in', storage.getStore());
  });
  const run = (event) =>
    storage.run(`stream of ${event}`, () => {
      return new Promise((resolve) => {
        const stream = api.createWriteStream(`${dir}/${event}`);
        stream.on(event, () => {
          throw new Error(event);
        });
        stream.on('close', () => setImmediate(resolve));
        storage.run(`end of ${event}`, () => stream.end('x'));
      });
    });
  (async () => {
    for (const event of ['open', 'ready', 'finish']) await run(event);
  })();
});

parityInChild('an error thrown in a callback goes to the domain of its write', (api, dir) => {
  const domain = require('node:domain');
  const first = api.createWriteStream(`${dir}/first`);
  first.on('open', () => {
    const request = domain.create();
    request.on('error', (error) => {
      console.log('domain got', error.message);
      first.end();
    });
    request.run(() => {
      first.write('x', () => {
        throw new Error('thrown in a callback');
      });
    });
  });
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
});

parityInChild('drain and a pipe behind it see the context of the writer', (api, dir) => {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  const stream = storage.run('creator', () =>
    api.createWriteStream(`${dir}/out`, { highWaterMark: 1024 }),
  );
  stream.on('open', () => {
    storage.run('writer', () => {
      stream.write(Buffer.alloc(4096));
      stream.on('drain', () => {
        console.log('drain in', storage.getStore());
        stream.end();
      });
    });
  });
});

parityInChild('the stream of one request keeps the store of another from nothing', (api, dir) => {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const { setFlagsFromString } = require('node:v8');
  setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  const storage = new AsyncLocalStorage();
  let collected = false;
  const registry = new FinalizationRegistry(() => {
    collected = true;
  });
  const use = (name) => {
    const store = { name };
    registry.register(store);
    return storage.run(store, () => {
      return new Promise((resolve) => {
        const stream = api.createWriteStream(`${dir}/${name}`);
        stream.on('close', resolve);
        stream.end('x');
      });
    });
  };
  (async () => {
    await use('first');
    for (let turn = 0; turn < 50 && !collected; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      gc();
    }
    console.log('collected', collected);
  })();
});
