'use strict';

// A program that knows nothing of rushwrite; whoever starts it does. Started by itself it makes the
// call that `node -r rushwrite/register` makes.

const assert = require('node:assert');
const fs = require('node:fs');
const { once } = require('node:events');

if (process.execArgv.length === 0) require('rushwrite/register');

async function main() {
  const stream = fs.createWriteStream('registered.txt');
  assert.strictEqual(stream.constructor, require('rushwrite').WriteStream);
  stream.end('registered');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync('registered.txt', 'utf8'), 'registered');
}

main();
