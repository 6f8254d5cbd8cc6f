'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');

const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');
const chunk = Buffer.alloc(64 * 1024, 'x');
const CHUNKS = 500;

async function main() {
  const stream = createWriteStream(file);
  let waits = 0;
  for (let i = 0; i < CHUNKS; i++) {
    if (stream.write(chunk)) continue;
    waits++;
    await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  assert.ok(waits > 0, 'write() never answered false');
  assert.strictEqual(fs.statSync(file).size, CHUNKS * chunk.length);
  console.log('ok');
}

main();
