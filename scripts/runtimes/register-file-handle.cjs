'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');

require('../../register.js');
const { WriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');

async function main() {
  const handle = await fs.promises.open(file, 'w');
  const stream = handle.createWriteStream();
  assert.ok(stream instanceof WriteStream, "the handle's stream is not ours");
  stream.end('registered');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'registered');
  console.log('ok');
}

main();
