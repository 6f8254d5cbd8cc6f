'use strict';

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness/sockets');

parity('corked writes wait, and go out in order', async (world) => {
  const { socket, peer } = await world.pair();
  socket.cork();
  for (let i = 0; i < 10; i++)
    world.note('write', socket.write(`${i},`, world.callback(`cb ${i}`)));
  world.note(socket.writableCorked, socket.writableLength, socket.bytesWritten);
  await nextTurn();
  world.note('nothing went out', socket.writableLength);
  socket.uncork();
  world.note(socket.writableCorked);
  await peer.received(20);
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('corks nest', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.uncork();
  world.note(socket.writableCorked, socket.writableLength);
  socket.write('b', world.callback('cb b'));
  socket.uncork();
  socket.uncork();
  world.note(socket.writableCorked);
  socket.end();
  await world.closed(socket);
});

parity('end uncorks', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.write(Buffer.from('b'), world.callback('cb b'));
  socket.end('c', world.callback('end cb'));
  world.note(socket.writableCorked);
  await world.closed(socket);
});

parity('strings and Buffers of all kinds in one cork', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.write('żółć');
  socket.write(Buffer.from('buffer'));
  socket.write('6162', 'hex');
  socket.write('ÿ', 'latin1');
  socket.write('ab', 'utf16le');
  socket.write(new Uint8Array([0, 255]));
  socket.write('', world.callback('empty'));
  socket.write('last', world.callback('last'));
  socket.uncork();
  socket.end();
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

parity('corked before connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.write('b', world.callback('cb b'));
  await once(socket, 'ready');
  world.note('corked still', socket.writableLength);
  socket.write('c', world.callback('cb c'));
  socket.uncork();
  socket.end();
  await world.closed(socket);
});

parity('cork in each tick, uncork in the next', async (world) => {
  const { socket } = await world.pair();
  for (let i = 0; i < 5; i++) {
    socket.cork();
    socket.write(`${i}-`, world.callback(`cb ${i}`));
    socket.write(`${i},`);
    process.nextTick(() => socket.uncork());
    await nextTurn();
  }
  socket.end();
  await world.closed(socket);
});

parity('a thousand large and small chunks in one cork', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  for (let i = 0; i < 1000; i++) {
    socket.write(i % 10 === 0 ? Buffer.alloc(9000, `${i}`) : `${i},`);
  }
  socket.uncork();
  socket.end(world.callback('end cb'));
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

parity('destroy while corked', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.write('b', world.callback('cb b'));
  socket.destroy();
  await world.closed(socket);
});

parity('destroy while corked, with an error', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.destroy(new Error('boom'));
  await world.closed(socket);
});
