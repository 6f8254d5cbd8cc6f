'use strict';

// A descriptor of the user's is used by other threads through a duplicate only. Where the process has no
// descriptor left for one, the thread of the stream writes to a file, and whatever may block waits.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { showBytes } = require('../harness/folder');
const { isSelfTest, subject } = require('../harness/subject');

const { status } = spawnSync('prlimit', ['--version']);
const NO_PRLIMIT = status === 0 ? false : 'needs prlimit';

const limited = (source) => ['prlimit', '--nofile=60', process.execPath, '-e', source];

parityInChild(
  'with no descriptor left, a given file gets every write, and so it does when there are some again',
  ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    const fd = fs.openSync(`${dir}/out`, 'w');
    const spare = [];
    try {
      for (;;) spare.push(fs.openSync('/dev/null', 'r'));
    } catch (error) {
      console.log(error.code);
    }
    const stream = createWriteStream(null, { fd, autoClose: false });
    stream.on('error', (error) => console.log(error));
    let round = 0;
    const next = (error) => {
      console.log('cb', error ?? null, stream.bytesWritten);
      round += 1;
      if (round === 3) for (const other of spare) fs.closeSync(other);
      if (round < 6) return stream.write(Buffer.alloc(100_000, `${round}`), next);
      stream.end('the end', () => {
        const bytes = fs.readFileSync(`${dir}/out`, 'latin1');
        console.log(bytes.length, bytes.replace(/(.)\1+/g, '$1'));
      });
    };
    stream.write('0', next);
  },
  { skip: NO_PRLIMIT, command: limited },
);

/** Writes to a FIFO while there is no descriptor for a duplicate. */
function writeToFifo({ createWriteStream }, dir) {
  const { execFileSync } = require('node:child_process');
  const fs = require('node:fs');
  execFileSync('mkfifo', [`${dir}/fifo`]);
  const flags = fs.constants.O_RDWR | fs.constants.O_NONBLOCK;
  const fd = fs.openSync(`${dir}/fifo`, flags);
  const read = () => {
    try {
      const bytes = Buffer.alloc(100);
      return bytes.toString('latin1', 0, fs.readSync(fd, bytes));
    } catch (error) {
      return error.code;
    }
  };
  const disk = createWriteStream(`${dir}/disk`);
  disk.once('ready', () => {
    const spare = [];
    try {
      for (;;) spare.push(fs.openSync('/dev/null', 'r'));
    } catch (error) {
      console.log(error.code);
    }
    const fifo = createWriteStream(null, { fd, autoClose: false });
    fifo.on('error', (error) => console.log(error));
    fifo.end('waits', () => {
      console.log(read(), fifo.bytesWritten);
      fs.unlinkSync(`${dir}/fifo`);
    });
    const pass = (rounds) => {
      if (rounds > 0) return disk.write('x', () => pass(rounds - 1));
      console.log(read(), fifo.bytesWritten);
      disk.end();
      for (const other of spare) fs.closeSync(other);
    };
    pass(50);
  });
}

test('with no descriptor left, what may block waits for one', { skip: NO_PRLIMIT }, async () => {
  const { stdout, stderr } = await runInChild(subject, writeToFifo, { command: limited });
  const before = isSelfTest ? 'waits 5\nEAGAIN 5' : 'EAGAIN 0\nwaits 5';
  assert.strictEqual(stdout, `EMFILE\n${before}\n`, stderr);
});

/** Writes, waits and exits while there is no descriptor for a duplicate. */
function flushAndExit({ createWriteStream }, dir) {
  const fs = require('node:fs');
  const fd = fs.openSync(`${dir}/out`, 'w');
  const readable = fs.openSync(`${dir}/out`, 'r');
  try {
    for (;;) fs.openSync('/dev/null', 'r');
  } catch (error) {
    console.log(error.code);
  }
  const stream = createWriteStream(null, { fd });
  for (let i = 0; i < 1000; i++) stream.write('flushed\n');
  stream.flushSync();
  console.log(stream.bytesWritten, fs.fstatSync(readable).size);
  setImmediate(() => {
    for (let i = 0; i < 1000; i++) stream.write('at exit\n');
    process.exit();
  });
}

test('with no descriptor left, flushSync() and the exit write all to a given file', {
  skip: NO_PRLIMIT || (isSelfTest && 'fs has no flushSync()'),
}, async () => {
  const { stdout, stderr, files } = await runInChild(subject, flushAndExit, { command: limited });
  assert.strictEqual(stdout, 'EMFILE\n8000 8000\n', stderr);
  const text = 'flushed\n'.repeat(1000) + 'at exit\n'.repeat(1000);
  assert.strictEqual(files.out.bytes, showBytes(Buffer.from(text)));
});
