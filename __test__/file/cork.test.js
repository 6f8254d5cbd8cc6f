'use strict';

const { parity } = require('../harness');

parity('cork and uncork before open', async (world) => {
  const stream = world.create(world.file());
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.write(Buffer.from('b'), world.callback('cb b'));
  stream.uncork();
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('corked after open: nothing is written before uncork', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.write('b', world.callback('cb b'));
  world.note('corked', stream.writableCorked, 'length', stream.writableLength);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  world.note('file', world.read().length, 'bytesWritten', stream.bytesWritten);
  stream.uncork();
  await new Promise((resolve) => stream.write('c', resolve));
  world.note('file', world.read().toString(), 'corked', stream.writableCorked);
  stream.end();
  await world.closed(stream);
});

parity('corked twice needs two uncorks', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.cork();
  stream.write('b', world.callback('cb b'));
  stream.uncork();
  world.note('corked', stream.writableCorked);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  world.note('file', world.read().length);
  stream.uncork();
  world.note('corked', stream.writableCorked);
  stream.end();
  await world.closed(stream);
});

parity('uncork without cork', async (world) => {
  const stream = world.create(world.file());
  stream.uncork();
  stream.write('a');
  stream.uncork();
  world.note('corked', stream.writableCorked);
  stream.end();
  await world.closed(stream);
});

parity('end uncorks, however deep', async (world) => {
  const stream = world.create(world.file());
  for (let depth = 0; depth < 5; depth++) stream.cork();
  stream.write('a', world.callback('cb a'));
  stream.end('b', world.callback('end cb'));
  world.note('corked', stream.writableCorked);
  await world.closed(stream);
});

parity('corked while closing', async (world) => {
  const stream = world.create(world.file());
  stream.cork();
  stream.write('a');
  stream.close(world.callback('close cb'));
  await world.closed(stream);
});

parity('mixed encodings and Buffers in one cork', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.cork();
  stream.write('616263', 'hex', world.callback('hex'));
  stream.write('ż', 'latin1', world.callback('latin1'));
  stream.write(Buffer.from([0xff]), world.callback('buffer'));
  stream.write('ż', world.callback('utf8'));
  stream.write('', world.callback('empty'));
  stream.write(new Uint16Array([0x4142]), world.callback('view'));
  stream.write('YQ==', 'base64', world.callback('base64'));
  stream.uncork();
  stream.end();
  await world.closed(stream);
});

parity('cork, write many, uncork on the next tick', async (world) => {
  const stream = world.create(world.file());
  for (let round = 0; round < 20; round++) {
    stream.cork();
    for (let i = 0; i < 50; i++) stream.write(`round ${round} line ${i}\n`);
    await new Promise((resolve) =>
      process.nextTick(() => {
        stream.uncork();
        resolve();
      }),
    );
  }
  stream.end(world.callback('end cb'));
  await world.closed(stream);
  world.note('bytesWritten', stream.bytesWritten);
});

parity('many corked chunks with start keep the offset', async (world) => {
  const stream = world.create(world.file(), { start: 10 });
  for (let round = 0; round < 3; round++) {
    stream.cork();
    for (let i = 0; i < 2000; i++) stream.write(Buffer.from(`${i},`));
    stream.uncork();
    await new Promise((resolve) => stream.write('|', resolve));
  }
  stream.end();
  await world.closed(stream);
  world.note('pos', stream.pos, 'bytesWritten', stream.bytesWritten);
});

parity('an empty cork', async (world) => {
  const stream = world.create(world.file());
  await world.event(stream, 'ready');
  stream.cork();
  stream.uncork();
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('cork beyond the mark returns false', async (world) => {
  const stream = world.create(world.file(), { highWaterMark: 4 });
  await world.event(stream, 'ready');
  stream.cork();
  world.note('under', stream.write('abc'), stream.writableNeedDrain);
  world.note('over', stream.write('de'), stream.writableNeedDrain);
  const drained = new Promise((resolve) => stream.once('drain', resolve));
  stream.uncork();
  await drained;
  world.note('drained', stream.writableNeedDrain, stream.writableLength);
  stream.end();
  await world.closed(stream);
});
