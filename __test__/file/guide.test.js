'use strict';

// The usual examples from guides to writable streams; only the `require` differs.

const { once } = require('node:events');
const fs = require('node:fs');
const { pipeline } = require('node:stream/promises');
const { parity } = require('../harness');

parity('write with a callback, then end', async (world) => {
  const file = world.create(world.file('example.txt'));
  file.write('hello, ', 'utf8', (error) => world.note('written', error));
  file.end('world!');
  await world.closed(file);
});

parity('end with the last chunk and a callback', async (world) => {
  const file = world.create(world.file('log.txt'));
  file.write('Hello, ');
  file.write('Stream!');
  file.end('\nThe last line\n', () => world.note('all written'));
  await world.closed(file);
});

parity('the events drain, finish and error', async (world) => {
  const writer = world.create(world.file(), { highWaterMark: 10 });
  writer.on('finish', () => world.note('All writes are now complete.'));
  let ok = true;
  for (let i = 0; i < 100; i++) ok = writer.write(`hello, #${i}!\n`);
  if (!ok) await once(writer, 'drain');
  world.note('drained', writer.writableNeedDrain);
  writer.end('This is the end\n');
  await world.closed(writer);
});

function writeOneMillionTimes(writer, data, encoding, callback, times) {
  let i = times;
  write();
  function write() {
    let ok = true;
    do {
      i--;
      if (i === 0) writer.write(data, encoding, callback);
      else ok = writer.write(data, encoding);
    } while (i > 0 && ok);
    if (i > 0) writer.once('drain', write);
  }
}

parity('the million writes of the documentation', async (world) => {
  const writer = world.create(world.file());
  await new Promise((resolve) => {
    writeOneMillionTimes(writer, 'some data\n', 'utf8', resolve, 30_000);
  });
  writer.end(world.callback('end cb'));
  await world.closed(writer);
});

parity('chunks of 16 KiB from memory, waiting for drain', async (world) => {
  const data = Buffer.alloc(1_000_003, 'the data of the guide ');
  const writer = world.create(world.file());
  for (let at = 0; at < data.length; at += 16 * 1024) {
    if (!writer.write(data.subarray(at, at + 16 * 1024))) await once(writer, 'drain');
  }
  writer.end();
  await world.closed(writer);
});

parity('a file is copied with data, pause and resume', async (world) => {
  fs.writeFileSync(world.file('source'), Buffer.alloc(700_001, 'copy me '));
  const reader = fs.createReadStream(world.file('source'));
  const writer = world.create(world.file('copy'));
  reader.on('data', (chunk) => {
    if (!writer.write(chunk)) reader.pause();
  });
  writer.on('drain', () => reader.resume());
  reader.on('end', () => writer.end());
  await world.closed(writer);
});

parity('cork, writes, uncork on the next tick', async (world) => {
  const stream = world.create(world.file());
  stream.cork();
  stream.write('some ');
  stream.write('data ');
  process.nextTick(() => stream.uncork());
  await new Promise(setImmediate);
  stream.end();
  await world.closed(stream);
});

parity('an async generator into the file', async (world) => {
  const file = world.create(world.file());
  await pipeline(async function* rows() {
    yield 'id,name\n';
    for (let id = 0; id < 1000; id++) yield `${id},name of ${id}\n`;
  }, file);
  await world.closed(file);
});

parity('a logger that appends over several streams', async (world) => {
  for (let run = 0; run < 3; run++) {
    const log = world.create(world.file('app.log'), { flags: 'a' });
    log.write(`${JSON.stringify({ level: 30, run, msg: 'start' })}\n`);
    log.end(`${JSON.stringify({ level: 30, run, msg: 'stop' })}\n`);
    await once(log, 'finish');
    await world.closed(log);
  }
});

parity(
  'write after end is an error',
  async (world) => {
    const file = world.create(world.file('example.txt'));
    file.write('hello, ');
    file.end('world!');
    file.on('error', (error) => world.note('told', error.code));
    file.write('not allowed');
    await world.closed(file);
  },
  { beginningOf: { 'example.txt': 'hello, world!' } },
);

parity('replacing a part of a file', async (world) => {
  fs.writeFileSync(world.file(), 'AAAAAAAAAA');
  const patch = world.create(world.file(), { flags: 'r+', start: 4 });
  patch.end('bb');
  await world.closed(patch);
});

parity('console and two files', async (world) => {
  const [out, err] = ['out.log', 'err.log'].map((name) =>
    world.api.createWriteStream(world.file(name)),
  );
  const logger = new console.Console(out, err);
  for (let i = 0; i < 100; i++) {
    logger.log('line %d of %s', i, 'out');
    if (i % 10 === 0) logger.error({ i });
  }
  for (const file of [out, err]) {
    file.end();
    await world.closed(file);
    world.note('bytesWritten', file.bytesWritten);
  }
});
