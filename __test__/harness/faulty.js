'use strict';

// A program run under strace, which makes some of its system calls fail. It writes many files and
// checks each: the file has the bytes up to the failure, every callback is called once and in order,
// the error has its fields. Prints how the streams ended.
//
//   node faulty.js <folder> <seed> <streams> [flush]

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { createWriteStream } = require('../..');
const { numbersOf } = require('./scale');

const [folder, seed, streams, flush] = process.argv.slice(2);
const next = numbersOf(Number(seed));

/** Bytes that do not repeat. */
function pattern(at, bytes) {
  const chunk = Buffer.allocUnsafe(bytes);
  for (let i = 0; i < bytes; i++) chunk[i] = ((at + i) * 31 + ((at + i) >> 8)) & 0xff;
  return chunk;
}

async function writeOne(name) {
  const file = path.join(folder, name);
  // With a `start` the stream calls pwrite, which nothing else in the process does.
  const stream = createWriteStream(file, { start: 0, flush: flush === 'flush' });
  const events = [];
  for (const event of ['finish', 'error', 'close']) {
    stream.on(event, (error) => events.push([event, error]));
  }
  const closed = new Promise((resolve) => stream.on('close', resolve));
  const callbacks = [];
  let accepted = 0;
  const writes = 1 + next(30);
  for (let i = 0; i < writes && !stream.destroyed; i++) {
    const chunk = pattern(accepted, next(9) === 0 ? 300_000 : next(5000));
    accepted += chunk.length;
    stream.write(chunk, (error) => callbacks.push([i, accepted, error ?? null]));
    if (next(4) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  await closed;
  return check(stream, file, { accepted, callbacks, events, writes });
}

function check(stream, file, { accepted, callbacks, events, writes }) {
  const error = stream.errored;
  const names = events.map(([event]) => event);
  assert.deepStrictEqual(names, [error ? 'error' : 'finish', 'close']);
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  assert.ok(bytes.equals(pattern(0, bytes.length)), 'the bytes are those that were written');
  assert.strictEqual(bytes.length, stream.bytesWritten);
  assert.ok(error ? bytes.length <= accepted : bytes.length === accepted);
  assert.deepStrictEqual(
    callbacks.map(([i]) => i),
    [...callbacks.keys()],
    'in order, once',
  );
  assert.ok(callbacks.length <= writes);
  const firstFailed = callbacks.findIndex(([, , failure]) => failure !== null);
  if (firstFailed !== -1) {
    assert.ok(error, 'no callback fails alone');
    assert.ok(callbacks.slice(firstFailed).every(([, , failure]) => failure !== null));
  }
  if (!error) return 'written';
  assert.ok(error.errno < 0);
  assert.strictEqual(error.message.startsWith(`${error.code}: `), true);
  assert.ok(error.message.endsWith(`, ${error.syscall}`));
  return `${error.syscall} ${error.code}`;
}

async function main() {
  const tally = {};
  for (let i = 0; i < Number(streams); i++) {
    const ending = await writeOne(`${i}`);
    tally[ending] = (tally[ending] ?? 0) + 1;
    fs.rmSync(path.join(folder, `${i}`), { force: true });
  }
  console.log(JSON.stringify(tally));
}

main();
