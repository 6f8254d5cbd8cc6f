'use strict';

// Offsets and byte counts beyond 32 bits, and far more bytes than may be buffered.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { NO_FIFO } = require('../harness/fifo');
const { makeFolder } = require('../harness/folder');
const { isLong, report } = require('../harness/scale');
const { createWriteStream } = require('../..');

const GIB = 2 ** 30;
const CHUNK = Buffer.alloc(1 << 20, 'a line of a large file\n');

function withFolder(t) {
  const folder = makeFolder(t);
  return (name) => path.join(folder, name);
}

/** Writes `bytes`, waits for 'drain' after each false, and ends. */
function writeMuch(stream, bytes) {
  let left = bytes / CHUNK.length;
  const write = () => {
    while (left-- > 0) {
      if (!stream.write(CHUNK)) return stream.once('drain', write);
    }
    stream.end();
  };
  write();
  return new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject));
}

test('a sparse file: bytes before and after 4 GiB are at their offsets', async (t) => {
  const file = withFolder(t)('out');
  const start = 4 * GIB - 10;
  const stream = createWriteStream(file, { start });
  for (let i = 0; i < 100; i++) stream.write(`${i}`.padStart(4));
  assert.strictEqual(stream.pos, start);
  await new Promise((resolve) => stream.end('end', resolve));
  assert.strictEqual(stream.pos, start + 403);
  const fd = fs.openSync(file, 'r');
  t.after(() => fs.closeSync(fd));
  const bytes = Buffer.alloc(403);
  fs.readSync(fd, bytes, 0, 403, start);
  const expected = `${Array.from({ length: 100 }, (_unused, i) => `${i}`.padStart(4)).join('')}end`;
  assert.strictEqual(bytes.toString(), expected);
  assert.strictEqual(fs.fstatSync(fd).size, start + 403);
});

test('counts of more than 2 and 4 GiB are exact', async () => {
  const bytes = isLong ? 9 * GIB : 2.5 * GIB;
  const stream = createWriteStream('/dev/null');
  await writeMuch(stream, bytes);
  assert.strictEqual(stream.bytesWritten, bytes);
});

test('a file of 2.5 GiB', { skip: isLong ? false : 'long' }, async (t) => {
  const file = withFolder(t)('out');
  const bytes = 2.5 * GIB;
  const stream = createWriteStream(file);
  await writeMuch(stream, bytes);
  assert.strictEqual(fs.statSync(file).size, bytes);
  const fd = fs.openSync(file, 'r');
  t.after(() => fs.closeSync(fd));
  const read = Buffer.alloc(CHUNK.length);
  for (let at = 0; at < bytes; at += 100 * CHUNK.length) {
    fs.readSync(fd, read, 0, read.length, at);
    assert.ok(read.equals(CHUNK), `at ${at}`);
  }
});

test('5 GiB written to a stalled reader, ignoring false', {
  skip: NO_FIFO,
}, (t) => {
  const file = withFolder(t)('fifo');
  const program = `
    const { execFileSync } = require('node:child_process');
    const fs = require('node:fs');
    const { createWriteStream } = require(process.argv[1]);
    const file = process.argv[2];
    execFileSync('mkfifo', [file]);
    fs.openSync(file, 'r+');
    const stream = createWriteStream(file, { maxBuffered: 64 << 20, overflow: 'drop', flushOnExit: false });
    let dropped = 0;
    stream.on('drop', ({ bytes }) => { dropped += bytes; });
    stream.on('ready', () => {
      for (let i = 0; i < 5 * 1024; i++) stream.write(Buffer.alloc(1 << 20, 1));
      setImmediate(() => setImmediate(() => {
        const kept = 5 * 2 ** 30 - dropped;
        const rss = process.resourceUsage().maxRSS / 1024;
        console.log(JSON.stringify({ kept, rss }));
        process.exit();
      }));
    });
  `;
  const main = path.join(__dirname, '..', '..');
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, main, file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const { kept, rss } = JSON.parse(stdout || assert.fail(stderr));
  report(t, `5 GiB offered, ${kept} bytes kept, peak ${rss.toFixed()} MiB resident`);
  assert.ok(
    kept >= 64 << 20 && kept <= (64 << 20) + 2 * CHUNK.length + 65536,
    `${kept} bytes kept`,
  );
  // V8 frees the dropped chunks late.
  assert.ok(rss < 512, `${rss} MiB`);
});
