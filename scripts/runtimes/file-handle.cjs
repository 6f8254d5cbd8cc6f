'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { open } = require('node:fs/promises');

const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');

async function main() {
  const stream = createWriteStream('', { fd: await open(file, 'w') });
  stream.end('through a handle');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'through a handle');
  const byNumber = createWriteStream('', { fd: fs.openSync(file, 'a') });
  byNumber.end(', and a number');
  await once(byNumber, 'close');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'through a handle, and a number');
  console.log('ok');
}

main();
