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

/** What is asked before the open, and what is assigned, in either order. */
const ASKS = {
  'sync()': (stream) => stream.sync(),
  'sync() with metadata': (stream) => stream.sync({ metadata: true }),
  'reopen()': (stream) => stream.reopen(),
  'both, twice': (stream) =>
    Promise.all([stream.sync(), stream.reopen(), stream.sync(), stream.reopen()]),
};

for (const [name, ask] of Object.entries(ASKS)) {
  for (const isFirst of [true, false]) {
    const order = isFirst ? 'before' : 'behind';
    oursAlone(`${name} ${order} an assignment of path and flags is answered`, async (world) => {
      fs.writeFileSync(world.file('there'), '0123');
      const stream = world.api.createWriteStream(world.file());
      const asked = isFirst ? ask(stream) : null;
      Object.assign(stream, { path: world.file('there'), flags: 'a' });
      await (asked ?? ask(stream));
      await new Promise((resolve) => stream.end('45', resolve));
      assert.equal(world.read('there').toString(), '012345');
      assert.equal(fs.existsSync(world.file()), false);
    });
  }
}

oursAlone('a reopen to another file goes on from the path that was assigned', async (world) => {
  const stream = world.api.createWriteStream(world.file());
  const reopened = stream.reopen(world.file('next'));
  stream.path = world.file('other');
  await reopened;
  await new Promise((resolve) => stream.end('next', resolve));
  assert.deepEqual(fs.readdirSync(world.dir).sort(), ['next', 'other']);
  assert.deepEqual([world.read('other').length, world.read('next').length], [0, 4]);
});

oursAlone('a descriptor that is assigned can be synced, and not reopened', async (world) => {
  const stream = world.api.createWriteStream(world.file());
  const answers = Promise.allSettled([stream.sync(), stream.reopen()]);
  stream.fd = fs.openSync(world.file('there'), 'w');
  const [synced, reopened] = await answers;
  assert.equal(synced.status, 'fulfilled');
  assert.equal(reopened.reason.code, 'ERR_RUSHWRITE_UNSUPPORTED');
  await new Promise((resolve) => stream.end('x', resolve));
  assert.equal(world.read('there').toString(), 'x');
});

oursAlone('a reopen opens nothing before the end of the tick', async (world) => {
  const stream = world.api.createWriteStream(world.file());
  const reopened = stream.reopen();
  // With a driver at work the file would be there within microseconds.
  const start = performance.now();
  while (performance.now() - start < 20) assert.equal(fs.existsSync(world.file()), false);
  stream.destroy();
  await assert.rejects(reopened, { code: 'ERR_STREAM_DESTROYED' });
  await world.closed(stream);
});
