'use strict';

// All forms of connect() arguments connect to the peer.

const { once } = require('node:events');
const { NO_IPV6, NO_UNIX_SOCKET, parity } = require('../harness/sockets');

/** Writes 'hello' and ends. */
async function greet(world, socket) {
  socket.end('hello', world.callback('end cb'));
  await world.closed(socket);
}

const FORMS = {
  'connect(port)': ({ connect }, { port }) => connect(port),
  'connect(port, host)': ({ connect }, { port, host }) => connect(port, host),
  'connect(port as a string, host)': ({ connect }, { port, host }) => connect(`${port}`, host),
  'connect({ port, host })': ({ connect }, where) => connect(where),
  'connect({ port })': ({ connect }, { port }) => connect({ port }),
  'connect({ port as a string, host })': ({ connect }, { port, host }) =>
    connect({ port: `${port}`, host }),
  'connect({ host: localhost })': ({ connect }, { port }) => connect({ port, host: 'localhost' }),
  'connect({ family: 4 })': ({ connect }, { port }) =>
    connect({ port, host: 'localhost', family: 4 }),
  'connect({ noDelay, keepAlive, timeout })': ({ connect }, where) =>
    connect({ ...where, noDelay: true, keepAlive: true, timeout: 20_000 }),
  'createConnection(port, host)': ({ createConnection }, { port, host }) =>
    createConnection(port, host),
  'createConnection({ port, host })': ({ createConnection }, where) => createConnection(where),
  'new Socket().connect(port, host)': ({ Socket }, { port, host }) =>
    new Socket().connect(port, host),
  'new Socket({}).connect({ port, host })': ({ Socket }, where) => new Socket({}).connect(where),
  'Socket() without new': ({ Socket }, where) => Socket().connect(where),
  'Socket(options) without new': ({ Socket }, where) =>
    Socket({ allowHalfOpen: false }).connect(where),
};

for (const [name, form] of Object.entries(FORMS)) {
  parity(name, async (world, api) => {
    const peer = await world.listen();
    await greet(world, world.watchSocket(form(api, peer.where)));
  });
}

const LISTENER_FORMS = {
  'connect(port, listener)': ({ connect }, { port }, listener) => connect(port, listener),
  'connect(port, host, listener)': ({ connect }, { port, host }, listener) =>
    connect(port, host, listener),
  'connect(options, listener)': ({ connect }, where, listener) => connect(where, listener),
  'createConnection(options, listener)': ({ createConnection }, where, listener) =>
    createConnection(where, listener),
  'socket.connect(port, host, listener)': ({ Socket }, { port, host }, listener) =>
    new Socket().connect(port, host, listener),
  'socket.connect(options, listener)': ({ Socket }, where, listener) =>
    new Socket().connect(where, listener),
};

for (const [name, form] of Object.entries(LISTENER_FORMS)) {
  parity(`${name}: the listener is one of 'connect'`, async (world, api) => {
    const peer = await world.listen();
    const socket = form(api, peer.where, function (...args) {
      world.note('listener', args, 'this is the socket', this === socket, socket.connecting);
    });
    await greet(world, world.watchSocket(socket));
  });
}

parity('connect returns the socket itself', async (world, api) => {
  const peer = await world.listen();
  const socket = world.socket();
  world.note(socket.connect(peer.where) === socket, socket instanceof api.Socket);
  await greet(world, socket);
});

parity('every socket is a net.Socket and a Duplex', async (world, api) => {
  const { Duplex } = require('node:stream');
  const { Socket } = require('node:net');
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  for (const one of [socket, new api.Socket(), api.Socket()]) {
    world.note(one instanceof Socket, one instanceof Duplex, one instanceof api.Socket);
  }
  await greet(world, socket);
});

parity('a subclass of Socket', async (world, { Socket }) => {
  class Greeter extends Socket {
    greet() {
      return this.end('hello');
    }
  }
  const peer = await world.listen();
  const socket = world.watchSocket(new Greeter());
  world.note(socket instanceof Greeter, socket instanceof Socket);
  socket.connect(peer.where, () => socket.greet());
  await world.closed(socket);
});

parity(
  '::1',
  async (world) => {
    const peer = await world.listen({ where: { port: 0, host: '::1' } });
    const socket = world.connect(peer.where);
    await once(socket, 'connect');
    world.note(socket.remoteAddress, socket.remoteFamily, socket.localAddress, socket.localFamily);
    await greet(world, socket);
  },
  { skip: NO_IPV6 },
);

const PATH_FORMS = {
  'connect(path)': ({ connect }, path) => connect(path),
  'connect({ path })': ({ connect }, path) => connect({ path }),
  'createConnection(path)': ({ createConnection }, path) => createConnection(path),
  'socket.connect(path)': ({ Socket }, path) => new Socket().connect(path),
  'path before port': ({ connect }, path) => connect({ path, port: 1, host: '127.0.0.1' }),
};

for (const [name, form] of Object.entries(PATH_FORMS)) {
  parity(
    `unix socket: ${name}`,
    async (world, api) => {
      const path = world.file('socket');
      await world.listen({ where: { path } });
      await greet(world, world.watchSocket(form(api, path)));
    },
    { skip: NO_UNIX_SOCKET },
  );
}

parity(
  'unix socket: no such file',
  async (world) => {
    const socket = world.connect(world.file('nobody'));
    socket.write('x', world.callback('write cb'));
    await world.closed(socket);
  },
  { skip: NO_UNIX_SOCKET },
);

parity(
  'unix socket: connect(path, listener)',
  async (world, { connect }) => {
    const path = world.file('socket');
    await world.listen({ where: { path } });
    const socket = connect(path, world.callback('listener'));
    await greet(world, world.watchSocket(socket));
  },
  { skip: NO_UNIX_SOCKET },
);
