'use strict';

// One end ends first; the other may go on or not.

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { NO_UNIX_SOCKET, parity } = require('../harness/sockets');

function gather(socket) {
  const parts = [];
  socket.on('data', (part) => parts.push(part));
  return () => Buffer.concat(parts).toString('latin1');
}

parity('the peer ends first: ours ends by itself', async (world) => {
  const { socket, other } = await world.pair();
  const text = gather(socket);
  other.end('bye');
  await world.closed(socket);
  world.note(text(), socket.writableEnded, socket.writableFinished);
});

parity('the peer ends first: what ours has written arrives', async (world) => {
  const { socket, other, peer } = await world.pair({ allowHalfOpen: true });
  socket.resume();
  socket.on('end', () => {
    world.note('write in end', socket.write('last words', world.callback('write cb')));
  });
  other.end('bye');
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('write after the peer has ended', async (world) => {
  const { socket, other } = await world.pair();
  socket.resume();
  other.end();
  await once(socket, 'end');
  await nextTurn();
  world.note('write', socket.write('late', world.callback('write cb')));
  world.note('end', socket.end('later', world.callback('end cb')) === socket);
  if (!socket.closed) await world.closed(socket);
});

parity('allowHalfOpen: ours goes on after the end of the peer', async (world) => {
  const { socket, other } = await world.pair({
    socket: { allowHalfOpen: true },
    allowHalfOpen: true,
  });
  const text = gather(socket);
  other.end('bye');
  await once(socket, 'end');
  world.note('still open', socket.writable, socket.readyState);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => socket.write(`${i},`, resolve));
  socket.end('done', world.callback('end cb'));
  await world.closed(socket);
  world.note(text());
});

parity('allowHalfOpen: the peer goes on after our end', async (world) => {
  const { socket, other } = await world.pair({ allowHalfOpen: true });
  const text = gather(socket);
  socket.end('done', world.callback('end cb'));
  await once(other, 'end');
  for (let i = 0; i < 5; i++) await new Promise((resolve) => other.write(`${i},`, resolve));
  world.note('before the end of the peer', socket.readyState, socket.destroyed);
  other.end('bye');
  await world.closed(socket);
  world.note(text(), socket.bytesRead);
});

parity('a long answer after our end', async (world) => {
  const { socket } = await world.pair({
    allowHalfOpen: true,
    onConnection: (other) => other.on('end', () => other.end(Buffer.alloc(3_000_000, 'ab'))),
  });
  const text = gather(socket);
  socket.end('question');
  await world.closed(socket);
  world.note(text().length, socket.bytesRead);
});

parity('a long text, then our end: nothing is lost', async (world) => {
  const { socket } = await world.pair();
  socket.write(Buffer.alloc(5_000_000, 'abc'), world.callback('write cb'));
  socket.end('the end', world.callback('end cb'));
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

// Unread input must not lose output: the kernel would answer it with a reset.
parity('unread input, then our end', async (world) => {
  const { socket, other, peer } = await world.pair({ allowHalfOpen: true });
  other.write('unread');
  await once(socket, 'readable');
  socket.end(Buffer.alloc(2_000_000, 'xy'), world.callback('end cb'));
  await peer.received(2_000_000);
  other.end();
  socket.resume();
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('both end in the same turn', async (world) => {
  const { socket, other } = await world.pair();
  socket.resume();
  other.end('a');
  socket.end('b', world.callback('end cb'));
  await world.closed(socket);
});

parity('a paused reader sees no end', async (world) => {
  const { socket, other } = await world.pair();
  socket.pause();
  other.end('bye');
  await once(other, 'finish');
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  world.note('still open', socket.readyState, socket.destroyed);
  const text = gather(socket);
  socket.resume();
  await world.closed(socket);
  world.note(text());
});

parity('readable: false', async (world) => {
  const { socket } = await world.pair({ socket: { readable: false } });
  world.note(socket.readable, socket.writable);
  socket.end('x', world.callback('end cb'));
  await world.closed(socket);
});

parity(
  'half open over a unix socket',
  async (world) => {
    const { socket, other } = await world.pair({
      where: { path: world.file('socket') },
      allowHalfOpen: true,
      socket: { allowHalfOpen: true },
    });
    const text = gather(socket);
    other.end('bye');
    await once(socket, 'end');
    socket.end('done', world.callback('end cb'));
    await world.closed(socket);
    world.note(text());
  },
  { skip: NO_UNIX_SOCKET },
);
