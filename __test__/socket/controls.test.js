'use strict';

// Setters such as setNoDelay() return the socket, before, during and after the connection.

const { setImmediate: nextTurn } = require('node:timers/promises');
const { parityInChild } = require('../harness/child');
const { parity } = require('../harness/sockets');

const SWITCHES = {
  'setNoDelay()': (socket) => socket.setNoDelay(),
  'setNoDelay(false)': (socket) => socket.setNoDelay(false),
  'setKeepAlive()': (socket) => socket.setKeepAlive(),
  'setKeepAlive(true, 5000)': (socket) => socket.setKeepAlive(true, 5000),
  'setKeepAlive(false)': (socket) => socket.setKeepAlive(false),
  'ref()': (socket) => socket.ref(),
  'unref() and ref()': (socket) => socket.unref().ref(),
  'pause() and resume()': (socket) => socket.pause().resume(),
  'setTimeout(0)': (socket) => socket.setTimeout(0),
  'setEncoding(hex)': (socket) => socket.setEncoding('hex'),
  'setDefaultEncoding(hex)': (socket) => socket.setDefaultEncoding('hex'),
};

for (const [name, call] of Object.entries(SWITCHES)) {
  parity(`${name} before, during and after connect, and closed`, async (world) => {
    const peer = await world.listen();
    const socket = world.socket();
    const attempt = (when) => world.attempt(when, () => call(socket) === socket);
    attempt('before');
    socket.connect(peer.where);
    attempt('connecting');
    socket.on('connect', () => attempt('connect'));
    socket.on('ready', () => {
      socket.write('6162', world.callback('write cb'));
      attempt('ready');
      socket.end('63');
      attempt('ended');
    });
    await world.closed(socket);
    attempt('closed');
    await nextTurn();
  });
}

parityInChild(
  'an idle connection keeps the process alive',
  ({ connect }, _dir, port) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (part) => console.log(`${part}`));
    for (const event of ['connect', 'finish', 'end', 'close']) {
      socket.on(event, () => console.log(event));
    }
  },
  {
    onConnection: (other) => {
      setImmediate(() => other.end('bye'));
    },
  },
);

parityInChild(
  'an unref socket lets the process end',
  ({ connect }, _dir, port) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      console.log('connect');
      socket.write('written', () => console.log('written'));
      socket.unref();
    });
    socket.on('close', () => console.log('never'));
    process.on('exit', (code) => console.log('exit', code));
  },
  { onConnection: (other) => other.unref() },
);

parityInChild(
  'unref before connect: the callbacks still come',
  ({ Socket }, _dir, port, server) => {
    server.ref();
    const socket = new Socket();
    socket.unref();
    socket.connect(port, '127.0.0.1', () => {
      console.log('connect');
      socket.write('x', () => {
        console.log('written');
        server.unref();
      });
    });
    process.on('exit', (code) => console.log('exit', code));
  },
  { onConnection: (other) => other.unref() },
);

parityInChild(
  'unref, then ref: the process stays alive',
  ({ connect }, _dir, port) => {
    const socket = connect(port, '127.0.0.1');
    socket.unref().ref();
    socket.write('echo');
    socket.on('data', (part) => console.log(`${part}`));
    socket.on('close', () => console.log('close'));
  },
  {
    onConnection: (other) => {
      other.on('data', (part) => other.end(part));
    },
  },
);

parityInChild(
  'a pending write of a socket keeps the process alive',
  ({ connect }, _dir, port) => {
    const socket = connect(port, '127.0.0.1');
    for (let i = 0; i < 50; i++) socket.write(Buffer.alloc(200_000, i));
    socket.end(() => console.log('end cb'));
  },
  {
    onConnection: (other) => {
      let bytes = 0;
      other.on('data', (part) => {
        bytes += part.length;
      });
      other.on('end', () => console.log('received', bytes));
    },
  },
);

parityInChild(
  'an error without a listener ends the process',
  ({ connect }, dir) => {
    process.on('exit', (code) => console.log('exit', code));
    connect(`${dir}/no/such/socket`);
  },
  { sockets: true },
);
