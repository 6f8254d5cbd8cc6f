// Names that a module imported from `node:fs`.

import assert from 'node:assert';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { WriteStream } from '../../index.js';
import '../../register.js';

const file = path.join(process.argv[2], 'out');
const stream = createWriteStream(file);
assert.ok(stream instanceof WriteStream, 'createWriteStream is the one of before');
stream.end('registered');
await once(stream, 'close');
assert.strictEqual(readFileSync(file, 'utf8'), 'registered');
console.log('ok');
