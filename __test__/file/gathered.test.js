'use strict';

// Fast path: strings written in one tick are gathered without the usual checks. A call between two
// of them must still take effect.

const assert = require('node:assert');
const { oursAlone, parity } = require('../harness');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

/** Calls made between two gathered strings and a third. */
const BETWEEN = {
  nothing: () => {},
  'a cork': (stream) => stream.cork(),
  'a cork and its end': (stream) => {
    stream.cork();
    stream.write('corked');
    stream.uncork();
  },
  'another default encoding': (stream) => stream.setDefaultEncoding('hex'),
  'another default encoding and a Buffer': (stream) => {
    stream.setDefaultEncoding('latin1');
    stream.write(Buffer.alloc(2000, 'large'));
  },
  'another default encoding and an empty Buffer': (stream) => {
    stream.setDefaultEncoding('latin1');
    stream.write(Buffer.alloc(0));
  },
  'a string in an encoding': (stream) => stream.write('ff', 'latin1'),
  'a Buffer': (stream) => stream.write(Buffer.from('buffer')),
  'an empty string': (stream) => stream.write(''),
  'a high surrogate': (stream) => stream.write('\ud83d'),
  'a callback': (stream, world) => stream.write('told', world.callback('between')),
  'more than a batch': (stream) => stream.write('long'.repeat(10_000)),
  'the end': (stream) => stream.end(),
  'destroy()': (stream) => stream.destroy(new Error('destroyed')),
};

for (const [what, happen] of Object.entries(BETWEEN)) {
  const scenario = async (world) => {
    const stream = world.create(world.file('out'));
    stream.on('error', () => {});
    await world.event(stream, 'ready');
    stream.write('a1');
    stream.write('b2');
    happen(stream, world);
    // A low surrogate, in case a high one came before it.
    stream.write('\ude00');
    stream.write('c3', world.callback('last'));
    world.note('corked', stream.writableCorked);
    stream.end();
    await world.closed(stream);
  };
  // A write after the end destroys the stream as well.
  const isDestroyed = what === 'the end' || what === 'destroy()';
  const options = isDestroyed ? { beginningOf: { out: 'a1b2' } } : {};
  parity(`${what} between gathered strings`, scenario, options);
}

parity('Buffers that follow each other, and other chunks between them', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  const bytes = Buffer.from('reused');
  for (const chunk of ['a', bytes, bytes.subarray(2), '', Buffer.alloc(0), bytes, 'b', bytes]) {
    stream.write(chunk);
  }
  for (let i = 0; i < 1000; i++) stream.write(Buffer.from(`${i} `));
  stream.write(new Uint8Array([0x61, 0x62, 0x63]).subarray(1));
  stream.end(Buffer.from('end'), world.callback('end cb'));
  await world.closed(stream);
});

oursAlone('a flush between gathered strings writes those before it', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.write('a');
  stream.write('b');
  stream.flushSync();
  assert.strictEqual(world.read().toString(), 'ab');
  stream.write('c');
  stream.write('d');
  stream.flushSync();
  assert.strictEqual(world.read().toString(), 'abcd');
  stream.destroy();
});

oursAlone('strings that an exit listener writes in a row are in the file', async () => {
  const { stdout, stderr } = await runInChild(subject, writeAtExit);
  assert.strictEqual(stdout, 'abcdef', stderr);
});

/** The user's exit listener runs after the stream's own, which has already written everything. */
function writeAtExit({ createWriteStream }, dir) {
  const fs = require('node:fs');
  const stream = createWriteStream(`${dir}/file`);
  process.on('exit', () => {
    stream.write('c');
    stream.write('d');
    stream.write('e');
    stream.write('f');
    process.stdout.write(fs.readFileSync(`${dir}/file`));
  });
  stream.on('ready', () => {
    stream.write('a');
    stream.write('b');
    process.exit();
  });
}
