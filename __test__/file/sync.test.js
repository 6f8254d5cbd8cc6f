'use strict';

// sync(): what was accepted before the call is on the device when its promise resolves.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const native = require('../../lib/native.js');
const { oursAlone } = require('../harness');
const { Fifo, NO_FIFO } = require('../harness/fifo');

const RECORD = `${'r'.repeat(99)}\n`;

/** What became of a promise: its error, or null. */
const outcome = (promise) =>
  promise.then(
    () => null,
    (error) => error,
  );

async function finish(stream) {
  stream.end();
  await once(stream, 'close');
}

oursAlone('before the open: the bytes are in the file', async (world) => {
  const file = world.file('out');
  const stream = world.create(file);
  stream.write('accepted');
  await stream.sync();
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'accepted');
  assert.strictEqual(stream.stats().syncs, 1);
  await finish(stream);
});

oursAlone('a thousand writes and syncs of one tick share few calls', async (world) => {
  const file = world.file('out');
  const stream = world.create(file);
  await once(stream, 'open');
  const promises = [];
  for (let i = 0; i < 1000; i++) {
    stream.write(RECORD);
    promises.push(stream.sync());
  }
  const resolved = await Promise.all(promises);
  assert.ok(resolved.every((value) => value === undefined));
  assert.strictEqual(fs.statSync(file).size, 1000 * RECORD.length);
  assert.ok(stream.stats().syncs <= 3, `${stream.stats().syncs} syncs`);
  await finish(stream);
});

oursAlone('a sync between strings of one tick keeps them together', async (world) => {
  const stream = world.create(world.file('out'));
  await once(stream, 'open');
  const { appendString, handOverString } = native;
  const calls = [];
  native.appendString = (...call) => {
    calls.push('append');
    return appendString(...call);
  };
  native.handOverString = (...call) => {
    calls.push('hand over');
    return handOverString(...call);
  };
  const syncs = [];
  for (let i = 0; i < 100; i++) {
    stream.write(RECORD);
    syncs.push(stream.sync());
  }
  await Promise.all(syncs);
  Object.assign(native, { appendString, handOverString });
  // The first one goes to the driver at once.
  assert.deepStrictEqual(calls, ['hand over', 'append']);
  await finish(stream);
});

oursAlone('64 writers that wait for each of their records share calls', async (world) => {
  const file = world.file('out');
  const stream = world.create(file);
  const writer = async () => {
    for (let i = 0; i < 20; i++) {
      stream.write(RECORD);
      const { bytesAccepted } = stream.stats();
      await stream.sync();
      assert.ok(stream.bytesWritten >= bytesAccepted);
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  assert.ok(stream.stats().syncs < (64 * 20) / 8, `${stream.stats().syncs} syncs`);
  await finish(stream);
  assert.strictEqual(fs.statSync(file).size, 64 * 20 * RECORD.length);
});

oursAlone('promises resolve in the order of the calls', async (world) => {
  const stream = world.create(world.file('out'));
  const order = [];
  const promises = [];
  for (let i = 0; i < 50; i++) {
    stream.write(RECORD);
    promises.push(stream.sync({ metadata: i % 3 === 0 }).then(() => order.push(i)));
    if (i % 7 === 0) await nextTurn();
  }
  await Promise.all(promises);
  assert.deepStrictEqual(order, [...Array(50).keys()]);
  await finish(stream);
});

oursAlone('what waits in the queue of Writable is synced, too', async (world) => {
  const file = world.file('out');
  const stream = world.create(file, { bufferSize: 10, highWaterMark: 10 });
  stream.cork();
  stream.write('corked ');
  await stream.sync();
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'corked ');
  stream.uncork();
  for (let i = 0; i < 100; i++) stream.write(RECORD);
  await stream.sync();
  assert.strictEqual(fs.statSync(file).size, 7 + 100 * RECORD.length);
  await finish(stream);
  assert.strictEqual(fs.statSync(file).size, 7 + 100 * RECORD.length);
});

oursAlone(
  'who asks in the same tick shares the promise, whatever was written between',
  async (world) => {
    const file = world.file('out');
    const stream = world.create(file);
    await once(stream, 'open');
    const first = stream.sync();
    stream.write('plain ');
    assert.strictEqual(stream.sync(), first);
    stream.cork();
    stream.write('corked ');
    assert.strictEqual(stream.sync(), first);
    await first;
    assert.strictEqual(fs.readFileSync(file, 'latin1'), 'plain corked ');
    const later = stream.sync();
    assert.notStrictEqual(later, first);
    await later;
    stream.uncork();
    await finish(stream);
    assert.strictEqual(fs.readFileSync(file, 'latin1'), 'plain corked ');
  },
);

oursAlone('who asks in the same tick, behind an end or a destroy, is refused', async (world) => {
  const ended = world.create(world.file('ended'));
  const synced = ended.sync();
  ended.end();
  assert.strictEqual((await outcome(ended.sync())).code, 'ERR_STREAM_WRITE_AFTER_END');
  await synced;
  const destroyed = world.create(world.file('destroyed'));
  const outcomes = Promise.all([destroyed.sync(), destroyed.sync()].map(outcome));
  destroyed.destroy();
  const late = destroyed.sync();
  const codes = [...(await outcomes), await outcome(late)].map(({ code }) => code);
  assert.deepStrictEqual(codes, Array(3).fill('ERR_STREAM_DESTROYED'));
});

oursAlone('finish waits for the syncs before the end', async (world) => {
  const stream = world.create(world.file('out'));
  const order = [];
  stream.write(RECORD);
  const synced = stream.sync().then(() => order.push('synced'));
  stream.end();
  await once(stream, 'finish');
  order.push('finish');
  await synced;
  assert.deepStrictEqual(order, ['synced', 'finish']);
});

for (const flush of [false, true]) {
  oursAlone(`a short file that nobody listens to, flush: ${flush}`, async (world) => {
    const file = world.file('out');
    const stream = world.create(file, { flush });
    stream.write('short');
    const synced = stream.sync();
    stream.end();
    await synced;
    assert.strictEqual(fs.readFileSync(file, 'latin1'), 'short');
    if (!stream.closed) await once(stream, 'close');
  });
}

oursAlone('destroy() rejects all that wait, once, with its reason', async (world) => {
  const stream = world.create(world.file('out'));
  stream.on('error', () => {});
  stream.write(RECORD);
  const outcomes = Promise.all([stream.sync(), stream.sync()].map(outcome));
  const reason = new Error('enough');
  stream.destroy(reason);
  assert.deepStrictEqual(await outcomes, [reason, reason]);
  assert.strictEqual(await outcome(stream.sync()), reason);
});

oursAlone('destroy() without a reason', async (world) => {
  const stream = world.create(world.file('out'));
  const waiting = outcome(stream.sync());
  stream.destroy();
  assert.strictEqual((await waiting).code, 'ERR_STREAM_DESTROYED');
  assert.strictEqual((await outcome(stream.sync())).code, 'ERR_STREAM_DESTROYED');
});

oursAlone('after end(): refused; after an open that failed: its error', async (world) => {
  const stream = world.create(world.file('out'));
  stream.end();
  assert.strictEqual((await outcome(stream.sync())).code, 'ERR_STREAM_WRITE_AFTER_END');
  await once(stream, 'close');
  const missing = world.create(world.file('missing/out'));
  const waiting = outcome(missing.sync());
  const [error] = await once(missing, 'error');
  assert.strictEqual(error.code, 'ENOENT');
  assert.strictEqual(await waiting, error);
  assert.strictEqual(await outcome(missing.sync()), error);
});

oursAlone('a descriptor and a FileHandle are synced, too', async (world) => {
  const file = world.file('out');
  const fd = fs.openSync(file, 'w');
  const byNumber = world.create(null, { fd });
  byNumber.write('number ');
  await byNumber.sync({ metadata: true });
  await finish(byNumber);
  const handle = await fs.promises.open(file, 'a');
  const byHandle = world.create(null, { fd: handle });
  byHandle.write('handle');
  await byHandle.sync();
  await finish(byHandle);
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'number handle');
});

