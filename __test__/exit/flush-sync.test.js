'use strict';

// flushSync() and flushAllSync(): the system has all accepted bytes when they return.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { Fifo, NO_FIFO } = require('../harness/fifo');
const { oursAlone: promise } = require('../harness');
const rushwrite = require('../..');

const MIB = 1 << 20;
const NO_DEV_FULL = fs.existsSync('/dev/full') ? false : 'there is no /dev/full';

promise('before the open, strings and Buffers of any size are in the file, in order', (world) => {
  const stream = world.create(world.file());
  const chunks = ['one ', Buffer.from('two '), 'x'.repeat(MIB), Buffer.alloc(3 * MIB, 'ab'), 'end'];
  for (const chunk of chunks) stream.write(chunk);
  stream.flushSync();
  const expected = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
  assert.ok(world.read('out').equals(expected), 'the files differ');
  assert.strictEqual(stream.bytesWritten, expected.length);
  assert.deepStrictEqual(world.log, [], 'no event within the call');
  stream.end();
  return world.closed(stream);
});

promise(
  'a full buffer that is flushed before the open holds up nothing behind it',
  async (world) => {
    const options = { highWaterMark: 100, maxBuffered: 50_000 };
    const stream = world.create(world.file(), options);
    for (let i = 0; i < 30; i++) stream.write('x'.repeat(100));
    stream.flushSync();
    stream.end('behind it');
    await world.closed(stream);
    assert.strictEqual(stream.bytesWritten, 3009);
  },
);

promise(
  'what waits behind a full Rust buffer, and other encodings, are flushed once',
  async (world) => {
    const stream = world.create(world.file(), { bufferSize: 10, highWaterMark: 5 });
    await world.event(stream, 'ready');
    const model = [];
    for (let i = 0; i < 100; i++) {
      const text = `é${i};`;
      const encoding = i % 3 === 0 ? 'latin1' : 'utf8';
      stream.write(text, encoding);
      model.push(Buffer.from(text, encoding));
      if (i % 10 !== 0) continue;
      stream.flushSync();
      assert.deepStrictEqual(world.read('out'), Buffer.concat(model));
    }
    stream.end('last');
    await world.closed(stream);
    assert.deepStrictEqual(world.read('out'), Buffer.concat([...model, Buffer.from('last')]));
    assert.strictEqual(stream.bytesWritten, world.read('out').length);
  },
);

promise('a corked stream is flushed, and uncorking writes nothing twice', async (world) => {
  const stream = world.create(world.file());
  stream.cork();
  stream.write('a');
  stream.write('b');
  stream.flushSync();
  assert.strictEqual(world.read('out').toString(), 'ab');
  stream.write('c');
  assert.strictEqual(stream.writableLength, 1, 'what is in the file waits no more');
  stream.uncork();
  stream.end('d');
  await world.closed(stream);
  assert.strictEqual(world.read('out').toString(), 'abcd');
});

promise('callbacks and drain come later, once, and in order', async (world) => {
  const stream = world.create(world.file(), { bufferSize: 100, highWaterMark: 50 });
  await world.event(stream, 'ready');
  const called = [];
  for (let i = 0; i < 60; i++) stream.write('0123456789', () => called.push(i));
  const drained = once(stream, 'drain');
  stream.flushSync();
  assert.strictEqual(world.read('out').length, 600);
  assert.deepStrictEqual(called, []);
  await drained;
  stream.end();
  await world.closed(stream);
  assert.deepStrictEqual(called, [...Array(60).keys()]);
});

