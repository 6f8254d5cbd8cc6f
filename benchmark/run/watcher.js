'use strict';

/**
 * The process that looks at a file all the time: `node watcher.js FILE LINES LINE_BYTES`. Its report
 * is when it first saw each line in it, in microseconds of the clock that all processes share.
 */

const fs = require('node:fs');

const [file, lines, lineBytes] = [process.argv[2], ...process.argv.slice(3).map(Number)];

process.stdout.write('{}\n', watch);

function watch() {
  const fd = openExisting();
  const seenAtUs = [];
  while (seenAtUs.length < lines) {
    const { size } = fs.fstatSync(fd);
    const nowUs = Number(process.hrtime.bigint()) / 1000;
    while (seenAtUs.length < Math.floor(size / lineBytes)) {
      seenAtUs.push(nowUs);
    }
  }
  fs.closeSync(fd);
  process.stdout.write(`${JSON.stringify(seenAtUs)}\n`);
}

function openExisting() {
  while (!fs.existsSync(file));
  return fs.openSync(file, 'r');
}
