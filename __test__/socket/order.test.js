'use strict';

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { NO_UNIX_SOCKET, parity } = require('../harness/sockets');

parity('normal: lookup, attempt, connect, ready, write cb, finish, end, close', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ port: peer.port, host: 'localhost', family: 4 });
  socket.write('one', world.callback('write cb'));
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('connect by address: the lookup events are those of Node', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  socket.end('one', world.callback('end cb'));
  await world.closed(socket);
});

parity(
  'the same on a unix socket',
  async (world) => {
    await world.listen({ where: { path: world.file('socket') } });
    const socket = world.connect(world.file('socket'));
    socket.write('one', world.callback('write cb'));
    socket.end(world.callback('end cb'));
    await world.closed(socket);
  },
  { skip: NO_UNIX_SOCKET },
);

parity('writes after connect', async (world) => {
  const { socket } = await world.pair();
  world.note('write', socket.write('one', world.callback('cb 1')));
  world.note('write', socket.write('two', world.callback('cb 2')));
  socket.end(world.callback('end cb'));
  world.note('still in the same turn');
  await world.closed(socket);
});

parity('a callback comes in a later tick, before promises resolved after it', async (world) => {
  const { socket } = await world.pair();
  await nextTurn();
  socket.write('one', world.callback('write cb'));
  world.note('after write');
  setImmediate(() => world.note('next turn'));
  await new Promise((resolve) => socket.write('two', resolve));
  world.note('written');
  await nextTurn();
  socket.end();
  await world.closed(socket);
});

parity('refused: the queued writes fail, then error, then close', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  world.note('write', socket.write('one', world.callback('cb 1')));
  world.note('write', socket.write('two', world.callback('cb 2')));
  socket.end(world.callback('end cb'));
  await world.closed(socket);
  world.note('errored', socket.errored, socket.destroyed);
});

parity('refused without a write', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  await world.closed(socket);
  world.note('errored', socket.errored, socket.bytesWritten);
});

parity('refused on every address of localhost', async (world) => {
  const socket = world.connect(await world.freePort(), 'localhost');
  socket.write('one', world.callback('write cb'));
  await world.closed(socket);
});

parity('the peer ends at once', async (world) => {
  const peer = await world.listen({ onConnection: (other) => other.end() });
  const socket = world.connect(peer.where);
  socket.resume();
  await world.closed(socket);
});

parity('the peer ends with a text', async (world) => {
  const peer = await world.listen({ onConnection: (other) => other.end('bye') });
  const socket = world.connect(peer.where);
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  await world.closed(socket);
  world.note('received', text, socket.bytesRead);
});

parity('the peer resets an idle socket', async (world) => {
  const { socket, other } = await world.pair();
  socket.resume();
  other.resetAndDestroy();
  await world.closed(socket);
  world.note('errored', socket.errored);
});

parity('the peer is gone: a write fails', async (world) => {
  const { socket, other } = await world.pair();
  // Paused, so that the socket does not see the end by reading.
  socket.pause();
  other.resetAndDestroy();
  await once(other, 'close');
  await nextTurn();
  socket.write('one', world.callback('cb 1'));
  await world.closed(socket);
  socket.write('two', world.callback('cb 2'));
  await nextTurn();
});

parity('one callback function for many writes is called for each', async (world) => {
  const { socket } = await world.pair();
  const callback = world.callback('cb');
  for (let i = 0; i < 20; i++) socket.write(`${i},`, callback);
  socket.end(callback);
  await world.closed(socket);
});

parity('ticks and promise jobs run between finish and close', async (world) => {
  const { socket } = await world.pair();
  socket.on('finish', () => {
    process.nextTick(() => world.note('tick after finish'));
    Promise.resolve().then(() => world.note('microtask after finish'));
  });
  socket.end('x', world.callback('end cb'));
  await world.closed(socket);
});

parity('listeners get the socket as this, callbacks get undefined', async (world) => {
  const { socket } = await world.pair();
  for (const event of ['finish', 'end', 'close']) {
    socket.on(event, function () {
      world.note(event, 'this is the socket', this === socket);
    });
  }
  socket.write('x', function () {
    world.note('write cb', 'this', this === undefined);
  });
  socket.end();
  await world.closed(socket);
});

parity('request and reply in turn', async (world) => {
  const { socket } = await world.pair({
    onConnection: (other) => other.on('data', (part) => other.write(`<${part}>`)),
  });
  socket.setEncoding('latin1');
  for (let i = 0; i < 20; i++) {
    socket.write(`${i}`, world.callback('cb'));
    const [reply] = await once(socket, 'data');
    world.note('reply', reply);
  }
  socket.end();
  await world.closed(socket);
});
