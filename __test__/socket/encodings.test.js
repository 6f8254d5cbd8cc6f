'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone, parity } = require('../harness/sockets');
const { ENCODINGS, TEXTS } = require('../harness/texts');

/** Node aborts the process on hex of an odd length in a vectored write. */
function textsFor(encoding) {
  return encoding.toLowerCase() === 'hex' ? TEXTS.filter((text) => text.length % 2 === 0) : TEXTS;
}

for (const encoding of ENCODINGS) {
  parity(`write(string, ${encoding})`, async (world) => {
    const { socket } = await world.pair();
    for (const [index, text] of textsFor(encoding).entries()) {
      socket.write(text, encoding, world.callback(`cb ${index}`));
      world.note('bytesWritten', socket.bytesWritten);
    }
    socket.end('616263żż', encoding, world.callback('end cb'));
    await world.closed(socket);
    world.note('bytesWritten', socket.bytesWritten);
  });

  parity(`write(string, ${encoding}) before connect`, async (world) => {
    const peer = await world.listen();
    const socket = world.connect(peer.where);
    for (const text of textsFor(encoding)) socket.write(text, encoding);
    world.note('bytesWritten', socket.bytesWritten);
    socket.end();
    await world.closed(socket);
  });

  parity(`setDefaultEncoding(${encoding}) applies to later writes`, async (world) => {
    const { socket } = await world.pair();
    socket.write('616263');
    world.note('returns itself', socket.setDefaultEncoding(encoding) === socket);
    socket.write('616263');
    socket.cork();
    for (const text of textsFor(encoding)) socket.write(text);
    socket.uncork();
    socket.write('in utf8: ż', 'utf8');
    socket.end('616263');
    await world.closed(socket);
  });
}

parity('every encoding in turn, corked and not', async (world) => {
  const { socket } = await world.pair();
  for (let round = 0; round < 4; round++) {
    if (round % 2 === 1) socket.cork();
    for (const encoding of ENCODINGS) {
      for (const text of textsFor(encoding)) socket.write(text, encoding);
      socket.write(Buffer.from([0xff, 0x00, round]));
    }
    if (round % 2 === 1) socket.uncork();
  }
  socket.end();
  await world.closed(socket);
});

parity('a long text of each encoding', async (world) => {
  const { socket } = await world.pair();
  for (const encoding of ENCODINGS) socket.write('61Żż'.repeat(30_000), encoding);
  socket.write('6162'.repeat(300_001), 'hex');
  socket.end('YWJj'.repeat(300_001), 'base64');
  await world.closed(socket);
  world.note('bytesWritten', socket.bytesWritten);
});

// As in Node, each half is encoded on its own: three bytes of U+FFFD each.
const HALVES = {
  'in two writes': (socket) => {
    socket.write('\ud83d');
    socket.write('\ude00');
  },
  'in two turns': async (socket) => {
    await new Promise((resolve) => socket.write('a\ud83d', resolve));
    await new Promise((resolve) => socket.write('\ude00b', resolve));
  },
  'a pair, whole': (socket) => {
    socket.write('\ud83d\ude00');
    socket.write('\ud83d');
    socket.write('\ud83d\ude00');
    socket.write('\ude00');
  },
  corked: (socket) => {
    socket.cork();
    socket.write('\ud83d');
    socket.write('\ude00');
    socket.uncork();
  },
  'beside other encodings': (socket) => {
    socket.write('\ud83d');
    socket.write('\ude00', 'utf16le');
    socket.write('\ude00');
    socket.write(Buffer.from([0]));
    socket.write('\ude00');
  },
  'among many': (socket) => {
    for (let i = 0; i < 3000; i++) socket.write(i % 2 === 0 ? `${i}\ud83d` : `\ude00${i}`);
  },
};

for (const [name, write] of Object.entries(HALVES)) {
  parity(`halves of a surrogate pair: ${name}`, async (world) => {
    const { socket } = await world.pair();
    await write(socket);
    socket.end('\ud83d');
    await world.closed(socket);
    world.note('bytesWritten', socket.bytesWritten);
  });

  parity(`halves of a surrogate pair before connect: ${name}`, async (world) => {
    const peer = await world.listen();
    const socket = world.connect(peer.where);
    await write(socket);
    socket.end('\ude00');
    await world.closed(socket);
    world.note('bytesWritten', socket.bytesWritten);
  });
}

oursAlone('hex of an odd length, alone and among others', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write('616', 'hex');
  socket.cork();
  socket.write('<');
  socket.write('62636', 'hex');
  socket.write('>');
  socket.uncork();
  socket.end('6', 'hex');
  await world.closed(socket);
  assert.strictEqual((await peer.received(5)).toString(), 'a<bc>');
});

parity('an encoding with a Buffer is ignored', async (world) => {
  const { socket } = await world.pair();
  socket.write(Buffer.from('616263'), 'hex');
  socket.write(new Uint8Array([1, 2]), 'utf16le');
  socket.end(Buffer.from('z'), 'latin1');
  await world.closed(socket);
});

for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'utf16le']) {
  parity(`setEncoding(${encoding}): what is read`, async (world) => {
    const { socket, other } = await world.pair();
    let text = '';
    world.note(socket.setEncoding(encoding) === socket, socket.readableEncoding);
    socket.on('data', (part) => {
      text += part;
    });
    other.write(Buffer.from('żółć 😀'));
    other.end(Buffer.from([0xff, 0xf0]));
    await once(socket, 'end');
    await world.closed(socket);
    world.note(text, socket.bytesRead);
  });
}

const NAMES = ['utf8', 'UTF-8', 'latin1', 'LATIN1', 'binary', 'ascii', 'base64', 'ucs2'];

for (const encoding of NAMES) {
  parity(`a lone string as ${encoding}, plain and corked`, async (world) => {
    const { socket, peer } = await world.pair();
    for (const text of [
      'abcd',
      '\xe9\xff\x80',
      '\u017c\u00f3\u0142\u4e2d',
      '\ud83d\ude00\ud83d',
      '',
    ]) {
      await nextTurn();
      socket.write(text, encoding, world.callback('plain'));
      await nextTurn();
      socket.cork();
      socket.write(text, encoding, world.callback('corked'));
      socket.uncork();
      world.note(socket.bytesWritten);
    }
    socket.end();
    await world.closed(socket);
    world.note((await peer.received(socket.bytesWritten)).toString('hex'));
  });
}
