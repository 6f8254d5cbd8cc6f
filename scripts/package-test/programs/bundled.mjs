// What the bundlers get: both ways into the package, and a check of the bytes.

import assert from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createWriteStream } from 'rushwrite';
import SonicBoom from 'rushwrite/sonic-boom';

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-bundled-'));
  const stream = createWriteStream(path.join(folder, 'lines'));
  for (let line = 0; line < 1000; line++) stream.write(`line ${line}\n`);
  stream.end();
  await finished(stream);
  const lines = fs.readFileSync(stream.path, 'utf8').split('\n');
  assert.deepStrictEqual([lines.length, lines[999]], [1001, 'line 999']);

  const sonic = new SonicBoom({ dest: path.join(folder, 'sonic'), sync: true });
  sonic.write('sonic\n');
  sonic.flushSync();
  assert.strictEqual(fs.readFileSync(sonic.file, 'utf8'), 'sonic\n');
  sonic.destroy();
  fs.rmSync(folder, { recursive: true });
  console.log('ok');
}

main();
