'use strict';

// The read side stays Node's own.

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { parity } = require('../harness/sockets');

const TEXT_BYTES = 3_000_000;

/** A peer that sends a long text at once. */
function talker() {
  return { onConnection: (other) => other.end(Buffer.alloc(TEXT_BYTES, 'abcdefg')) };
}

parity('pause and resume', async (world) => {
  const { socket } = await world.pair(talker());
  let bytes = 0;
  socket.on('data', (part) => {
    bytes += part.length;
    socket.pause();
    world.note(socket.isPaused());
    setImmediate(() => socket.resume());
  });
  await world.closed(socket);
  world.log.length = 0;
  world.note(bytes, socket.bytesRead);
});

parity('a reader that stops does not get the whole text', async (world) => {
  const { socket, other } = await world.pair({
    onConnection: (one) => one.write(Buffer.alloc(64 << 20)),
  });
  await once(socket, 'readable');
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  world.note(socket.readableLength <= 2 * 65_536, other.writableLength > 0);
  socket.destroy();
  await world.closed(socket);
});

parity('read(n)', async (world) => {
  const { socket, other } = await world.pair();
  other.end('abcdefghij');
  await once(socket, 'readable');
  world.note(socket.read(3), socket.read(100), socket.read(7), socket.read());
  await world.closed(socket);
});

parity('unshift', async (world) => {
  const { socket, other } = await world.pair();
  other.end('head body');
  const [part] = await once(socket, 'data');
  socket.pause();
  socket.unshift(part.subarray(5));
  const rest = [];
  socket.on('data', (more) => rest.push(more));
  socket.resume();
  await world.closed(socket);
  world.note(Buffer.concat(rest));
});

parity('async iteration to the end', async (world) => {
  const { socket } = await world.pair(talker());
  let bytes = 0;
  for await (const part of socket) bytes += part.length;
  world.note(bytes, socket.destroyed);
  await world.closed(socket);
});

parity('async iteration that stops with break', async (world) => {
  const { socket } = await world.pair(talker());
  for await (const part of socket) {
    world.note(part.length > 0);
    break;
  }
  world.note(socket.destroyed);
  if (!socket.closed) await world.closed(socket);
});

parity('async iteration over a socket that is reset', async (world) => {
  const { socket, other } = await world.pair();
  socket.write('x');
  other.on('data', () => other.resetAndDestroy());
  try {
    for await (const part of socket) world.note('data', part);
  } catch (error) {
    world.note('threw', error);
  }
  if (!socket.closed) await world.closed(socket);
});

parity('onread with one buffer', async (world) => {
  const buffer = Buffer.alloc(1000);
  let text = '';
  let largest = 0;
  const onread = {
    buffer,
    callback(bytes, filled) {
      largest = Math.max(largest, bytes);
      text += filled.toString('latin1', 0, bytes);
      return true;
    },
  };
  const { socket } = await world.pair({ socket: { onread }, ...talker() });
  socket.on('data', () => world.note('never'));
  await world.closed(socket);
  world.note(text.length, text.slice(0, 20), largest <= 1000, socket.bytesRead);
});

parity('onread with a function for the buffer, paused by false', async (world) => {
  let bytes = 0;
  const onread = {
    buffer: () => Buffer.alloc(5000),
    callback(length) {
      bytes += length;
      setImmediate(() => socket.resume());
      return false;
    },
  };
  const peer = await world.listen({ onConnection: (other) => other.end(Buffer.alloc(100_000)) });
  const socket = world.connect({ ...peer.where, onread });
  await world.closed(socket);
  world.note(bytes);
});

parity('onread, and writes beside it', async (world) => {
  let text = '';
  const onread = {
    buffer: Buffer.alloc(64),
    callback(length, filled) {
      text += filled.toString('latin1', 0, length);
      if (text.length === 10) socket.end('bye', world.callback('end cb'));
      return true;
    },
  };
  const peer = await world.listen({ onConnection: (other) => other.pipe(other) });
  const socket = world.connect({ ...peer.where, onread });
  for (let i = 0; i < 10; i++) socket.write(`${i}`, world.callback(`cb ${i}`));
  await world.closed(socket);
  world.note(text);
});

parity('an echo of a long text, both ways at once', async (world) => {
  const { socket } = await world.pair({ onConnection: (other) => other.pipe(other) });
  let bytes = 0;
  socket.on('data', (part) => {
    bytes += part.length;
  });
  for (let i = 0; i < 60; i++) socket.write(Buffer.alloc(50_000, i));
  socket.end();
  await world.closed(socket);
  world.note(bytes, socket.bytesRead, socket.bytesWritten);
});
