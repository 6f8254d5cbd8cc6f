'use strict';

// Programs that misuse streams: nothing hangs or crashes, and no byte is out of order.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity, oursAlone } = require('../harness');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');
const { rounds } = require('../harness/scale');
const rushwrite = require('../..');

const DROPPED = rounds(2000, 10_000);

parity('write, end and destroy within callbacks and listeners', async (world) => {
  const stream = world.create(world.file());
  stream.write('a', (error) => {
    world.note('a', error);
    stream.write('b', (inner) => {
      world.note('b', inner);
      stream.end('c', (last) => world.note('end', last));
      world.note('in b', stream.writableEnded);
    });
  });
  stream.on('finish', () => world.note('write in finish', stream.write('d')));
  await world.closed(stream);
});

parity('end twice, each with a callback and a chunk', async (world) => {
  const stream = world.create(world.file());
  stream.end('one', (error) => world.note('first', error));
  stream.end((error) => world.note('second', error));
  await world.closed(stream);
  stream.end((error) => world.note('third', error));
  await nextTurn();
});

oursAlone(
  'destroy in drain, in a callback, and twice: one close, and callbacks once',
  async (world) => {
    const stream = world.create(world.file(), { bufferSize: 1000, highWaterMark: 100 });
    await world.event(stream, 'ready');
    const called = [];
    for (let i = 0; i < 500; i++) stream.write('0123456789', () => called.push(i));
    stream.on('drain', () => {
      stream.destroy();
      stream.destroy(new Error('again'));
      stream.write('late', () => called.push('late'));
    });
    await world.closed(stream);
    await nextTurn();
    assert.deepStrictEqual(
      called.filter((i) => i !== 'late'),
      [...Array(500).keys()],
    );
    assert.strictEqual(called.filter((i) => i === 'late').length, 1);
    assert.deepStrictEqual(
      world.log.map(([event]) => event).filter((event) => event === 'close' || event === 'error'),
      ['close'],
    );
  },
);

oursAlone('flushSync within callbacks, listeners and another flush', async (world) => {
  const stream = world.create(world.file());
  const other = world.create(world.file('other'));
  let flushed = 0;
  const flush = () => {
    other.write('x');
    stream.flushSync();
    assert.strictEqual(rushwrite.flushAllSync(), 0);
    flushed++;
  };
  stream.on('ready', flush);
  stream.on('finish', flush);
  for (let i = 0; i < 100; i++) stream.write(`${i} `, i % 10 === 0 ? flush : undefined);
  stream.end(flush);
  await world.closed(stream);
  other.end();
  await world.closed(other);
  assert.strictEqual(flushed, 13);
  const expected = Array.from({ length: 100 }, (_unused, i) => `${i} `).join('');
  assert.strictEqual(world.read('out').toString(), expected);
  assert.strictEqual(world.read('other').length, 13);
});

oursAlone('a Buffer that is changed, resized or transferred after the write', async (world) => {
  const stream = world.create(world.file());
  const reused = Buffer.alloc(100);
  const model = [];
  for (let i = 0; i < 100; i++) {
    reused.fill(i);
    model.push(Buffer.from(reused));
    stream.write(reused);
  }
  const moved = new ArrayBuffer(5000);
  const view = new Uint8Array(moved).fill(7);
  stream.write(view);
  model.push(Buffer.alloc(5000, 7));
  structuredClone(moved, { transfer: [moved] });
  assert.strictEqual(view.length, 0);
  assert.throws(() => stream.write(view), TypeError);
  if (ArrayBuffer.prototype.resize) {
    const resizable = new ArrayBuffer(4000, { maxByteLength: 8000 });
    stream.write(new Uint8Array(resizable).fill(9));
    model.push(Buffer.alloc(4000, 9));
    resizable.resize(10);
  }
  const shared = new Uint8Array(new SharedArrayBuffer(3000)).fill(3);
  stream.write(shared);
  model.push(Buffer.alloc(3000, 3));
  stream.end();
  await world.closed(stream);
  assert.ok(world.read('out').equals(Buffer.concat(model)));
});

const NO_PROC = fs.existsSync('/proc/self/fd') ? false : 'needs /proc';

oursAlone(
  `${DROPPED} streams dropped without a close: their descriptors are closed`,
  async () => {
    const { stdout, stderr } = await runInChild(
      subject,
      ({ createWriteStream }, dir) => {
        const { readdirSync } = require('node:fs');
        const count = Number(process.env.DROPPED);
        const countOpen = () => readdirSync('/proc/self/fd').length;
        const before = countOpen();
        let most = 0;
        const drop = () =>
          new Promise((resolve) => createWriteStream(`${dir}/out`).write('x', resolve));
        const run = async () => {
          for (let i = 0; i < count; i++) {
            await drop();
            if (i % 200 !== 199) continue;
            most = Math.max(most, countOpen() - before);
            globalThis.gc();
            // Finalizers run in tasks of their own.
            await new Promise((resolve) => setImmediate(resolve));
          }
          for (let turn = 0; turn < 1000 && countOpen() > before + 20; turn++) {
            globalThis.gc();
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          console.log(JSON.stringify({ most, left: countOpen() - before }));
        };
        run();
      },
      {
        env: { DROPPED: `${DROPPED}` },
        command: (source) => [process.execPath, '--expose-gc', '-e', source],
      },
    );
    const { most, left } = JSON.parse(stdout || assert.fail(stderr));
    assert.ok(left <= 20, `${left} descriptors are left`);
    assert.ok(most < DROPPED, `${most} at once`);
  },
  { skip: NO_PROC },
);

oursAlone('a drop listener or a callback that throws stops no stream', async () => {
  const { stdout, code, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    const errors = [];
    process.on('uncaughtException', (error) => errors.push(error.message));
    const options = { maxBuffered: 10, overflow: 'drop' };
    const first = createWriteStream(`${dir}/a`, options);
    first.on('drop', () => {
      throw new Error('in drop');
    });
    for (let i = 0; i < 10; i++) first.write('0123456789');
    const second = createWriteStream(`${dir}/b`);
    for (let i = 0; i < 100; i++) {
      second.write(`${i} `, () => {
        if (i % 10 === 0) throw new Error('in a callback');
      });
    }
    first.end();
    second.end();
    process.on('exit', () => console.log(errors.length, first.closed, second.closed));
  });
  assert.strictEqual(code, 0, stderr);
  assert.strictEqual(stdout, '11 true true\n', stderr);
});

oursAlone('a thousand streams to one file finish with all bytes', async (world) => {
  fs.writeFileSync(world.file(), '');
  const streams = Array.from({ length: 1000 }, () => world.create(world.file(), { flags: 'a' }));
  for (const stream of streams) stream.end('0123456789\n');
  await Promise.all(streams.map((stream) => once(stream, 'close')));
  assert.strictEqual(world.read('out').toString(), '0123456789\n'.repeat(1000));
});
