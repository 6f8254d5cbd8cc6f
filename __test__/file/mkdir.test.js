'use strict';

// mkdir: true: folders that are missing above the path are made at the open.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { oursAlone, run, subject } = require('../harness');
const { test } = require('node:test');

const isWindows = process.platform === 'win32';

async function write(world, name, options) {
  const stream = world.create(world.file(name), { mkdir: true, ...options });
  stream.end('there');
  await once(stream, 'close');
}

oursAlone('missing folders are made, with the mode of fs.mkdir', async (world) => {
  await write(world, 'a/b/c/file');
  assert.strictEqual(fs.readFileSync(world.file('a/b/c/file'), 'latin1'), 'there');
  fs.mkdirSync(world.file('plain'));
  const modeOf = (name) => fs.statSync(world.file(name)).mode;
  for (const name of ['a', 'a/b', 'a/b/c']) assert.strictEqual(modeOf(name), modeOf('plain'));
  await write(world, 'a/b/c/file', { flags: 'a' });
  assert.strictEqual(fs.readFileSync(world.file('a/b/c/file'), 'latin1'), 'therethere');
});

oursAlone('with atomic: true, too', async (world) => {
  await write(world, 'a/b/file', { atomic: true });
  assert.deepStrictEqual(fs.readdirSync(world.file('a/b')), ['file']);
});

oursAlone('fifty streams that make the same folders at once', async (world) => {
  const streams = Array.from({ length: 50 }, (_, i) => write(world, `a/b/c/d/${i}`));
  await Promise.all(streams);
  assert.strictEqual(fs.readdirSync(world.file('a/b/c/d')).length, 50);
});

oursAlone('a file in the way is an error that names the path', async (world) => {
  fs.writeFileSync(world.file('a'), '');
  const stream = world.create(world.file('a/b/file'), { mkdir: true });
  const [error] = await once(stream, 'error');
  assert.ok(['ENOTDIR', 'EEXIST', 'ENOENT'].includes(error.code), error.message);
  assert.strictEqual(error.path, world.file('a/b/file'));
});

oursAlone(
  'a folder in which nothing may be made: mkdir fails',
  async (world) => {
    const stream = world.create('/proc/rushwrite/file', { mkdir: true });
    const [error] = await once(stream, 'error');
    assert.deepStrictEqual([error.code, error.syscall], ['ENOENT', 'mkdir']);
  },
  { skip: process.platform !== 'linux' },
);

test('without it nothing is made', { skip: isWindows }, () =>
  run(subject, async (world) => {
    const stream = world.create(world.file('a/file'));
    const [error] = await once(stream, 'error');
    assert.strictEqual(error.code, 'ENOENT');
    assert.ok(!fs.existsSync(world.file('a')));
  }),
);

oursAlone('refused for a descriptor, and for what is no boolean', async (world) => {
  const create = (options) => () => world.create(world.file('x'), options);
  assert.throws(create({ mkdir: true, fd: 1 }), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
  assert.throws(create({ mkdir: 1 }), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
});
