'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { once } = require('node:events');

const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'missing', 'out');

async function main() {
  const stream = createWriteStream(file);
  stream.write('lost');
  const [error] = await once(stream, 'error');
  assert.strictEqual(error.code, 'ENOENT');
  assert.strictEqual(error.syscall, 'open');
  assert.strictEqual(error.message, `ENOENT: no such file or directory, open '${file}'`);
  assert.throws(() => createWriteStream(1), { code: 'ERR_INVALID_ARG_TYPE' });
  console.log('ok');
}

main();
