'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { once } = require('node:events');

const { unregister } = require('../../register.js');
const fs = require('node:fs');
const { WriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');

async function main() {
  const stream = fs.createWriteStream(file);
  assert.ok(stream instanceof WriteStream, 'fs makes streams of its own still');
  stream.end('registered');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'registered');
  unregister();
  assert.ok(!(fs.createWriteStream(file) instanceof WriteStream));
  console.log('ok');
}

main();
