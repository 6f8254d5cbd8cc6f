'use strict';

// Properties that Node's class reads when it needs them, so that programs assign them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { inspect } = require('node:util');
const { oursAlone, parity } = require('../harness');

parity('bytesWritten is counted on from what was assigned', async (world) => {
  const stream = world.create(world.file());
  await new Promise((resolve) => stream.write('12345', resolve));
  world.note(stream.bytesWritten);
  stream.bytesWritten = 0;
  await new Promise((resolve) => stream.write('678', resolve));
  world.note(stream.bytesWritten);
  stream.bytesWritten += 100;
  stream.end('9');
  await world.closed(stream);
  world.note(stream.bytesWritten);
});

parity('bytesWritten and pos are properties of the stream itself', async (world) => {
  const stream = world.create(world.file(), { start: 2 });
  await new Promise((resolve) => stream.write('abc', resolve));
  for (const name of ['bytesWritten', 'pos']) {
    const copy = { ...stream };
    world.note(name, Object.keys(stream).includes(name), copy[name]);
    world.note(new RegExp(`\\b${name}: (\\d+)`).exec(inspect(stream))?.[1]);
  }
  world.note(inspect(stream).split(' ')[0], inspect(stream, { depth: -1 }));
  stream.end();
  await world.closed(stream);
});

/** Assigns before the open, in the tick of the constructor or in the next; and then writes. */
function assigning(name, assign, options) {
  parity(`${name} is assigned, and then written`, async (world) => {
    fs.writeFileSync(world.file('there'), '0123456789');
    const stream = world.create(world.file(), options);
    const fd = assign(world, stream);
    stream.write('one ', world.callback('cb'));
    stream.end('two');
    await world.closed(stream);
    world.note(stream.bytesWritten, typeof fd);
  });
  // By then ours has told of the flags.
  if (name === 'a bad flag') return;
  parity(`${name} is assigned, and written in a later turn`, async (world) => {
    fs.writeFileSync(world.file('there'), '0123456789');
    const stream = world.create(world.file(), options);
    assign(world, stream);
    await new Promise(setImmediate);
    stream.end('one', world.callback('end'));
    await world.closed(stream);
  });
}

assigning('path', (world, stream) => {
  stream.path = world.file('other');
});
assigning('flags', (world, stream) => {
  stream.path = world.file('there');
  stream.flags = 'a';
});
assigning('mode', (_world, stream) => {
  stream.mode = 0o600;
});
assigning('a bad flag', (_world, stream) => {
  stream.flags = 'zz';
});
assigning('fd', (world, stream) => {
  stream.fd = fs.openSync(world.file('there'), 'r+');
  return stream.fd;
});
assigning(
  'pos',
  (world, stream) => {
    stream.path = world.file('there');
    stream.pos = 4;
  },
  { flags: 'r+' },
);

parity('callbacks of writes before an assignment are called, in order', async (world) => {
  for (const size of [0, 3, 100_000]) {
    const stream = world.create(world.file());
    const told = (name) => (error) => world.note(size, name, error);
    stream.write('', told('empty'));
    if (size === 3) stream.cork();
    if (size > 0) stream.write('x'.repeat(size), told('before'));
    stream.path = world.file(`other-${size}`);
    stream.uncork();
    stream.write('yz', told('behind'));
    stream.end();
    await world.closed(stream);
    world.note(fs.readFileSync(stream.path, 'latin1').length);
  }
});

oursAlone('what is assigned too late is told', async (world) => {
  const stream = world.create(world.file());
  stream.write('one');
  stream.path = world.file('other');
  const [error] = await world.event(stream, 'error').catch((error) => [error]);
  assert.equal(error.code, 'ERR_RUSHWRITE_UNSUPPORTED');
  const second = world.create(world.file());
  await world.event(second, 'open');
  assert.throws(
    () => {
      second.pos = 1;
    },
    { code: 'ERR_RUSHWRITE_UNSUPPORTED' },
  );
  second.end();
  await world.closed(second);
});
