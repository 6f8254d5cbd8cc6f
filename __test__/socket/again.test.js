'use strict';

// One socket object connects several times.

const { parity } = require('../harness/sockets');

/** Waits for the next 'close', even after an error. `closed` may still be that of the last one. */
function closing(socket) {
  return new Promise((resolve) => socket.once('close', resolve));
}

function ready(socket) {
  return new Promise((resolve) => socket.once('ready', resolve));
}

async function talk(world, socket, text) {
  socket.write(text, world.callback(`${text} cb`));
  socket.end();
  await closing(socket);
  world.note(socket.bytesWritten, socket.bytesRead, socket.destroyed, socket.readyState);
}

parity('connect again after the end', async (world) => {
  const peer = await world.listen({ onConnection: (other) => other.write('hello') });
  const socket = world.connect(peer.where);
  socket.on('data', (part) => world.note('data', part));
  await talk(world, socket, 'first');
  for (const text of ['second', 'third']) {
    world.note(socket.connect(peer.where) === socket, socket.connecting, socket.destroyed);
    await talk(world, socket, text);
  }
});

// No write before the refusal: Node would send the queued bytes over the second connection, and
// fail.
parity('connect again after refusal', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  await closing(socket);
  const peer = await world.listen();
  socket.connect(peer.where);
  await talk(world, socket, 'found');
});

parity('connect again after destroy, with other data before it connects', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  await ready(socket);
  socket.destroy();
  await closing(socket);
  socket.connect(peer.where, world.callback('listener'));
  socket.write('a', world.callback('cb a'));
  await ready(socket);
  await talk(world, socket, 'b');
});

parity('connect again within close', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.once('close', () => {
    socket.connect(peer.where);
    socket.end('second', world.callback('second end'));
  });
  socket.end('first', world.callback('first end'));
  await closing(socket);
  await closing(socket);
});

parity('connect again after a reset', async (world) => {
  const { socket, peer, other } = await world.pair();
  other.resetAndDestroy();
  socket.resume();
  await closing(socket);
  socket.connect(peer.where);
  await talk(world, socket, 'again');
});

parity('connect while connected', async (world) => {
  const { socket, peer } = await world.pair();
  world.attempt('connect', () => socket.connect(peer.where) === socket);
  socket.on('error', () => {});
  socket.destroy();
  await world.closed(socket);
});
