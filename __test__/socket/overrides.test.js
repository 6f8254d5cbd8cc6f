'use strict';

// Sockets whose methods the user replaces: the user's functions get each chunk, as with Node's
// class.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const test = require('node:test');
const v8 = require('node:v8');
const { connect } = require('../..');
const { parity } = require('../harness/sockets');

/** Replaces `_write` with one that logs each chunk and writes it in capitals. */
function capitalise(world, socket) {
  const original = socket._write;
  socket._write = function replaced(chunk, encoding, callback) {
    world.note('_write', `${chunk}`, encoding);
    return original.call(this, `${chunk}`.toUpperCase(), 'utf8', callback);
  };
}

parity('_write replaced on the instance', async (world) => {
  const { socket, peer } = await world.pair();
  capitalise(world, socket);
  world.note(socket.write('one '), socket.write(Buffer.from('two ')));
  await new Promise((resolve) => socket.write('three ', resolve));
  await peer.received(14);
  socket.write('four ');
  socket.end('five', world.callback('end cb'));
  await world.closed(socket);
});

parity('_write replaced after a write of its own', async (world) => {
  const { socket } = await world.pair();
  await new Promise((resolve) => socket.write('one ', resolve));
  capitalise(world, socket);
  await new Promise((resolve) => socket.write('two ', resolve));
  socket.end('three');
  await world.closed(socket);
});

parity('a subclass with _write', async (world, { Socket }) => {
  class Upper extends Socket {
    _write(chunk, _encoding, callback) {
      super._write(`${chunk}`.toUpperCase(), 'utf8', callback);
    }
  }
  const peer = await world.listen();
  const socket = world.watchSocket(new Upper());
  socket.connect(peer.where);
  socket.write('early ', world.callback('cb early'));
  await world.event(socket, 'ready');
  await new Promise((resolve) => socket.write('one ', resolve));
  socket.end('two');
  await world.closed(socket);
});

parity('_writev replaced on the instance', async (world) => {
  const { socket } = await world.pair();
  const original = socket._writev;
  socket._writev = function replaced(entries, callback) {
    const texts = entries.map(({ chunk }) => `${chunk}`);
    world.note('_writev', texts);
    const upper = texts.map((text) => ({ chunk: text.toUpperCase(), encoding: 'utf8' }));
    return original.call(this, upper, callback);
  };
  await new Promise((resolve) => socket.write('plain ', resolve));
  socket.cork();
  socket.write('one ', world.callback('cb one'));
  socket.write(Buffer.from('two '), world.callback('cb two'));
  socket.uncork();
  await new Promise((resolve) => socket.write('plain ', resolve));
  socket.end('three');
  await world.closed(socket);
});

parity('write replaced on the instance once it is connected', async (world) => {
  const { socket, peer } = await world.pair();
  const original = socket.write;
  socket.write = function counted(...args) {
    world.note('write', `${args[0]}`);
    return original.apply(this, args);
  };
  world.note(Object.keys(socket).includes('write'), socket.write('one '));
  await peer.received(4);
  delete socket.write;
  socket.end('two', world.callback('end cb'));
  await world.closed(socket);
});

parity('write replaced on the prototype of a subclass', async (world, { Socket }) => {
  class Counting extends Socket {}
  const original = Counting.prototype.write;
  const peer = await world.listen();
  const socket = world.watchSocket(new Counting());
  socket.connect(peer.where);
  await world.event(socket, 'ready');
  Counting.prototype.write = function counted(...args) {
    world.note('write', `${args[0]}`);
    return original.apply(this, args);
  };
  world.note(socket.write('one '));
  await peer.received(4);
  socket.end('two', world.callback('end cb'));
  await world.closed(socket);
});

parity('the methods of a socket are enumerable', async (world) => {
  const { socket } = await world.pair();
  const names = [];
  for (const name in socket) names.push(name);
  world.note(['connect', 'cork', 'end', 'write'].map((name) => names.includes(name)));
  socket.end();
  await world.closed(socket);
});

test('a connected socket is as fast an object as Node’s', async (t) => {
  v8.setFlagsFromString('--allow-natives-syntax');
  const isFast = new Function('object', 'return %HasFastProperties(object)');
  const server = net.createServer((peer) => peer.resume()).listen(0);
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = connect(server.address().port);
  await once(socket, 'connect');
  socket.write('one');
  const answer = isFast(socket);
  socket.destroy();
  assert.equal(answer, true);
});
