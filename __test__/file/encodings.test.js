'use strict';

const { parity } = require('../harness');
const { ENCODINGS, TEXTS } = require('../harness/texts');

for (const encoding of ENCODINGS) {
  parity(`write(string, ${encoding}): every text before open`, async (world) => {
    const stream = world.create(world.file());
    for (const [index, text] of TEXTS.entries()) {
      stream.write(text, encoding, world.callback(`cb ${index}`));
    }
    stream.end(world.callback('end cb'));
    await world.closed(stream);
    world.note('bytesWritten', stream.bytesWritten);
  });

  parity(`write(string, ${encoding}): one text at a time`, async (world) => {
    const stream = world.create(world.file());
    for (const text of TEXTS) {
      await new Promise((resolve) => stream.write(text, encoding, resolve));
      world.note('bytesWritten', stream.bytesWritten);
    }
    stream.end();
    await world.closed(stream);
  });

  parity(`option encoding ${encoding} is the default`, async (world) => {
    const stream = world.create(world.file(), { encoding });
    for (const text of TEXTS) stream.write(text);
    stream.write('in utf8: ż', 'utf8');
    stream.end('61', world.callback('end cb'));
    await world.closed(stream);
  });

  parity(`options as the string ${encoding}`, async (world) => {
    const stream = world.create(world.file(), encoding);
    stream.end(TEXTS[1]);
    await world.closed(stream);
  });

  parity(`setDefaultEncoding(${encoding}) applies to later writes`, async (world) => {
    const stream = world.create(world.file());
    stream.write('616263');
    world.note('returns itself', stream.setDefaultEncoding(encoding) === stream);
    stream.write('616263');
    stream.setDefaultEncoding('utf8');
    stream.end('616263');
    await world.closed(stream);
  });

  parity(`end(string, ${encoding})`, async (world) => {
    const stream = world.create(world.file());
    stream.end('616263 ż', encoding, world.callback('end cb'));
    await world.closed(stream);
  });
}

parity('every encoding in turn, in one stream', async (world) => {
  const stream = world.create(world.file());
  for (let round = 0; round < 3; round++) {
    for (const encoding of ENCODINGS) {
      for (const text of TEXTS) stream.write(text, encoding);
      stream.write(Buffer.from([0xff, 0x00, round]));
    }
  }
  stream.end();
  await world.closed(stream);
});

parity('a long text of each encoding', async (world) => {
  const stream = world.create(world.file());
  for (const encoding of ENCODINGS) stream.write('61Żż'.repeat(60_000), encoding);
  stream.write('6162'.repeat(500_001), 'hex');
  stream.write('YWJj'.repeat(500_001), 'base64');
  stream.end();
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('an encoding with a Buffer is ignored', async (world) => {
  const stream = world.create(world.file());
  stream.write(Buffer.from('616263'), 'hex');
  stream.write(new Uint8Array([1, 2]), 'utf16le');
  stream.write(Buffer.from('x'), 'buffer');
  stream.end(Buffer.from('z'), 'latin1');
  await world.closed(stream);
});

for (const encoding of [null, undefined, '', false, 0]) {
  parity(`encoding ${JSON.stringify(encoding)} means the default`, async (world) => {
    const stream = world.create(world.file(), { encoding: 'hex' });
    stream.write('61', encoding, world.callback('cb'));
    stream.end('62', encoding);
    await world.closed(stream);
  });
}

for (const encoding of ['utf9', 'latin', 42, {}, true]) {
  parity(`encoding ${JSON.stringify(encoding)} is refused by write`, async (world) => {
    const stream = world.create(world.file());
    world.attempt('write', () => stream.write('x', encoding, world.callback('cb')));
    world.attempt('write Buffer', () => stream.write(Buffer.from('y'), encoding));
    world.attempt('end', () => stream.end('z', encoding) === stream);
    world.attempt('setDefaultEncoding', () => stream.setDefaultEncoding(encoding) === stream);
    stream.end('still usable');
    await world.closed(stream);
  });
}

// Node 26 refuses it, older versions accept it: the running Node decides.
parity("encoding 'buffer' with a string", async (world) => {
  const stream = world.create(world.file());
  world.attempt('write', () => stream.write('x', 'buffer'));
  stream.end('end');
  await world.closed(stream);
});
