'use strict';

// Node encodes each write on its own: a surrogate pair split over two writes becomes U+FFFD twice,
// six bytes. An implementation that joined the strings first would write the character's four
// bytes.

const { parity } = require('../harness');

const HIGH = '\ud83d';
const LOW = '\ude00';
const BETWEEN = { nothing: [], 'an empty string': [''], 'an empty Buffer': [Buffer.alloc(0)] };
const BYTES = {
  'a Buffer': [Buffer.from('b')],
  text: ['t'],
  'a high one': [HIGH],
  'a low one': [LOW],
};

for (const [name, chunks] of Object.entries({ ...BETWEEN, ...BYTES })) {
  parity(`a pair with ${name} in between, before open`, async (world) => {
    const stream = world.create(world.file());
    for (const chunk of [HIGH, ...chunks, LOW]) stream.write(chunk);
    stream.end(world.callback('end cb'));
    await world.closed(stream);
    world.note('bytesWritten', stream.bytesWritten);
  });

  parity(`a pair with ${name} in between, after open`, async (world) => {
    const stream = world.create(world.file());
    await world.event(stream, 'ready');
    for (const chunk of [`a${HIGH}`, ...chunks, `${LOW}z`]) stream.write(chunk);
    stream.end();
    await world.closed(stream);
  });

  parity(`a pair with ${name} in between, corked`, async (world) => {
    const stream = world.create(world.file());
    await world.event(stream, 'ready');
    stream.cork();
    for (const chunk of [HIGH, ...chunks, LOW]) stream.write(chunk, world.callback('cb'));
    stream.uncork();
    stream.end();
    await world.closed(stream);
  });
}

parity('a pair over the border of a cork', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.write(HIGH);
  stream.cork();
  stream.write(LOW);
  stream.write(HIGH);
  stream.uncork();
  stream.write(LOW);
  stream.end();
  await world.closed(stream);
});

parity('a pair over write and end', async (world) => {
  const stream = world.create(world.file());
  stream.write(HIGH);
  stream.end(LOW);
  await world.closed(stream);
});

parity('a pair over turns', async (world) => {
  const stream = world.create(world.file());
  stream.write(`one ${HIGH}`);
  await Promise.resolve();
  stream.write(`${LOW} two ${HIGH}`);
  await new Promise(setImmediate);
  stream.write(`${LOW} three`);
  stream.end();
  await world.closed(stream);
});

parity('a pair over two encodings', async (world) => {
  const stream = world.create(world.file());
  for (const encoding of ['utf16le', 'utf8', 'latin1', 'ucs2', 'utf8']) {
    stream.write(HIGH, encoding);
    stream.write(LOW, encoding);
  }
  stream.write(HIGH, 'utf8');
  stream.write(LOW, 'utf16le');
  stream.end();
  await world.closed(stream);
});

parity('whole pairs stay whole', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 1000; i++) stream.write('😀');
  stream.end('😀');
  await world.closed(stream);
});

parity('split pairs among many lines, at every place of a batch', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 20_000; i++) {
    stream.write(i % 7 === 0 ? `${i}${HIGH}` : `${i % 7 === 1 ? LOW : ''}line ${i} 😀\n`);
  }
  stream.end();
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('split pairs among long strings', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 40; i++) stream.write(LOW + 'ż'.repeat(9000 + i) + HIGH);
  stream.end();
  await world.closed(stream);
});

parity('a text of lone surrogates only', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 3000; i++) stream.write(i % 3 === 0 ? LOW + HIGH : HIGH);
  stream.end();
  await world.closed(stream);
});

parity('split pairs in a text that has no whole one', async (world) => {
  const stream = world.create(world.file());
  for (let i = 0; i < 20_000; i++) {
    stream.write(i % 997 === 0 ? `żółw${HIGH}` : `${i % 997 === 1 ? LOW : ''}żółw ${i}\n`);
  }
  stream.end();
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('characters at the borders of the encoding, after ASCII and before it', async (world) => {
  const points = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff];
  const borders = String.fromCodePoint(...points);
  const stream = world.create(world.file());
  for (let batch = 0; batch < 6; batch++) {
    const line = batch % 2 === 0 ? 'ascii' : borders;
    for (let i = 0; i < 4000; i++) stream.write(`${line}${HIGH}`);
  }
  stream.end(borders);
  await world.closed(stream);
});