promise('a flush after each line, while others are in flight, keeps the order', async (world) => {
  const stream = world.create(world.file());
  let expected = '';
  for (let i = 0; i < 300; i++) {
    const line = `${i}\n`;
    stream.write(line);
    expected += line;
    if (i % 7 === 0) {
      stream.flushSync();
      assert.strictEqual(world.read('out').toString(), expected);
    }
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  stream.flushSync();
  assert.strictEqual(world.read('out').toString(), expected);
  await world.closed(stream);
});

promise('with nothing to write, or after finish, it does nothing', async (world) => {
  const stream = world.create(world.file());
  stream.flushSync();
  assert.strictEqual(fs.existsSync(world.file()), false, 'nothing was opened');
  stream.end('x');
  await world.closed(stream);
  stream.flushSync();
  assert.strictEqual(world.read('out').toString(), 'x');
});

promise('a file that cannot be opened: the error is thrown, and emitted later', async (world) => {
  const stream = world.create(world.file('no/folder'));
  stream.write('x', world.callback('write cb'));
  const enoent = { code: 'ENOENT', syscall: 'open', path: world.file('no/folder') };
  assert.throws(() => stream.flushSync(), enoent);
  await world.closed(stream);
  assert.throws(() => stream.flushSync(), enoent);
  assert.deepStrictEqual(
    world.log.map(([event, error]) => [event, error?.code]),
    [
      ['write cb', 'ENOENT'],
      ['error', 'ENOENT'],
      ['close', undefined],
    ],
  );
});

promise(
  'a full device: the system error is thrown',
  async (world) => {
    const stream = world.create('/dev/full');
    stream.write('x');
    assert.throws(() => stream.flushSync(), { code: 'ENOSPC', syscall: 'write', errno: -28 });
    assert.strictEqual(rushwrite.flushAllSync(), 1, 'a byte was not written');
    await world.closed(stream);
    assert.strictEqual(stream.errored.code, 'ENOSPC');
    assert.strictEqual(rushwrite.flushAllSync(), 0, 'that is told by now');
  },
  { skip: NO_DEV_FULL },
);

promise(
  'a destroyed stream: ERR_STREAM_DESTROYED, or what it was destroyed with',
  async (world) => {
    const stream = world.create(world.file('a'));
    stream.write('x');
    stream.destroy();
    assert.throws(() => stream.flushSync(), { code: 'ERR_STREAM_DESTROYED' });
    const failed = world.create(world.file('b'));
    failed.destroy(new Error('enough'));
    assert.throws(() => failed.flushSync(), /enough/);
    await Promise.all([world.closed(stream), world.closed(failed)]);
  },
);

promise(
  'a stalled reader: ERR_RUSHWRITE_TIMEOUT with the bytes that wait, then all arrives',
  async (world) => {
    const fifo = new Fifo(world.file('fifo'));
    const stream = world.create(fifo.file);
    const data = Buffer.alloc(3 * MIB, 'abc');
    stream.write(data);
    const startMs = performance.now();
    let thrown;
    try {
      stream.flushSync({ timeout: 50 });
    } catch (error) {
      thrown = error;
    }
    assert.ok(performance.now() - startMs >= 49);
    assert.strictEqual(thrown.code, 'ERR_RUSHWRITE_TIMEOUT');
    assert.strictEqual(thrown.bytes, data.length - stream.bytesWritten);
    assert.strictEqual(rushwrite.flushAllSync(0), thrown.bytes);
    let isClosed = false;
    stream.end(' end');
    stream.on('close', () => {
      isClosed = true;
    });
    await fifo.readUntil(() => isClosed);
    fifo.close();
    assert.ok(fifo.bytes().equals(Buffer.concat([data, Buffer.from(' end')])));
  },
  { skip: NO_FIFO },
);

promise('more streams than threads wait their turn', async (world) => {
  const streams = Array.from({ length: 64 }, (_unused, i) => world.create(world.file(`${i}`)));
  for (const stream of streams) stream.write(Buffer.alloc(300_000, stream.path));
  streams.at(-1).flushSync();
  assert.strictEqual(world.read('63').length, 300_000);
  assert.strictEqual(rushwrite.flushAllSync(), 0);
  for (let i = 0; i < 64; i++) assert.strictEqual(world.read(`${i}`).length, 300_000);
  for (const stream of streams) stream.end();
  await Promise.all(streams.map((stream) => world.closed(stream)));
});

promise('flushAllSync writes streams whose bytes are all in the queue of Writable', (world) => {
  const corked = world.create(world.file('corked'));
  corked.cork();
  corked.write('corked');
  const large = world.create(world.file('large'));
  large.write(Buffer.alloc(MIB));
  const ended = world.create(world.file('ended'));
  ended.end('f\u00fcr', 'latin1');
  assert.strictEqual(rushwrite.flushAllSync(), 0);
  assert.strictEqual(world.read('corked').toString(), 'corked');
  assert.strictEqual(world.read('large').length, MIB);
  assert.strictEqual(world.read('ended').toString('latin1'), 'f\u00fcr');
  corked.end();
  large.end();
  return Promise.all([corked, large, ended].map((stream) => world.closed(stream)));
});

promise('wrong arguments throw', (world) => {
  const stream = world.create(world.file());
  for (const timeout of [-1, 1.5, 2 ** 31, Number.NaN]) {
    assert.throws(() => stream.flushSync({ timeout }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => rushwrite.flushAllSync(timeout), { code: 'ERR_OUT_OF_RANGE' });
  }
  for (const timeout of ['1', null, 1n]) {
    assert.throws(() => stream.flushSync({ timeout }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const options of [null, 5]) {
    assert.throws(() => stream.flushSync(options), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  stream.flushSync({ timeout: undefined });
  stream.end();
  return world.closed(stream);
});

promise('a stream with options.fs: flushSync() throws while bytes wait', async (world) => {
  const stream = world.create(world.file(), { fs });
  stream.flushSync();
  stream.write('x');
  assert.throws(() => stream.flushSync(), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
  stream.end();
  await world.closed(stream);
  stream.flushSync();
});

promise(
  'a socket: what its peer does not read is in the system, or the call times out',
  async () => {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = rushwrite.connect(server.address().port, '127.0.0.1');
    const [peer] = await once(server, 'connection');
    if (socket.connecting) await once(socket, 'connect');
    socket.write('one ');
    socket.cork();
    socket.write('two ');
    socket.write('74687265', 'hex');
    socket.flushSync();
    peer.resume();
    const arrived = [];
    peer.on('data', (data) => arrived.push(data));
    socket.uncork();
    socket.write('e');
    const large = Buffer.alloc(20 * MIB, 'z');
    socket.write(large);
    assert.throws(() => socket.flushSync({ timeout: 20 }), { code: 'ERR_RUSHWRITE_TIMEOUT' });
    socket.end();
    await once(peer, 'end');
    const bytes = Buffer.concat(arrived);
    assert.ok(bytes.equals(Buffer.concat([Buffer.from('one two three'), large])));
    server.close();
  },
);
