'use strict';

// Several processes append to one file: each write reaches it whole, in one call of the system.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { ours } = require('../harness');
const { rounds } = require('../harness/scale');

const WRITERS = 3;

const LARGE = [16 << 20, 70_000, 3_000_000, 1, 5, 1 << 20, 262_145, 65_537];

/**
 * Appends records whose bytes are all the same letter, behind a header with the record's length. It
 * waits for each callback, or else for 'drain'.
 */
function append(api, file, letter, sizes, kind, waits) {
  const out = api.createWriteStream(file, { flags: 'a' });
  let next = 0;
  const record = (size, i) => {
    const text = `${size.toString().padStart(9, '0')}${letter.repeat(size)}`;
    const isBuffer = kind === 'buffers' || (kind === 'mixed' && i % 2 === 0);
    return isBuffer ? Buffer.from(text) : text;
  };
  const go = () => {
    while (next < sizes.length) {
      const i = next++;
      const chunk = record(sizes[i], i);
      if (waits) return out.write(chunk, go);
      if (!out.write(chunk)) return out.once('drain', go);
    }
    out.end();
  };
  out.on('open', () => process.stdin.once('data', go));
  out.on('close', () => process.exit());
  console.log('ready');
}

/** All writers begin together. */
async function race(world, sizes, kind, waits) {
  const file = world.file('shared.log');
  const writers = ['a', 'b', 'c'].slice(0, WRITERS).map((letter) => {
    const args = JSON.stringify([file, letter, sizes, kind, waits]).slice(1, -1);
    const source = `(${append})(require(${JSON.stringify(world.api.module)}), ${args})`;
    return spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  });
  await Promise.all(writers.map((writer) => once(writer.stdout, 'data')));
  for (const writer of writers) writer.stdin.write('go\n');
  const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')));
  assert.deepStrictEqual(exits, Array(WRITERS).fill([0, null]));
  return file;
}

/** Walks from record to record. One that was torn has a foreign byte, or the next has no header. */
function countTorn(file) {
  const bytes = fs.readFileSync(file);
  let position = 0;
  let records = 0;
  while (position < bytes.length) {
    const header = bytes.toString('latin1', position, position + 9);
    const size = Number(header);
    assert.match(header, /^\d{9}$/, `record ${records} at ${position} has no header: torn`);
    const body = bytes.subarray(position + 9, position + 9 + size);
    const isWhole = body.length === size && body.equals(Buffer.alloc(size, body[0]));
    assert.ok(isWhole, `record ${records} of ${size} bytes at ${position} is torn`);
    position += 9 + size;
    records++;
  }
  return records;
}

function whole(name, sizesOf, kind, waits) {
  ours(`appending processes: ${name} stay whole`, async (world) => {
    const sizes = sizesOf();
    const records = countTorn(await race(world, sizes, kind, waits));
    assert.strictEqual(records, WRITERS * sizes.length);
  });
}

const many = rounds(1, 10);

whole(
  'records of 600 KB that are waited for',
  () => Array(25 * many).fill(600_000),
  'strings',
  true,
);
whole('Buffers of 600 KB', () => Array(25 * many).fill(600_000), 'buffers', false);
whole('lines at full speed', () => Array(40_000 * many).fill(90), 'strings', false);
whole('small Buffers at full speed', () => Array(40_000 * many).fill(90), 'buffers', false);
whole('Buffers of 1 KB to 100 KB', () => sweep(1000, 100_000, 300 * many), 'mixed', false);
whole('writes of 1 byte to 16 MiB', () => [...sweep(1, 9000, 500), ...LARGE], 'mixed', false);

/** Sizes that differ from one write to the next. */
function sweep(least, most, count) {
  return Array.from({ length: count }, (_, i) => least + ((i * 7919) % (most - least)));
}
