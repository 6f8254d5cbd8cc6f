'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const { oursAlone, parity } = require('../harness');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

function isOpen(fd) {
  try {
    fs.fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

parity('fd: no open and no ready, closed at the end', async (world) => {
  const fd = fs.openSync(world.file(), 'w');
  const stream = world.create(null, { fd });
  world.note('same fd', stream.fd === fd, 'pending', stream.pending, 'path', stream.path);
  stream.write('by ', world.callback('write cb'));
  stream.end('number', world.callback('end cb'));
  await world.closed(stream);
  world.note('fd', stream.fd, 'still open', isOpen(fd));
});

parity('fd: path, flags and mode are ignored', async (world) => {
  const fd = fs.openSync(world.file(), 'w');
  const stream = world.create(world.file('other'), { fd, flags: 'wx', mode: 0o600 });
  world.note(stream.path, stream.flags, stream.mode);
  stream.end('x');
  await world.closed(stream);
});

parity('fd: any falsy path is accepted', async (world) => {
  for (const path of [undefined, null, '', 0]) {
    const stream = world.create(path, { fd: fs.openSync(world.file(), 'a') });
    stream.end('x');
    await world.closed(stream);
  }
});

parity('fd null or undefined: the path is opened', async (world) => {
  for (const fd of [null, undefined]) {
    const stream = world.create(world.file(), { fd });
    stream.end('x');
    await world.closed(stream);
  }
});

parity('fd with autoClose false: no close, the fd stays open', async (world) => {
  const fd = fs.openSync(world.file(), 'w');
  const stream = world.create('', { fd, autoClose: false });
  await new Promise((resolve) => stream.end('kept open', resolve));
  await new Promise(setImmediate);
  world.note('destroyed', stream.destroyed, 'closed', stream.closed, 'fd kept', stream.fd === fd);
  fs.writeSync(fd, ', and used');
  fs.closeSync(fd);
});

parity('autoClose false with a path: the fd stays open', async (world) => {
  const stream = world.create(world.file(), { autoClose: false });
  await new Promise((resolve) => stream.end('kept open', resolve));
  await new Promise(setImmediate);
  world.note('autoClose', stream.autoClose, 'destroyed', stream.destroyed, typeof stream.fd);
  fs.writeSync(stream.fd, ', and used');
  fs.closeSync(stream.fd);
});

parity(
  'autoClose false: a failing write does not close',
  async (world) => {
    const stream = world.create('/dev/full', { autoClose: false });
    await new Promise((resolve) => {
      stream.on('error', resolve);
      stream.write('x', world.callback('write cb'));
    });
    await new Promise(setImmediate);
    world.note('destroyed', stream.destroyed, 'errored', stream.errored, typeof stream.fd);
    fs.closeSync(stream.fd);
  },
  { skip: fs.existsSync('/dev/full') ? false : 'this system has no /dev/full' },
);

parity('autoClose false and destroy() closes', async (world) => {
  const fd = fs.openSync(world.file(), 'w');
  const stream = world.create('', { fd, autoClose: false });
  await new Promise((resolve) => stream.write('x', resolve));
  stream.destroy();
  await world.closed(stream);
  world.note('fd', stream.fd, 'still open', isOpen(fd));
});

parity('autoClose can be set later', async (world) => {
  const stream = world.create(world.file(), { autoClose: false });
  stream.autoClose = true;
  world.note('autoClose', stream.autoClose);
  stream.end('x');
  await world.closed(stream);
});

parity('autoClose false: open failure gives error and no close', async (world) => {
  const stream = world.create(world.file('no/such/folder'), { autoClose: false });
  await new Promise((resolve) => stream.once('error', resolve));
  await new Promise(setImmediate);
  world.note('destroyed', stream.destroyed, 'fd', stream.fd);
});

parity('fd writes at the position of the descriptor', async (world) => {
  const fd = fs.openSync(world.file(), 'w');
  fs.writeSync(fd, 'before ');
  const stream = world.create('', { fd });
  stream.write('by ');
  stream.end('stream');
  await world.closed(stream);
});

parity('fd with start writes there and does not move the descriptor', async (world) => {
  fs.writeFileSync(world.file(), '0123456789');
  const fd = fs.openSync(world.file(), 'r+');
  const stream = world.create('', { fd, start: 4, autoClose: false });
  await new Promise((resolve) => stream.end('abc', resolve));
  fs.writeSync(fd, '##');
  fs.closeSync(fd);
  world.note('done');
});

parity('fd that is not open: EBADF', async (world) => {
  const stream = world.create('', { fd: 98_765 });
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('fd that is not open, nothing written: close fails', async (world) => {
  const stream = world.create('', { fd: 98_765 });
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('fd opened for reading: EBADF', async (world) => {
  fs.writeFileSync(world.file(), 'old');
  const stream = world.create('', { fd: fs.openSync(world.file(), 'r') });
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('fd of a folder cannot be written', async (world) => {
  const stream = world.create('', { fd: fs.openSync(world.dir, 'r') });
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
});

parity('two streams on one file with flags a keep both', async (world) => {
  const streams = [1, 2].map(() => world.api.createWriteStream(world.file(), { flags: 'a' }));
  for (const [index, stream] of streams.entries()) {
    await new Promise((resolve) => stream.write(`${index},`, resolve));
  }
  for (const stream of streams) {
    stream.end();
    await world.closed(stream);
    world.note('bytesWritten', stream.bytesWritten);
  }
});

oursAlone('autoClose false set later: the fd stays open when the stream is collected', async () => {
  const { stdout, stderr } = await runInChild(subject, collect, {
    command: (source) => [process.execPath, '--expose-gc', '-e', source],
  });
  assert.strictEqual(stdout, 'collected true, kept open true\n', stderr);
});

/** A second stream is dropped without a close: its finalizer shows that the collector has run. */
async function collect({ createWriteStream }, dir) {
  const { fstatSync } = require('node:fs');
  const isOpen = (fd) => {
    try {
      return fstatSync(fd).isFile();
    } catch {
      return false;
    }
  };
  const drop = async (name, use) => {
    const stream = createWriteStream(`${dir}/${name}`);
    const fd = await new Promise((resolve) => stream.on('open', resolve));
    await new Promise((resolve) => use(stream, resolve));
    return fd;
  };
  const kept = await drop('kept', (stream, resolve) => {
    stream.autoClose = false;
    stream.end('x', resolve);
  });
  const dropped = await drop('dropped', (stream, resolve) => stream.write('x', resolve));
  for (let turn = 0; turn < 1000 && isOpen(dropped); turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // All finalizers have run by now.
  await new Promise((resolve) => setImmediate(resolve));
  console.log(`collected ${!isOpen(dropped)}, kept open ${isOpen(kept)}`);
}
