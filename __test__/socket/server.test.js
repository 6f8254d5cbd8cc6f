'use strict';

// Servers: the same scenario on net.Server and on ours. Clients are Node's.

const assert = require('node:assert');
const diagnostics = require('node:diagnostics_channel');
const { once } = require('node:events');
const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const { NO_UNIX_SOCKET, addressOf, oursAlone, parity } = require('../harness/sockets');
const { subject } = require('../harness/subject');

async function textOf(readable) {
  let text = '';
  for await (const part of readable) text += part.toString('latin1');
  return text;
}

parity('an accepted socket reads, writes and ends', async (world) => {
  const server = await world.serve();
  const { client, socket } = await world.call(server);
  socket.setEncoding('utf8').on('data', (part) => world.note('data', part));
  socket.write('hello ', world.callback('write cb'));
  client.end('a question');
  socket.end('and goodbye', world.callback('end cb'));
  world.note('client', await textOf(client));
  await world.closed(socket);
  world.note(socket.bytesRead, socket.bytesWritten, socket.server === server);
  server.close();
  await once(server, 'close');
});

parity(
  'a server on a path',
  async (world) => {
    const server = await world.serve({}, { path: world.file('socket') });
    world.note(server.address());
    const { client, socket } = await world.call(server);
    socket.end('over a path', world.callback('end cb'));
    world.note(await textOf(client));
    server.close(world.callback('close cb'));
    await world.closed(server);
  },
  { skip: NO_UNIX_SOCKET },
);

for (const [name, listen] of Object.entries({
  'a port and a callback': (server, callback) => server.listen(0, callback),
  'a port, a host, a backlog': (server, callback) => server.listen(0, '127.0.0.1', 10, callback),
  'nothing but a callback': (server, callback) => server.listen(callback),
  'a string for a port': (server, callback) => server.listen('0', callback),
  'an object': (server, callback) => server.listen({ port: 0, exclusive: true }, callback),
  'another server': (server, callback) => {
    const other = net.createServer().listen(0, () => server.listen(other._handle, callback));
  },
})) {
  parity(`listen: ${name}`, async (world) => {
    const server = world.server();
    await new Promise((resolve) => listen(server, resolve));
    world.hide(server.address().port, '<port>');
    world.note(server.listening);
    const { client, socket } = await world.call(server);
    socket.end('reply');
    world.note(await textOf(client));
    server.close();
    await world.closed(server);
    world.note(server.listening, server.address());
  });
}

parity('bad arguments', async (world) => {
  const { createServer } = world.api;
  for (const options of [1, 'x', true, null, undefined]) {
    world.attempt(`options ${options}`, () => createServer(options).listening);
  }
  for (const keepAliveInitialDelay of ['1', null, -1]) {
    world.attempt('delay', () => createServer({ keepAliveInitialDelay }).keepAliveInitialDelay);
  }
  for (const highWaterMark of ['1', null, -1, 10]) {
    world.attempt('mark', () => createServer({ highWaterMark }).highWaterMark);
  }
  for (const where of [-1, 65536, 'x y', {}, { port: 1e9 }, { fd: 'x' }, true, null]) {
    world.attempt('listen', () => createServer().listen(where).close().listening);
  }
});

parity('a port that is in use', async (world) => {
  const first = await world.serve();
  const second = world.server();
  second.listen(addressOf(first));
  await new Promise((resolve) => second.once('error', resolve));
  world.attempt('listen again', () => first.listen(0));
});

parity('an aborted signal closes the server', async (world) => {
  const server = world.server();
  const controller = new AbortController();
  server.listen({ port: 0, signal: controller.signal });
  await once(server, 'listening');
  controller.abort();
  await once(server, 'close');
});

for (const maxConnections of [0, 1, 2]) {
  parity(`maxConnections ${maxConnections}`, async (world) => {
    const server = await world.serve();
    server.maxConnections = maxConnections;
    const clients = [];
    for (let i = 0; i < 3; i++) {
      const told = Promise.race([once(server, 'connection'), once(server, 'drop')]);
      clients.push(net.connect(addressOf(server)).on('error', () => {}));
      await told;
    }
    for (const client of clients) client.destroy();
  });
}

parity('pauseOnConnect', async (world) => {
  const server = await world.serve({ pauseOnConnect: true });
  const { client, socket } = await world.call(server);
  client.end('what waits');
  await nextTurn();
  world.note(socket.isPaused(), socket.readableFlowing, socket.readableLength);
  world.note(await textOf(socket.resume()));
  socket.end();
  await world.closed(socket);
});

