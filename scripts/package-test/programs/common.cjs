'use strict';

// CommonJS, and what the package is and is not.

const assert = require('node:assert');
const fs = require('node:fs');
const { once } = require('node:events');
const rushwrite = require('rushwrite');

const { WriteStream } = fs;

async function main() {
  const stream = rushwrite.createWriteStream('common.txt');
  assert.ok(stream instanceof rushwrite.WriteStream && stream instanceof fs.WriteStream);
  stream.write('from ');
  stream.end('CommonJS');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync('common.txt', 'utf8'), 'from CommonJS');
  assert.strictEqual(fs.WriteStream, WriteStream, 'fs is left alone');
  assert.throws(() => require('rushwrite/lib/outlet.js'), {
    code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
  });
  assert.strictEqual(require('rushwrite/package.json').name, 'rushwrite');
}

main();
