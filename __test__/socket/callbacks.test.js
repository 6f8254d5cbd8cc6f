'use strict';

// When a write callback is called, and with which arguments.

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness/sockets');

parity('writes before connect come in order', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  for (let i = 0; i < 20; i++) socket.write(`${i},`, world.callback(`cb ${i}`));
  world.note('writableLength', socket.writableLength, socket.bytesWritten);
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('writes with and without callbacks mix', async (world) => {
  const { socket } = await world.pair();
  for (let i = 0; i < 20; i++) {
    socket.write(`${i},`, i % 3 === 0 ? world.callback(`cb ${i}`) : undefined);
  }
  socket.end();
  await world.closed(socket);
});

parity('each write waits for the callback of the last', async (world) => {
  const { socket, peer } = await world.pair();
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => socket.write(`${i},`, resolve));
    world.note('written', i, (await peer.received(2 * i + 2)).toString());
  }
  socket.end();
  await world.closed(socket);
});

parity('write() and end() within a callback', async (world) => {
  const { socket } = await world.pair();
  socket.write('a', () => {
    world.note('cb a');
    socket.write('b', () => {
      world.note('cb b');
      socket.end('c', world.callback('end cb'));
    });
  });
  await world.closed(socket);
});

parity('write before, in and after connect and ready keep their order', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.write('before,', world.callback('cb before'));
  socket.on('connect', () => socket.write('connect,', world.callback('cb connect')));
  socket.on('ready', () => socket.write('ready,', world.callback('cb ready')));
  await once(socket, 'ready');
  await nextTurn();
  socket.write('after', world.callback('cb after'));
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('large and small chunks with callbacks', async (world) => {
  const { socket } = await world.pair();
  for (let i = 0; i < 8; i++) {
    socket.write(Buffer.alloc(700_000, `${i}`), world.callback(`large ${i}`));
    socket.write(`small ${i}`, world.callback(`small ${i}`));
  }
  socket.end('x'.repeat(3_000_000), world.callback('end cb'));
  await world.closed(socket);
  world.note('bytesWritten', socket.bytesWritten);
});

parity('an empty chunk: true, and its callback runs', async (world) => {
  const { socket } = await world.pair();
  for (const chunk of ['', Buffer.alloc(0), new Uint8Array(0)]) {
    world.note('write', socket.write(chunk, world.callback('write cb')));
  }
  world.note('write', socket.write('x', world.callback('cb x')));
  socket.end('', world.callback('end cb'));
  await world.closed(socket);
});

parity('an empty chunk before connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.write('', world.callback('write cb'));
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('end(chunk, encoding, callback)', async (world) => {
  const { socket } = await world.pair();
  world.note(socket.end('616263', 'hex', world.callback('end cb')) === socket);
  await world.closed(socket);
});

parity('end with callback alone, and twice', async (world) => {
  const { socket } = await world.pair();
  socket.end(world.callback('first'));
  socket.end(world.callback('second'));
  await world.closed(socket);
  socket.end(world.callback('third'));
  await nextTurn();
});

parity('end before connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.end('all of it', world.callback('end cb'));
  world.note(socket.writableEnded, socket.writable);
  await world.closed(socket);
});

parity('write after end', async (world) => {
  const { socket } = await world.pair();
  socket.end('x', world.callback('end cb'));
  world.note('write', socket.write('y', world.callback('write cb')));
  await world.closed(socket);
});

parity('write after end, before connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.end('x', world.callback('end cb'));
  world.note('write', socket.write('y', world.callback('write cb')));
  await world.closed(socket);
});

parity('end with a chunk after end', async (world) => {
  const { socket } = await world.pair();
  socket.end('x', world.callback('first'));
  socket.end('y', world.callback('second'));
  await world.closed(socket);
});

parity('write after the end is finished', async (world) => {
  const { socket, other } = await world.pair({ allowHalfOpen: true });
  socket.end('x');
  await once(socket, 'finish');
  world.note('write', socket.write('y', world.callback('write cb')));
  other.end();
  await world.closed(socket);
});

parity('write after destroy', async (world) => {
  const { socket } = await world.pair();
  socket.destroy();
  world.note('write', socket.write('x', world.callback('write cb')));
  await world.closed(socket);
  world.note('write', socket.write('y', world.callback('cb closed')));
  world.note('end', socket.end('z', world.callback('end cb')) === socket);
  await nextTurn();
});

parity('write on a socket that was never connected', async (world) => {
  const socket = world.socket();
  world.note('write', socket.write('x', world.callback('write cb')));
  await nextTurn();
  world.note(socket.destroyed, socket.writableLength);
  socket.destroy();
  await world.closed(socket);
});

parity('end on a socket that was never connected', async (world) => {
  const socket = world.socket();
  socket.end('x', world.callback('end cb'));
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  world.note(socket.destroyed, socket.writableEnded);
  socket.destroy();
  await world.closed(socket);
});

parity('write before connect is called, then connect', async (world) => {
  const peer = await world.listen();
  const socket = world.socket();
  socket.on('error', () => {});
  world.note('write', socket.write('x', world.callback('write cb')));
  socket.connect(peer.where);
  socket.end('y', world.callback('end cb'));
  await world.closed(socket);
});

// Up to the high water mark both return true; beyond it ours may differ.
parity('write() returns true up to the high water mark', async (world) => {
  const { socket } = await world.pair({ socket: { highWaterMark: 1000 } });
  for (let i = 0; i < 9; i++) world.note('write', socket.write('x'.repeat(100)));
  socket.end();
  await world.closed(socket);
});

parity('while it connects, write() returns false at the high water mark', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ ...peer.where, highWaterMark: 1000 });
  for (let i = 0; i < 12; i++) {
    world.note('write', socket.write('x'.repeat(100)), socket.writableLength);
  }
  world.note(socket.writableNeedDrain);
  socket.on('drain', () => world.note('drain'));
  await once(socket, 'drain');
  socket.end();
  await world.closed(socket);
});

parity('setDefaultEncoding and typed arrays', async (world) => {
  const { socket } = await world.pair();
  socket.write(new Uint8Array([1, 2, 255]), world.callback('uint8'));
  world.attempt('DataView', () => socket.write(new DataView(new ArrayBuffer(3))));
  world.attempt('Uint16Array', () => socket.write(new Uint16Array([1, 258])));
  socket.end();
  await world.closed(socket);
});
