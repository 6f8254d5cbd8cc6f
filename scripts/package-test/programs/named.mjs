// An ES module's named and default imports.

import assert from 'node:assert';
import { once } from 'node:events';
import fs from 'node:fs';
import rushwrite, { createWriteStream, Writable, WriteStream } from 'rushwrite';

async function main() {
  assert.strictEqual(rushwrite.createWriteStream, createWriteStream);
  assert.strictEqual(rushwrite.WriteStream, WriteStream);
  assert.strictEqual(rushwrite.Writable, Writable);
  const stream = createWriteStream('named.txt');
  assert.ok(stream instanceof Writable);
  stream.end('from a module');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync('named.txt', 'utf8'), 'from a module');
}

main();
