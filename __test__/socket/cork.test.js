'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const { Writable } = require('node:stream');
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

parity('what is corked shows in the queue, and the rest of the cork follows it', async (world) => {
  const { socket } = await world.pair();
  socket.write('before,', world.callback('cb before'));
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.write(Buffer.from('bc'));
  world.note(socket.bytesWritten, socket.writableLength);
  world.note(socket.writableBuffer.length);
  socket.write('d', 'latin1', world.callback('cb d'));
  world.note(socket.bytesWritten, socket.writableLength, socket.writableNeedDrain);
  socket.uncork();
  socket.write('e', world.callback('cb e'));
  world.note(socket.bytesWritten);
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

parity('a cork that comes to the mark', async (world) => {
  const { socket } = await world.pair({ socket: { highWaterMark: 10 } });
  socket.cork();
  for (const text of ['1234', '56789', '0', 'abc']) {
    world.note(text, socket.write(text, world.callback(`cb ${text}`)));
  }
  world.note(socket.writableLength, socket.writableNeedDrain);
  const drained = once(socket, 'drain');
  socket.uncork();
  await drained;
  world.note(socket.writableLength, socket.writableNeedDrain);
  socket.end();
  await world.closed(socket);
});

parity('a mixture that needs every way of a cork', async (world) => {
  const { socket } = await world.pair();
  for (const odd of [
    () => socket.write('6162', 'hex', world.callback('hex')),
    () => socket.write(new Uint16Array([1]), world.callback('array')),
    () => socket.write(Buffer.alloc(0), world.callback('empty')),
    () => world.attempt('null', () => socket.write(null)),
    () => world.attempt('encoding', () => socket.write('a', 'odd')),
    () => socket.setDefaultEncoding('latin1'),
  ]) {
    socket.cork();
    socket.write('ÿa', world.callback('cb a'));
    odd();
    socket.write('ÿb', 'utf8', world.callback('cb b'));
    socket.write('ÿc');
    socket.uncork();
    await nextTurn();
  }
  socket.end();
  await world.closed(socket);
});

parity('a function of Node that is replaced within a cork sees the writes', async (world) => {
  const { socket } = await world.pair();
  socket.cork();
  socket.write('a', world.callback('cb a'));
  socket.write('b', world.callback('cb b'));
  socket._writev = function (entries, callback) {
    world.note(
      '_writev',
      entries.map(({ chunk, encoding }) => [`${chunk}`, encoding]),
    );
    Object.getPrototypeOf(socket)._writev.call(this, entries, callback);
  };
  socket.uncork();
  await nextTurn();
  socket.end();
  await world.closed(socket);
});

parity('uncorked past the socket', async (world) => {
  const { socket, peer } = await world.pair();
  socket.cork();
  socket.write('a,', world.callback('cb a'));
  Writable.prototype.uncork.call(socket);
  socket.write('b,', world.callback('cb b'));
  await peer.received(4);
  socket.end();
  await world.closed(socket);
});

parity('a cork whose memory is gone when it ends', async (world) => {
  const { socket } = await world.pair();
  const gone = new Uint8Array([97, 98]);
  socket.cork();
  socket.write(gone, world.callback('cb gone'));
  socket.write('kept', world.callback('cb kept'));
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  socket.uncork();
  await nextTurn();
  socket.end();
  await world.closed(socket);
});

parity('a cork that is changed while it waits', async (world) => {
  const { socket } = await world.pair();
  const changed = Buffer.from('abc');
  socket.cork();
  socket.write(changed);
  socket.write('-');
  changed.write('xyz');
  socket.uncork();
  socket.end();
  await world.closed(socket);
});

parity(
  'callbacks of a cork see the context of the uncork, and one that throws keeps nobody',
  async (world) => {
    const { socket } = await world.pair();
    const store = new AsyncLocalStorage();
    const noted = (name) => () => world.note(name, store.getStore());
    store.run('cork', () => {
      socket.cork();
      socket.write('a', noted('a'));
      socket.write('b');
      socket.write('c', noted('c'));
    });
    store.run('uncork', () => socket.uncork());
    await nextTurn();
    socket.end();
    await world.closed(socket);
  },
);

parity('a reply comes after the callbacks of a cork', async (world) => {
  const { socket } = await world.pair({ onConnection: (other) => other.pipe(other) });
  const replied = once(socket, 'data');
  setImmediate(() => {
    socket.cork();
    socket.write('a', () => world.note('cb a'));
    socket.write(Buffer.from('b'), () => world.note('cb b'));
    socket.uncork();
  });
  await replied;
  world.note('reply');
  socket.end();
  await world.closed(socket);
});
