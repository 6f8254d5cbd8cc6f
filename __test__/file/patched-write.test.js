'use strict';

// Instrumentation of `write` and of what it comes to sees each chunk, as it does of Node's streams.

const fs = require('node:fs');
const { Writable } = require('node:stream');
const { parity } = require('../harness');

/** Notes each call of a method on `stream` from now on. Returns what puts the method back. */
function patch(world, prototype, name, stream) {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  const original = prototype[name];
  const value = function patched(...args) {
    if (this === stream) world.note(name, args.length, typeof args[0]);
    return original.apply(this, args);
  };
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  return () => {
    if (before) Object.defineProperty(prototype, name, before);
    else delete prototype[name];
  };
}

const PLACES = {
  'Writable.prototype': () => Writable.prototype,
  'the class': ({ WriteStream }) => WriteStream.prototype,
  'fs.WriteStream': () => fs.WriteStream.prototype,
};

for (const [place, prototypeOf] of Object.entries(PLACES)) {
  parity(`${place}: write is patched while a stream writes`, async (world, api) => {
    const stream = world.create(world.file());
    await world.event(stream, 'ready');
    stream.write('one ');
    const restore = patch(world, prototypeOf(api), 'write', stream);
    try {
      stream.write('two ');
      stream.write(Buffer.from('three '));
      await new Promise((resolve) => stream.write('four ', resolve));
    } finally {
      restore();
    }
    stream.write('five ');
    stream.end('six', world.callback('end cb'));
    await world.closed(stream);
  });
}

parity('the class: _write is patched while a stream writes', async (world, { WriteStream }) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  await new Promise((resolve) => stream.write('one ', resolve));
  const restore = patch(world, WriteStream.prototype, '_write', stream);
  try {
    await new Promise((resolve) => stream.write('two ', resolve));
    await new Promise((resolve) => stream.write(Buffer.from('three '), resolve));
  } finally {
    restore();
  }
  stream.end('four', world.callback('end cb'));
  await world.closed(stream);
});
