'use strict';

// An open stream that has nothing to do does not keep the process; one that has, does.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');
const stream = createWriteStream(file);
for (let i = 0; i < 10_000; i++) stream.write('a line that has to be written before the end\n');

process.on('exit', () => {
  assert.strictEqual(fs.statSync(file).size, 450_000);
  console.log('ok');
});
