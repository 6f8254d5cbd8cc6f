'use strict';

// A program run under strace, which makes system calls of a rotation fail: four lines, each as long as a
// file may be. Prints what was told and which bytes are in the folder, in the order of the names.
//
//   node rotated.js <log>

const fs = require('node:fs');
const path = require('node:path');
const { createWriteStream } = require('../..');

const [log] = process.argv.slice(2);
const folder = path.dirname(log);
const told = [];
const stream = createWriteStream(log, { rotate: { size: 10 } });

stream.on('rotate', () => told.push('rotate'));
stream.on('rotateError', ({ error, file, attempt }) => {
  told.push(`${error.syscall} ${error.code} ${file === log} ${attempt}`);
});
stream.on('open', () => {
  for (const line of ['line 1 ..\n', 'line 2 ..\n', 'line 3 ..\n', 'line 4 ..\n'])
    stream.write(line);
  stream.end();
});
stream.on('close', () => {
  const files = fs.readdirSync(folder).sort();
  const texts = files.map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
  process.stdout.write(JSON.stringify({ told, texts }));
});