parity('allowHalfOpen', async (world) => {
  const server = await world.serve({ allowHalfOpen: true });
  const { client, socket } = await world.call(server);
  world.note(socket.allowHalfOpen);
  client.end();
  await once(socket.resume(), 'end');
  world.note('write', socket.write('still open', world.callback('write cb')));
  socket.end(world.callback('end cb'));
  world.note(await textOf(client));
  await world.closed(socket);
});

parity('highWaterMark, noDelay and keepAlive', async (world) => {
  const options = { highWaterMark: 5, noDelay: true, keepAlive: true, keepAliveInitialDelay: 2000 };
  const server = await world.serve(options);
  const { client, socket } = await world.call(server);
  world.note(socket.writableHighWaterMark, socket.readableHighWaterMark);
  world.note(server.noDelay, server.keepAlive, server.keepAliveInitialDelay);
  let calls = 0;
  // Both are on already: Node does not ask the system again.
  socket._handle.setNoDelay = () => calls++;
  socket._handle.setKeepAlive = () => calls++;
  socket.setNoDelay(true).setKeepAlive(true, 2000);
  world.note('calls', calls);
  client.destroy();
  await world.closed(socket);
});

parity('blockList', async (world) => {
  const blockList = new net.BlockList();
  blockList.addAddress('127.0.0.1');
  const server = await world.serve({ blockList });
  const client = net.connect(addressOf(server)).on('error', () => {});
  // Node 20 knows no such option.
  if (server.blockList) world.note(await textOf(client), server._connections);
  else await once(server, 'connection');
  client.destroy();
});

parity('getConnections, close and the last connection', async (world) => {
  const server = await world.serve();
  const { client, socket } = await world.call(server);
  const count = () => new Promise((resolve) => server.getConnections((...args) => resolve(args)));
  world.note(await count());
  server.close(world.callback('close cb'));
  await nextTurn();
  world.note(server.listening, await count());
  client.destroy();
  await once(server, 'close');
  world.note(socket.destroyed, await count());
  world.attempt('close again', () => server.close(world.callback('again')));
  await nextTurn();
});

parity('Symbol.asyncDispose', async (world) => {
  const server = await world.serve();
  await server[Symbol.asyncDispose]();
  world.note(server.listening);
});

parity('an error in a connection listener of promises', async (world) => {
  const server = world.server({ captureRejections: true });
  server.on('connection', async () => {
    throw new Error('from the listener');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.note('captures', Boolean(server[Symbol.for('nodejs.rejection')]));
});

parity('diagnostics: the channel gets the socket after the listeners', async (world) => {
  const channel = diagnostics.channel('net.server.socket');
  const told = ({ socket }) => world.note('channel', socket instanceof world.api.Socket);
  channel.subscribe(told);
  try {
    const { client, socket } = await world.call(await world.serve());
    client.destroy();
    await world.closed(socket);
  } finally {
    channel.unsubscribe(told);
  }
});

parity('without new, and as a class to extend', async (world) => {
  const { Server, Socket } = world.api;
  class Counting extends Server {
    count = 0;
    constructor(options) {
      super(options, () => this.count++);
    }
  }
  const server = new Counting({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { client, socket } = await world.call(server);
  world.note(server.count, socket instanceof Socket, socket.constructor === Socket);
  world.note(Server().listening, Server() instanceof net.Server);
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, 'close');
});

oursAlone('our own options reach the accepted sockets', async (world) => {
  const server = await world.serve({ maxBuffered: 100_000, overflow: 'drop' });
  const { client, socket } = await world.call(server);
  client.pause();
  const block = Buffer.alloc(50_000);
  let dropped = null;
  for (let i = 0; i < 1000 && dropped === null; i++) {
    socket.write(block, (error) => {
      dropped ??= error ?? null;
    });
    await nextTurn();
  }
  assert.strictEqual(dropped?.code, 'ERR_RUSHWRITE_OVERFLOW');
});

test('bad options of ours throw when the server is made', () => {
  const { createServer } = subject;
  if (subject.adopt === undefined) return;
  assert.throws(() => createServer({ bufferSize: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => createServer({ maxBuffered: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => createServer({ overflow: 'x' }), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => createServer({ flushOnExit: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
});
