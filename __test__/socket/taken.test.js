'use strict';

// Writes that the system has taken when the socket is destroyed in the same tick: their callbacks get no error, and
// their bytes count.

const { parity } = require('../harness/sockets');

const LONG = 'x'.repeat(40_000);

/** What is written, and the mark of the socket. */
const WRITES = {
  'a Buffer': [Buffer.from('bytes')],
  'an empty Buffer': [Buffer.alloc(0)],
  'a long string': [LONG],
  'a large Buffer': [Buffer.from(LONG)],
  'a large Buffer, and a small one': [Buffer.from(LONG), Buffer.from('bytes')],
  'a string as long as the mark, and a short one': ['x'.repeat(65_536), 'text', 65_536],
  'a Buffer behind empty ones': [Buffer.alloc(0), Buffer.alloc(0), Buffer.from('bytes')],
  'a Buffer beyond the mark': [Buffer.from('bytes'), 1],
  'a string beyond the mark': ['text', 1],
  'a long string beyond the mark': [LONG, 1],
};

const WAYS = {
  'destroy()': (socket) => socket.destroy(),
  'destroy(error)': (socket) => socket.destroy(new Error('boom')),
};

for (const [name, parts] of Object.entries(WRITES)) {
  const chunks = parts.filter((part) => typeof part !== 'number');
  const [highWaterMark] = parts.filter((part) => typeof part === 'number');
  for (const [way, destroy] of Object.entries(WAYS)) {
    for (const isCorked of [false, true]) {
      parity(`${name}${isCorked ? ', corked,' : ''} and ${way}`, async (world) => {
        const { socket, peer } = await world.pair({ socket: { highWaterMark } });
        if (isCorked) socket.cork();
        for (const chunk of chunks) {
          if (typeof chunk === 'string') socket.write(chunk, 'latin1', world.callback('write cb'));
          else socket.write(chunk, world.callback('write cb'));
        }
        if (isCorked) socket.uncork();
        destroy(socket);
        await world.closed(socket);
        world.note(socket.bytesWritten);
        await peer.ending();
      });
    }
  }
}
