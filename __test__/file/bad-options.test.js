'use strict';

const fs = require('node:fs');
const { parity } = require('../harness');

async function attempt(world, ...args) {
  const stream = world.tryCreate('constructor', ...args);
  if (stream === undefined) return;
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
}

function label(value) {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return String(value);
  return Object.is(value, -0) || typeof value === 'number'
    ? String(value)
    : `${typeof value} ${JSON.stringify(value)}`;
}

const BAD_PATHS = [undefined, null, 0, 42, true, {}, [], Symbol('x'), () => {}, 'a\0b'];
for (const path of BAD_PATHS) {
  parity(`path ${label(path)} is refused`, (world) => attempt(world, path));
}

parity('path Buffer with a NUL byte is refused', (world) => attempt(world, Buffer.from('a\0b')));

for (const url of ['http://example.org/x', 'file://host/x', 'file:///a%2fb', 'file:///a%00b']) {
  parity(`path ${url} is refused`, (world) => attempt(world, new URL(url)));
}

for (const options of [42, true, Symbol('options'), 10n]) {
  parity(`options ${label(options)} are refused`, (world) => attempt(world, world.file(), options));
}

const BAD_VALUES = {
  flags: ['', 'z', 'wr', 'W', 42.5, {}, true, null, 1n],
  mode: ['rw', '9', -1, 1.5, 2 ** 33, {}, true, null, Number.NaN],
  encoding: ['utf9', 'UTF-99', {}, 42, true],
  fd: ['1', -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, {}, [], true, 1n],
  start: [null, '0', -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, {}, true, 1n],
  signal: [null, 42, 'abort', {}, true],
  highWaterMark: [-1, 1.5, '10', {}, Number.NaN, Number.POSITIVE_INFINITY, true],
  flush: ['true', 1, 0, '', {}],
  defaultEncoding: ['utf9', 42, {}],
  autoClose: [null, 0, '', 'no'],
  emitClose: [null, 0],
  fs: [42, {}, { open() {} }, { open: 1 }, { open() {}, write: 1 }, { open() {}, write() {} }],
};

for (const [option, values] of Object.entries(BAD_VALUES)) {
  for (const value of values) {
    // Node accepts some of these, such as a falsy autoClose or numeric flags; ours must too.
    parity(`option ${option}: ${label(value)}`, async (world) => {
      const stream = world.tryCreate('constructor', world.file(), { [option]: value });
      if (stream === undefined) return;
      stream.write('x', world.callback('write cb'));
      await new Promise((resolve) => {
        stream.once('error', resolve);
        stream.end(resolve);
      });
      while (stream.autoClose && !stream.closed) await new Promise(setImmediate);
      if (typeof stream.fd === 'number') fs.closeSync(stream.fd);
    });
  }
}

parity('several bad options: the same one is reported first', async (world) => {
  await attempt(world, 42, { fd: 'x', start: -1, flush: 1, encoding: 'utf9', highWaterMark: -1 });
  await attempt(world, 42, { start: -1, flush: 1, encoding: 'utf9', highWaterMark: -1 });
  await attempt(world, world.file(), { start: -1, flush: 1, encoding: 'u', highWaterMark: -1 });
  await attempt(world, world.file(), { start: -1, encoding: 'utf9', highWaterMark: -1 });
  await attempt(world, world.file(), { encoding: 'utf9', highWaterMark: -1, signal: 1 });
  await attempt(world, world.file(), { encoding: 'utf9', signal: 1 });
});
