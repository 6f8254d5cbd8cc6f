'use strict';

// A program that replaces a file again and again with `atomic: true`, or appends records to a journal and
// syncs, until somebody kills it. Prints what it was told is safe.
//
//   node replacing.js atomic|journal <seed> <file> [rounds]

const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { numbersOf } = require('./scale');

/** The content of one version: any byte of it tells which version it is, and how long it has to be. */
function versionOf(i) {
  return `${i},`.repeat(1 + ((i * 7919) % 40_000));
}

const recordOf = (i) => `${i} ${'.'.repeat((i * 7919) % 211)}\n`;

/** Says synchronously what is safe: the parent reads it whenever the program is killed. */
const tell = (text) => fs.writeSync(1, `${text}\n`);

async function replace(createWriteStream, next, file, last) {
  for (let i = 1; i <= last; i++) {
    const stream = createWriteStream(file, { atomic: true });
    const text = versionOf(i);
    const parts = 1 + next(5);
    for (let at = 0; at < parts; at++) {
      const slice = (n) => Math.floor((text.length * n) / parts);
      stream.write(text.slice(slice(at), slice(at + 1)));
      if (next(3) === 0) await new Promise(setImmediate);
    }
    if (next(10) === 0) {
      stream.destroy();
      await once(stream, 'close');
      continue;
    }
    stream.end();
    await once(stream, 'finish');
    tell(i);
  }
}

async function append(createWriteStream, next, file, last) {
  const stream = createWriteStream(file, { flags: 'a' });
  for (let i = 0, round = 0; round < last; round++) {
    for (let left = 1 + next(20); left > 0; left--) stream.write(recordOf(i++));
    await stream.sync({ metadata: next(2) === 0 });
    tell(i);
  }
}

if (require.main === module) {
  const { createWriteStream } = require(path.join(__dirname, '..', '..'));
  const [what, seed, file, last = 'Infinity'] = process.argv.slice(2);
  const run = { atomic: replace, journal: append }[what];
  run(createWriteStream, numbersOf(Number(seed)), file, Number(last));
}

module.exports = { recordOf, versionOf };
