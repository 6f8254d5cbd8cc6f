'use strict';

// Fast path: a short file without listeners is opened, written and closed in one job. Except for
// the time, a program must see no difference.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity, ours, oursAlone } = require('../harness');
const { Fifo, NO_FIFO } = require('../harness/fifo');

const NO_FULL = fs.existsSync('/dev/full') ? false : 'needs /dev/full';

/** Logs the state of the stream after 'close'. */
function noteEnd(world, stream) {
  const { fd, closed, destroyed, bytesWritten, writableFinished, errored } = stream;
  world.note({ fd, closed, destroyed, bytesWritten, writableFinished, errored });
}

const ENDINGS = {
  'end(chunk)': (stream) => stream.end('text'),
  'a write and end()': (stream) => {
    stream.write('text ');
    stream.write(Buffer.from('bytes'));
    stream.end();
  },
  'end() of nothing': (stream) => stream.end(),
  'end() twice': (stream) => stream.end('text').end(),
  'close()': (stream) => {
    stream.write('text');
    stream.close();
  },
  'more than the mark': (stream) => stream.end('x'.repeat(100_000)),
  'end() while corked': (stream) => {
    stream.cork();
    stream.write('text');
    stream.end();
  },
};

for (const [name, end] of Object.entries(ENDINGS)) {
  for (const options of [
    undefined,
    { flush: true },
    { flags: 'a', start: 3 },
    { emitClose: true },
  ]) {
    parity(`${name}, with ${JSON.stringify(options)}`, async (world, api) => {
      const stream = api.createWriteStream(world.file(), options);
      end(stream);
      await world.closed(stream);
      noteEnd(world, stream);
    });
  }
}

parity('end() a turn after the first write', async (world, api) => {
  const stream = api.createWriteStream(world.file());
  stream.write('early ');
  process.nextTick(() => stream.end('late'));
  await world.closed(stream);
  noteEnd(world, stream);
});

for (const event of ['open', 'ready', 'prefinish', 'finish']) {
  parity(`a listener of '${event}' finds the descriptor open`, async (world, api) => {
    const stream = api.createWriteStream(world.file());
    stream.end('text');
    stream.on(event, () => world.note(event, fs.fstatSync(stream.fd).isFile()));
    await world.closed(stream);
  });
}

const CALLBACKS = {
  'end(callback)': (stream, callback) => stream.end('text', callback),
  'end(callback) and end()': (stream, callback) => stream.end('text', callback).end(),
  'write(callback)': (stream, callback) => {
    stream.write('text', callback);
    stream.end();
  },
};

for (const [name, end] of Object.entries(CALLBACKS)) {
  parity(`the callback of ${name} finds the descriptor open`, async (world, api) => {
    const stream = api.createWriteStream(world.file());
    end(stream, () => world.note(fs.fstatSync(stream.fd).isFile()));
    await world.closed(stream);
  });
}

parity('a replaced emit() finds the descriptor open', async (world, api) => {
  class Watched extends api.WriteStream {
    emit(event, ...args) {
      if (event === 'finish') world.note(event, fs.fstatSync(this.fd).isFile());
      return super.emit(event, ...args);
    }
  }
  const stream = new Watched(world.file());
  stream.end('text');
  await world.closed(stream);
});

parity('without autoClose the descriptor stays open', async (world, api) => {
  const stream = api.createWriteStream(world.file(), { autoClose: false });
  stream.end('text');
  while (!stream.writableFinished) await nextTurn();
  world.note(fs.fstatSync(stream.fd).isFile());
  stream.destroy();
  await world.closed(stream);
});

parity('a file that can’t be opened', async (world, api) => {
  const stream = api.createWriteStream(world.file('missing/file'));
  stream.on('error', (error) => world.note(error));
  stream.end('text');
  await world.closed(stream);
  noteEnd(world, stream);
});

parity(
  'a disk that is full',
  async (world, api) => {
    const stream = api.createWriteStream('/dev/full');
    stream.on('error', (error) => world.note(error));
    stream.end('text');
    await world.closed(stream);
    noteEnd(world, stream);
  },
  { skip: NO_FULL },
);

parity(
  'destroy() right after the end',
  async (world, api) => {
    const stream = api.createWriteStream(world.file());
    stream.on('error', (error) => world.note(error.message));
    stream.end('text');
    process.nextTick(() => process.nextTick(() => stream.destroy(new Error('enough'))));
    await world.closed(stream);
    world.note(stream.destroyed, stream.closed, stream.errored.message);
  },
  { beginningOf: { out: 'text' } },
);

