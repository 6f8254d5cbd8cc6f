'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { parity } = require('../harness');

const NOT_LINUX =
  process.platform === 'linux' ? false : 'only linux takes any bytes but / and NUL as a name';

async function writeTo(world, target) {
  const stream = world.create(target);
  world.note('path', stream.path);
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
}

for (const name of [
  'plain',
  'with space',
  'żółć',
  '文件',
  '😀',
  "quo'te",
  'per%20cent',
  'new\nline',
]) {
  parity(`path as string: ${JSON.stringify(name)}`, async (world) => {
    await writeTo(world, world.file(name));
  });

  parity(`path as file URL: ${JSON.stringify(name)}`, async (world) => {
    await writeTo(world, pathToFileURL(world.file(name)));
  });

  parity(`path as Buffer: ${JSON.stringify(name)}`, async (world) => {
    await writeTo(world, Buffer.from(world.file(name)));
  });
}

const NOT_UTF8 = Buffer.from([0x2f, 0xff, 0xfe, 0x41, 0xc3]);

parity(
  'path as Buffer that is no UTF-8',
  async (world) => {
    await writeTo(world, Buffer.concat([Buffer.from(world.dir), NOT_UTF8]));
  },
  { skip: NOT_LINUX },
);

parity(
  'path as Buffer that is no UTF-8, open fails',
  async (world) => {
    const folder = Buffer.concat([Buffer.from(world.dir), NOT_UTF8]);
    await writeTo(world, Buffer.concat([folder, Buffer.from('/missing')]));
  },
  { skip: NOT_LINUX },
);

parity('path as Uint8Array', async (world) => {
  await writeTo(world, new Uint8Array(Buffer.from(world.file('bytes'))));
});

parity('relative path is taken from the working directory', async (world) => {
  const stream = world.create(path.relative(process.cwd(), world.file('relative')));
  stream.end('x');
  await world.closed(stream);
});

parity('path changed to another folder before the open is done', async (world) => {
  fs.mkdirSync(world.file('inner'));
  const before = process.cwd();
  process.chdir(world.dir);
  try {
    const stream = world.create('inner/out');
    await new Promise((resolve) => stream.on('open', resolve));
    stream.end('x');
    await world.closed(stream);
  } finally {
    process.chdir(before);
  }
});

for (const [situation, name] of [
  ['a missing folder', 'no/such/folder'],
  ['a folder', '.'],
  ['a file used as a folder', 'file/inner'],
  ['a name that is too long', 'x'.repeat(300)],
]) {
  parity(`open fails: ${situation}`, async (world) => {
    fs.writeFileSync(world.file('file'), '');
    await writeTo(world, `${world.dir}/${name}`);
  });
}

parity('open fails: an empty path', async (world) => {
  await writeTo(world, '');
});

parity('open fails: a loop of links', async (world) => {
  fs.symlinkSync(world.file('b'), world.file('a'));
  fs.symlinkSync(world.file('a'), world.file('b'));
  await writeTo(world, world.file('a'));
});

parity('a link is followed', async (world) => {
  fs.symlinkSync(world.file('target'), world.file('link'));
  await writeTo(world, world.file('link'));
});
