'use strict';

const { open } = require('node:fs/promises');
const { parity } = require('../harness');

parity('fd as a FileHandle: written, and closed with the stream', async (world) => {
  const handle = await open(world.file(), 'w');
  handle.on('close', () => world.note('handle closed'));
  const stream = world.create('', { fd: handle });
  world.note('fd', stream.fd === handle.fd, 'pending', stream.pending);
  stream.write('a', world.callback('cb'));
  stream.end('b', world.callback('end cb'));
  await world.closed(stream);
  world.note('handle fd', handle.fd);
});

parity('a FileHandle with autoClose false stays open', async (world) => {
  const handle = await open(world.file(), 'w');
  const stream = world.create('', { fd: handle, autoClose: false });
  await new Promise((resolve) => stream.end('a', resolve));
  await handle.write(' and more');
  world.note('still open', handle.fd === stream.fd);
  stream.destroy();
  await world.closed(stream);
  world.note('handle fd', handle.fd);
});

parity('closing the FileHandle closes the stream', async (world) => {
  const handle = await open(world.file(), 'w');
  const stream = world.create('', { fd: handle });
  await new Promise((resolve) => stream.write('a', resolve));
  const closing = handle.close();
  stream.destroy();
  await world.closed(stream);
  await closing;
  world.note('handle fd', handle.fd);
});

parity('a FileHandle with option fs is refused', async (world) => {
  const handle = await open(world.file(), 'w');
  world.attempt('create', () => world.api.createWriteStream('', { fd: handle, fs: { open() {} } }));
  await handle.close();
});

parity('a FileHandle that is closed already', async (world) => {
  const handle = await open(world.file(), 'w');
  await handle.close();
  world.tryCreate('create', '', { fd: handle });
  world.note('handle fd', handle.fd);
});

parity('a FileHandle with start', async (world) => {
  const handle = await open(world.file(), 'w');
  const stream = world.create('', { fd: handle, start: 3 });
  stream.write('a');
  stream.end('b', world.callback('end cb'));
  await world.closed(stream);
});
