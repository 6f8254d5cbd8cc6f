'use strict';

const fs = require('node:fs');
const { parity } = require('../harness');

async function writeAndClose(world, stream, text) {
  if (text !== undefined) stream.write(text, world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
}

for (const options of [undefined, null, 'latin1', () => {}, {}, { encoding: null }]) {
  parity(`options ${typeof options} ${JSON.stringify(options)} are taken`, async (world) => {
    await writeAndClose(world, world.create(world.file(), options), 'zażółć');
  });
}

for (const flags of ['w', 'w+', 'a', 'a+', 'r+', 'rs+', 'as', fs.constants.O_WRONLY]) {
  parity(`flags ${flags} on an existing file`, async (world) => {
    fs.writeFileSync(world.file(), 'something old');
    const stream = world.create(world.file(), { flags });
    world.note('flags', stream.flags);
    await writeAndClose(world, stream, 'new');
  });
}

for (const flags of ['wx', 'w+x', 'ax', 'a+x', 'xw']) {
  parity(`flags ${flags} create a new file`, async (world) => {
    await writeAndClose(world, world.create(world.file(), { flags }), 'new');
  });

  parity(`flags ${flags} refuse an existing file`, async (world) => {
    fs.writeFileSync(world.file(), 'something old');
    await writeAndClose(world, world.create(world.file(), { flags }), 'new');
  });
}

// Linux returns EINVAL for any path.
parity('flags that the system refuses together', async (world) => {
  const { O_CREAT, O_DIRECTORY, O_WRONLY } = fs.constants;
  const flags = O_CREAT | O_DIRECTORY | O_WRONLY;
  await writeAndClose(world, world.create(world.file(), { flags }), 'new');
});

parity('flags r+ need an existing file', async (world) => {
  await writeAndClose(world, world.create(world.file(), { flags: 'r+' }), 'new');
});

parity('flags r open for reading, the write fails', async (world) => {
  fs.writeFileSync(world.file(), 'something old');
  await writeAndClose(world, world.create(world.file(), { flags: 'r' }), 'new');
});

parity('flags a: each write appends after what others have appended', async (world) => {
  fs.writeFileSync(world.file(), 'one,');
  const stream = world.create(world.file(), { flags: 'a' });
  await new Promise((resolve) => stream.write('two,', resolve));
  fs.appendFileSync(world.file(), 'three,');
  await writeAndClose(world, stream, 'four');
});

for (const mode of [undefined, 0o600, 0o640, 0o777, 0o444, '644', '0600']) {
  const shown = typeof mode === 'number' ? `0o${mode.toString(8)}` : JSON.stringify(mode);
  parity(`mode ${shown} is masked by the umask`, async (world) => {
    const stream = world.create(world.file(), { mode });
    world.note('mode', stream.mode);
    await writeAndClose(world, stream, 'x');
  });
}

parity('mode obeys an unusual umask', async (world) => {
  const umask = process.umask(0o027);
  try {
    await writeAndClose(world, world.create(world.file(), { mode: 0o777 }), 'x');
  } finally {
    process.umask(umask);
  }
});

for (const start of [0, 1, 4, 100]) {
  parity(`start ${start} with flags r+ writes there and keeps the rest`, async (world) => {
    fs.writeFileSync(world.file(), '0123456789');
    const stream = world.create(world.file(), { flags: 'r+', start });
    world.note('start', stream.start, 'pos', stream.pos);
    stream.write('ab');
    stream.write(Buffer.from('cd'));
    await writeAndClose(world, stream, 'ef');
    world.note('pos', stream.pos, 'bytesWritten', stream.bytesWritten);
  });
}

parity('start with flags w leaves a hole', async (world) => {
  await writeAndClose(world, world.create(world.file(), { start: 5 }), 'abc');
});

parity('start with many writes over turns keeps the offset', async (world) => {
  fs.writeFileSync(world.file(), '-'.repeat(5000));
  const stream = world.create(world.file(), { flags: 'r+', start: 1000 });
  for (let i = 0; i < 100; i++) {
    stream.write(`line ${i}\n`);
    if (i % 10 === 0) await new Promise((resolve) => stream.write('|', resolve));
  }
  await writeAndClose(world, stream, 'last');
});

parity('without start pos stays undefined', async (world) => {
  const stream = world.create(world.file());
  world.note('before', stream.pos, stream.start);
  await writeAndClose(world, stream, 'abc');
  world.note('after', stream.pos, stream.start);
});

for (const highWaterMark of [0, 1, 3, 16, 1 << 20]) {
  parity(`highWaterMark ${highWaterMark}: all bytes, and the property`, async (world) => {
    const stream = world.create(world.file(), { highWaterMark });
    world.note('mark', stream.writableHighWaterMark);
    for (let i = 0; i < 50; i++) stream.write(`line ${i}\n`);
    await writeAndClose(world, stream, 'last');
  });
}

parity('writableHighWaterMark is ignored, the default stays', async (world) => {
  const stream = world.create(world.file(), { writableHighWaterMark: 7 });
  world.note('mark', stream.writableHighWaterMark);
  await writeAndClose(world, stream, 'x');
});

parity('defaultEncoding is passed through', async (world) => {
  await writeAndClose(world, world.create(world.file(), { defaultEncoding: 'hex' }), '616263');
});

parity('emitClose false: no close event', async (world) => {
  const stream = world.create(world.file(), { emitClose: false });
  const destroyed = new Promise((resolve) => {
    stream.on('finish', () => setImmediate(resolve));
  });
  stream.end('x', world.callback('end cb'));
  await destroyed;
  while (!stream.closed) await new Promise(setImmediate);
  world.note('closed', stream.closed, 'fd', stream.fd);
});

parity('options are copied, not changed', async (world) => {
  const options = Object.freeze({ flags: 'w', encoding: 'utf8', highWaterMark: 10 });
  await writeAndClose(world, world.create(world.file(), options), 'x');
});

parity('options may come from a prototype', async (world) => {
  const options = Object.create({ flags: 'a', start: undefined });
  fs.writeFileSync(world.file(), 'old,');
  await writeAndClose(world, world.create(world.file(), options), 'new');
});
