'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const { PassThrough, Readable, Transform, finished, pipeline } = require('node:stream');
const streams = require('node:stream/promises');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Writable } = require('node:stream');
const zlib = require('node:zlib');
const { parity } = require('../harness/sockets');

/** Chunks of many sizes, strings and Buffers, about 1.5 MB. */
function* chunks() {
  for (let i = 0; i < 300; i++) yield i % 3 === 0 ? Buffer.alloc(i * 100, `${i}`) : `text ${i};`;
}

parity('a Readable piped into a socket', async (world) => {
  const { socket } = await world.pair();
  socket.on('pipe', () => world.note('pipe'));
  socket.on('unpipe', () => world.note('unpipe'));
  Readable.from(chunks(), { objectMode: true }).pipe(socket);
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

parity('piped before connect', async (world) => {
  const peer = await world.listen();
  const socket = world.connect(peer.where);
  Readable.from(chunks()).pipe(socket);
  await world.closed(socket);
  world.note(socket.bytesWritten);
});

parity('a file through gzip', async (world) => {
  const { socket } = await world.pair();
  fs.writeFileSync(world.file('source'), 'one line of a file\n'.repeat(50_000));
  await streams.pipeline(fs.createReadStream(world.file('source')), zlib.createGzip(), socket);
  // The socket may or may not have emitted 'close' by now.
  await world.closed(socket);
  // A turn closes its handles after its immediates.
  await nextTurn();
  await nextTurn();
  world.note('done', socket.writableFinished);
});

parity('pipeline with a callback', async (world) => {
  const { socket } = await world.pair();
  pipeline(Readable.from(chunks()), new PassThrough(), socket, world.callback('pipeline cb'));
  await world.closed(socket);
});

parity('pipeline from a generator', async (world) => {
  const { socket } = await world.pair();
  await streams.pipeline(async function* () {
    for (let i = 0; i < 100; i++) yield `${i},`;
  }, socket);
  await world.closed(socket);
  world.note('done');
});

parity('pipeline whose source fails', async (world) => {
  const { socket } = await world.pair();
  const source = new Readable({
    read() {
      this.destroy(new Error('boom'));
    },
  });
  pipeline(source, socket, world.callback('pipeline cb'));
  await world.closed(socket);
});

parity('pipeline into a refused socket', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  const source = Readable.from(chunks());
  pipeline(source, socket, world.callback('pipeline cb'));
  await world.closed(socket);
  world.note(source.destroyed);
});

parity('pipeline through an echo: ours is the middle', async (world) => {
  const { socket } = await world.pair({ onConnection: (other) => other.pipe(other) });
  let bytes = 0;
  const sink = new Writable({
    write(chunk, _encoding, callback) {
      bytes += chunk.length;
      callback();
    },
  });
  await streams.pipeline(Readable.from(chunks()), socket, sink);
  world.note('echoed', bytes, socket.bytesWritten);
  if (!socket.closed) await world.closed(socket);
});

parity('a socket piped into itself echoes', async (world) => {
  const { socket, other, peer } = await world.pair();
  socket.pipe(socket);
  for (const chunk of chunks()) if (chunk.length > 0) other.write(chunk);
  other.end();
  await world.closed(socket);
  world.note(await peer.ending());
});

parity('pipe with end: false', async (world) => {
  const { socket } = await world.pair();
  Readable.from(['a', 'b']).pipe(socket, { end: false });
  await once(socket, 'unpipe');
  world.note(socket.writableEnded);
  socket.end('the end');
  await world.closed(socket);
});

parity('a transform that reads from a socket', async (world) => {
  const { socket, other } = await world.pair();
  const upper = new Transform({
    transform(chunk, _encoding, callback) {
      callback(null, `${chunk}`.toUpperCase());
    },
  });
  let text = '';
  upper.on('data', (part) => {
    text += part;
  });
  socket.pipe(upper);
  other.end('whisper');
  await once(upper, 'end');
  world.note(text);
  if (!socket.closed) await world.closed(socket);
});

const FATES = {
  'a normal end': (socket, other) => {
    other.resume();
    socket.end('x');
  },
  destroy: (socket) => socket.destroy(),
  'destroy with an error': (socket) => socket.destroy(new Error('boom')),
  'the end of the peer': (socket, other) => {
    socket.resume();
    other.end();
  },
};

for (const [name, meet] of Object.entries(FATES)) {
  parity(`finished sees ${name}`, async (world) => {
    const { socket, other } = await world.pair();
    finished(socket, world.callback('finished'));
    finished(socket, { readable: false }, world.callback('finished writing'));
    finished(socket, { writable: false }, world.callback('finished reading'));
    meet(socket, other);
    socket.resume();
    await world.closed(socket);
  });
}

parity('finished sees a refusal', async (world) => {
  const socket = world.connect(await world.freePort(), '127.0.0.1');
  finished(socket, world.callback('finished'));
  await world.closed(socket);
});

parity('toWeb and fromWeb', async (world, { connect }) => {
  const { Duplex } = require('node:stream');
  const peer = await world.listen({ onConnection: (other) => other.pipe(other) });
  const socket = world.watchSocket(connect(peer.where));
  await once(socket, 'ready');
  const { readable, writable } = Duplex.toWeb(socket);
  const writer = writable.getWriter();
  await writer.write(Buffer.from('through the web'));
  await writer.close();
  let text = '';
  for await (const part of readable) text += Buffer.from(part);
  world.note(text);
  if (!socket.closed) await world.closed(socket);
});