ours(
  'everything is written, however slow the reader is',
  async (world, api) => {
    const fifo = new Fifo(world.file('fifo'));
    try {
      const streams = Array.from({ length: 20 }, () => api.createWriteStream(fifo.file));
      for (const stream of streams) stream.end('x'.repeat(10_000));
      // More than a pipe holds, so that some streams wait.
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(streams.some((stream) => !stream.closed));
      await fifo.readUntil(() => streams.every((stream) => stream.closed));
      assert.strictEqual(fifo.receivedBytes, 200_000);
    } finally {
      fifo.close();
    }
  },
  { skip: NO_FIFO },
);

for (const soon of ['a tick', 'a promise job']) {
  parity(`a listener added ${soon} later finds the descriptor open`, async (world, api) => {
    const stream = api.createWriteStream(world.file());
    stream.end('text');
    await (soon === 'a tick' ? new Promise(process.nextTick) : null);
    stream.on('finish', () => world.note(fs.fstatSync(stream.fd).isFile()));
    await world.closed(stream);
  });
}

/** A stream ended in an earlier turn that opens when `open()` is called; returns the reader. */
async function endedBeforeOpen(world, api) {
  const file = world.file('fifo');
  execFileSync('mkfifo', [file]);
  const stream = api.createWriteStream(file);
  stream.end('text');
  await nextTurn();
  await nextTurn();
  const open = () => fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  return { stream, open };
}

oursAlone(
  'a listener added a turn later gets null in place of the descriptor',
  async (world, api) => {
    const { stream, open } = await endedBeforeOpen(world, api);
    const seen = [];
    for (const event of ['open', 'ready', 'finish']) {
      stream.on(event, (...args) => seen.push([event, ...args, stream.fd]));
    }
    const reader = open();
    await world.closed(stream);
    assert.deepStrictEqual(seen, [
      ['open', null, null],
      ['ready', null],
      ['finish', null],
    ]);
    assert.strictEqual(fs.readFileSync(reader).toString(), 'text');
    fs.closeSync(reader);
  },
  { skip: NO_FIFO },
);

oursAlone(
  'autoClose set to false after the end: the stream finishes, and destroy() closes it',
  async (world, api) => {
    const { stream, open } = await endedBeforeOpen(world, api);
    stream.autoClose = false;
    const reader = open();
    while (!stream.writableFinished) await nextTurn();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.strictEqual(stream.closed, false);
    stream.destroy();
    await world.closed(stream);
    fs.closeSync(reader);
  },
  { skip: NO_FIFO },
);

/** Returns when the file was handed over, before an event of it can come. */
function handedOver() {
  return new Promise((resolve) => process.nextTick(setImmediate, resolve));
}

/** Waits until another thread has written the file. The event loop hears of it later. */
function waitForFile(file, bytes) {
  const doze = new Int32Array(new SharedArrayBuffer(4));
  while (fs.statSync(file, { throwIfNoEntry: false })?.size !== bytes) Atomics.wait(doze, 0, 0, 1);
}

oursAlone('listeners added after the file was written are told in order', async (world, api) => {
  const file = world.file();
  const stream = api.createWriteStream(file);
  stream.end('text');
  await handedOver();
  waitForFile(file, 4);
  const seen = [];
  for (const event of ['open', 'ready', 'prefinish', 'finish', 'close']) {
    stream.on(event, () => seen.push(event));
  }
  await world.closed(stream);
  assert.deepStrictEqual(seen, ['open', 'ready', 'prefinish', 'finish', 'close']);
  assert.strictEqual(stream.stats().bytesWritten, 4);
});

oursAlone('destroy() after the file was written', async (world, api) => {
  const file = world.file();
  const stream = api.createWriteStream(file);
  stream.end('text');
  await handedOver();
  waitForFile(file, 4);
  stream.destroy();
  await world.closed(stream);
  assert.strictEqual(stream.bytesWritten, 4);
});

for (const [name, bad] of Object.entries({ chunk: [5], encoding: ['text', 'bogus'] })) {
  parity(`end() throws for its ${name}: the stream is not ended`, async (world, api) => {
    const stream = api.createWriteStream(world.file());
    stream.write('a');
    world.attempt('end', () => stream.end(...bad));
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    stream.write('b');
    stream.end('c');
    await world.closed(stream);
    noteEnd(world, stream);
  });
}
