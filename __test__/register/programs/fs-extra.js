'use strict';

const path = require('node:path');
const fs = require('fs-extra');

const file = path.join(process.argv[2], 'deep/er/out.txt');
fs.ensureFileSync(file);
const stream = fs.createWriteStream(file, { flags: 'a' });
for (let i = 0; i < 10_000; i++) stream.write(`line ${i}\n`);
stream.end(() => fs.copySync(file, `${file}.copy`));
