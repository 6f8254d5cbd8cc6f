'use strict';

// Test doubles and instrumentation of `write`: they see what they see of Node's sockets.

const assert = require('node:assert/strict');
const { mock } = require('node:test');
const net = require('node:net');
const { oursAlone, parity } = require('../harness/sockets');

/** What sinon does: it looks for a data property, own or inherited, and puts its own in the place. */
function stub(object, name, make) {
  let holder = object;
  while (!Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
  const { value } = Object.getOwnPropertyDescriptor(holder, name);
  assert.equal(typeof value, 'function', `${name} is a data property`);
  const before = Object.getOwnPropertyDescriptor(object, name);
  object[name] = make(value);
  return () => {
    if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  };
}

parity('write is a method like the others', async (world, { Socket }) => {
  const socket = world.socket();
  const shape = ({ value, writable, enumerable, configurable }) => [
    typeof value,
    writable,
    enumerable,
    configurable,
  ];
  world.note(shape(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(socket), 'end')));
  const { prototype } = Socket;
  const holder = Object.hasOwn(prototype, 'write') ? prototype : Object.getPrototypeOf(prototype);
  world.note(shape(Object.getOwnPropertyDescriptor(holder, 'write')));
  socket.destroy();
  await world.closed(socket);
});

parity('a stub of one socket: nothing is written', async (world) => {
  const { socket } = await world.pair();
  const restore = stub(socket, 'write', () => (chunk) => {
    world.note('stub', chunk);
    return true;
  });
  world.note(socket.write('kept back'));
  restore();
  socket.write('written');
  socket.end();
  await world.closed(socket);
});

parity('mock.method of one socket, restored', async (world) => {
  const { socket } = await world.pair();
  const spy = mock.method(socket, 'write');
  socket.write('one ');
  world.note(spy.mock.calls.map(({ arguments: args }) => args));
  spy.mock.restore();
  socket.write('two ');
  socket.end('three');
  await world.closed(socket);
});

parity('a patch of the class sees the sockets that exist', async (world, { Socket }) => {
  const { socket } = await world.pair();
  socket.write('one ');
  const restore = stub(Socket.prototype, 'write', (original) => {
    return function patched(...args) {
      world.note('patch', `${args[0]}`, args.length);
      return original.apply(this, args);
    };
  });
  socket.write('two ');
  await new Promise((resolve) => socket.write(Buffer.from('three '), resolve));
  restore();
  socket.end('four');
  await world.closed(socket);
});

parity('a patch of net.Socket sees each write', async (world) => {
  const { socket } = await world.pair();
  socket.write('one ');
  const restore = stub(net.Socket.prototype, 'write', (original) => {
    return function patched(...args) {
      if (this === socket) world.note('patch', `${args[0]}`, typeof args.at(-1));
      return original.apply(this, args);
    };
  });
  socket.write('two ');
  await new Promise((resolve) => socket.write(Buffer.from('three '), resolve));
  restore();
  socket.write('four ');
  socket.end('five', world.callback('end'));
  await world.closed(socket);
});

for (const name of ['_write', '_writeGeneric']) {
  parity(`a patch of ${name} in the class`, async (world, { Socket }) => {
    const { socket } = await world.pair();
    await new Promise((resolve) => socket.write('one ', resolve));
    const restore = stub(Socket.prototype, name, (original) => {
      return function patched(...args) {
        if (this === socket) world.note('patch', name);
        return original.apply(this, args);
      };
    });
    await new Promise((resolve) => socket.write('two ', resolve));
    restore();
    socket.end('three');
    await world.closed(socket);
  });
}

parity('a write while Node connects, from inside of listeners', async (world) => {
  const peer = await world.listen();
  const socket = world.socket();
  socket.on('newListener', (event) => {
    if (event === 'connect') world.note(typeof socket.write, socket.listenerCount('connect'));
  });
  socket.on('connectionAttempt', () => world.note(socket.write('attempt ')));
  socket.connect(peer.where, () => world.note(socket.write('connected ')));
  await world.event(socket, 'ready');
  socket.end('end');
  await world.closed(socket);
});

oursAlone(
  'a socket has its own prototype before, while and after it connects',
  async (world, { Socket }) => {
    class Own extends Socket {}
    const peer = await world.listen();
    const socket = new Own();
    socket.on('newListener', () => assert.ok(socket instanceof Own));
    socket.connect(peer.where, () => {});
    assert.equal(Object.getPrototypeOf(socket), Own.prototype);
    assert.equal(socket.isNative, process.platform !== 'win32');
    assert.throws(() => socket.connect({}), { code: 'ERR_MISSING_ARGS' });
    assert.equal(Object.getPrototypeOf(socket), Own.prototype);
    await world.event(socket, 'ready');
    assert.ok(!Object.hasOwn(socket, 'write'));
    socket.end();
    socket.resume();
    await world.closed(socket);
  },
);