oursAlone(
  'a FIFO can not be synced: the promise says so, and the stream goes on',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    try {
      const stream = world.create(fifo.file);
      stream.write('one ');
      const error = await outcome(stream.sync());
      assert.strictEqual(error.code, 'ERR_RUSHWRITE_UNSUPPORTED');
      let isClosed = false;
      stream.on('close', () => {
        isClosed = true;
      });
      stream.end('two');
      await fifo.readUntil(() => isClosed);
      assert.strictEqual(fifo.bytes().toString(), 'one two');
    } finally {
      fifo.close();
    }
  },
  { skip: NO_FIFO },
);

oursAlone('bad options, and a stream of Node’s own class', async (world) => {
  const stream = world.create(world.file('out'));
  for (const options of [null, 5]) {
    assert.strictEqual((await outcome(stream.sync(options))).code, 'ERR_INVALID_ARG_TYPE');
  }
  const error = await outcome(stream.sync({ metadata: 1 }));
  assert.strictEqual(error.code, 'ERR_INVALID_ARG_TYPE');
  await finish(stream);
  const nodes = world.create(world.file('other'), { fs: { ...fs } });
  assert.strictEqual((await outcome(nodes.sync())).code, 'ERR_RUSHWRITE_UNSUPPORTED');
  await finish(nodes);
});

oursAlone(
  'a file that JavaScript opens: sync waits for the open, atomic is refused',
  async (world) => {
    const { open } = fs;
    fs.open = (...args) => open(...args);
    try {
      const file = world.file('out');
      const stream = world.create(file, { retry: {} });
      stream.write('accepted');
      assert.strictEqual(stream.stats().bytesQueued, 8);
      await stream.sync();
      assert.strictEqual(fs.readFileSync(file, 'latin1'), 'accepted');
      await finish(stream);
      const destroyed = world.create(file);
      const waiting = outcome(destroyed.sync());
      destroyed.destroy();
      assert.strictEqual((await waiting).code, 'ERR_STREAM_DESTROYED');
      for (const name of ['atomic', 'mkdir']) {
        const create = () => world.create(world.file('other'), { [name]: true });
        assert.throws(create, { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
      }
      assert.ok(!fs.existsSync(world.file('other')));
    } finally {
      fs.open = open;
    }
  },
);
