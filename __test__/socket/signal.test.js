'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness/sockets');

parity('aborted before', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ ...peer.where, signal: AbortSignal.abort() });
  socket.write('x', world.callback('write cb'));
  await world.closed(socket);
});

parity('aborted before, with a reason', async (world) => {
  const peer = await world.listen();
  const signal = AbortSignal.abort(new Error('my reason'));
  const socket = world.connect({ ...peer.where, signal });
  await world.closed(socket);
});

parity('aborted while it connects', async (world) => {
  const controller = new AbortController();
  const socket = world.connect({
    port: await world.freePort(),
    host: '127.0.0.1',
    signal: controller.signal,
  });
  socket.write('x', world.callback('write cb'));
  controller.abort();
  await world.closed(socket);
});

parity('aborted when connected', async (world) => {
  const controller = new AbortController();
  const { socket, peer } = await world.pair({ socket: { signal: controller.signal } });
  socket.write('written', world.callback('write cb'));
  await peer.received(7);
  controller.abort(new Error('my reason'));
  world.note(socket.destroyed, socket.readyState);
  await world.closed(socket);
});

parity('aborted in the turn of a write: the bytes went out', async (world) => {
  const controller = new AbortController();
  const { socket } = await world.pair({ socket: { signal: controller.signal } });
  socket.write('written', world.callback('write cb'));
  controller.abort();
  await world.closed(socket);
});

parity('aborted after the end', async (world) => {
  const controller = new AbortController();
  const { socket } = await world.pair({ socket: { signal: controller.signal } });
  socket.end('x', world.callback('end cb'));
  await world.closed(socket);
  controller.abort();
  await nextTurn();
  world.note(socket.errored);
});

parity('never aborted', async (world) => {
  const { signal } = new AbortController();
  const { socket } = await world.pair({ socket: { signal } });
  socket.end('x');
  await world.closed(socket);
});
