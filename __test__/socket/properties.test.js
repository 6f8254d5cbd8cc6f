'use strict';

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { NO_UNIX_SOCKET, parity } = require('../harness/sockets');

const NAMES = [
  'allowHalfOpen',
  'autoSelectFamilyAttemptedAddresses',
  'bufferSize',
  'bytesRead',
  'bytesWritten',
  'closed',
  'connecting',
  'destroyed',
  'errored',
  'localAddress',
  'localFamily',
  'localPort',
  'pending',
  'readable',
  'readableAborted',
  'readableEncoding',
  'readableEnded',
  'readableFlowing',
  'readableHighWaterMark',
  'readableLength',
  'readableObjectMode',
  'readyState',
  'remoteAddress',
  'remoteFamily',
  'remotePort',
  'server',
  'timeout',
  'writable',
  'writableAborted',
  'writableCorked',
  'writableEnded',
  'writableFinished',
  'writableHighWaterMark',
  'writableLength',
  'writableNeedDrain',
  'writableObjectMode',
];

function noteAll(world, label, socket) {
  const values = Object.fromEntries(NAMES.map((name) => [name, socket[name]]));
  world.note(label, { ...values, address: socket.address(), handle: typeof socket._handle });
}

function noteAtEvents(world, socket) {
  for (const event of ['connect', 'ready', 'prefinish', 'finish', 'end', 'error', 'close']) {
    socket.on(event, () => noteAll(world, event, socket));
  }
}

parity('properties through the life of a socket', async (world) => {
  const peer = await world.listen();
  const socket = world.socket();
  noteAll(world, 'new', socket);
  noteAtEvents(world, socket);
  socket.connect(peer.where);
  noteAll(world, 'connecting', socket);
  socket.write('queued', () => noteAll(world, 'first write cb', socket));
  noteAll(world, 'written while connecting', socket);
  await once(socket, 'ready');
  await new Promise((resolve) => socket.write('some text', resolve));
  noteAll(world, 'written', socket);
  await peer.received('queuedsome text'.length);
  socket.end(() => noteAll(world, 'end cb', socket));
  noteAll(world, 'ended', socket);
  await world.closed(socket);
  noteAll(world, 'closed', socket);
});

parity(
  'properties of a unix socket',
  async (world) => {
    const path = world.file('socket');
    await world.listen({ where: { path } });
    const socket = world.connect(path);
    noteAtEvents(world, socket);
    noteAll(world, 'connecting', socket);
    await once(socket, 'ready');
    socket.end('x');
    await world.closed(socket);
  },
  { skip: NO_UNIX_SOCKET },
);

parity('properties with options', async (world) => {
  const { socket } = await world.pair({
    socket: { allowHalfOpen: true, timeout: 20_000, highWaterMark: 99, noDelay: true },
    allowHalfOpen: false,
  });
  noteAll(world, 'ready', socket);
  socket.setEncoding('latin1');
  noteAll(world, 'with an encoding', socket);
  socket.destroy();
  await world.closed(socket);
  noteAll(world, 'closed', socket);
});

parity('properties after refusal', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  noteAtEvents(world, socket);
  socket.write('x');
  await world.closed(socket);
});

parity('properties after destroy', async (world) => {
  const { socket } = await world.pair();
  await new Promise((resolve) => socket.write('some text', resolve));
  socket.destroy();
  noteAll(world, 'destroyed', socket);
  await world.closed(socket);
  noteAll(world, 'closed', socket);
});

parity('properties of a socket that was destroyed before any connect', async (world) => {
  const socket = world.socket();
  socket.destroy();
  noteAll(world, 'destroyed', socket);
  await world.closed(socket);
  noteAll(world, 'closed', socket);
});

parity('properties while only one side is open', async (world) => {
  const { socket, other } = await world.pair({ socket: { allowHalfOpen: true } });
  socket.resume();
  other.end('bye');
  await once(socket, 'end');
  noteAll(world, 'the peer ended', socket);
  socket.end();
  await world.closed(socket);
});

parity('properties while our side is ended', async (world) => {
  const { socket, other } = await world.pair({ allowHalfOpen: true });
  socket.end('bye');
  await once(other, 'end');
  await nextTurn();
  noteAll(world, 'ended', socket);
  other.end('x');
  socket.resume();
  await world.closed(socket);
});

parity('bytesWritten counts queued bytes, of strings and Buffers', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  const tell = () => world.note('bytesWritten', socket.bytesWritten);
  tell();
  socket.write('żółć');
  tell();
  socket.write(Buffer.alloc(10));
  tell();
  socket.write('6162', 'hex');
  tell();
  await once(socket, 'ready');
  tell();
  socket.write('żółć');
  tell();
  socket.write(Buffer.alloc(100_000));
  tell();
  socket.cork();
  socket.write('one');
  socket.write('ż', 'latin1');
  tell();
  socket.uncork();
  tell();
  socket.end('żż');
  tell();
  await world.closed(socket);
  tell();
});

parity('bytesWritten with a peer that does not read', async (world) => {
  const { socket } = await world.pair({ reads: false });
  socket.write(Buffer.alloc(8 << 20));
  world.note(socket.bytesWritten);
  socket.write('and a text');
  world.note(socket.bytesWritten);
  await nextTurn();
  world.note(socket.bytesWritten);
  socket.destroy();
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

parity('bytesRead, with and without a reader', async (world) => {
  const { socket, other } = await world.pair();
  other.write('12345');
  const [part] = await once(socket, 'data');
  world.note(part.toString(), socket.bytesRead);
  socket.end();
  await world.closed(socket);
  world.note(socket.bytesRead);
});

parity('pending and readyState before, during and after connect', async (world) => {
  const socket = world.socket();
  const tell = (label) =>
    world.note(label, socket.pending, socket.connecting, socket.readyState, socket.writable);
  tell('new');
  const peer = await world.listen();
  socket.connect(peer.where);
  tell('connecting');
  socket.on('connect', () => tell('connect'));
  await once(socket, 'ready');
  socket.end();
  tell('ended');
  await world.closed(socket);
  tell('closed');
});

// Libraries read these.
parity('internals that libraries read: handle and underscored fields', async (world) => {
  const { socket } = await world.pair();
  world.note(typeof socket._handle.fd, socket._handle.constructor.name, socket._host);
  world.note(typeof socket._handle.getAsyncId(), socket._getpeername().family);
  world.note(socket._sockname?.family, socket._parent, socket._server, socket._pendingData);
  socket.end();
  await world.closed(socket);
  world.note(socket._handle);
});
