'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');

const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');

async function main() {
  const stream = createWriteStream(file);
  stream.write('a string, ');
  stream.write(Buffer.from('a Buffer, '));
  await new Promise((resolve) => stream.write('Zoë', 'utf8', resolve));
  stream.end();
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'a string, a Buffer, Zoë');
  assert.strictEqual(stream.bytesWritten, 24);
  console.log('ok');
}

main();
