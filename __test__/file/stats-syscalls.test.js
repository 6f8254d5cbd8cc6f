'use strict';

// The write calls that `stats()` counts are those that the system sees.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder, removeFolder } = require('../harness/folder');

const INDEX = path.join(__dirname, '..', '..', 'index.js');
const CALLS = 'write,writev,pwrite64,pwritev,pwritev2';
const STREAMS = 20;
const skip = spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed';

test('stats() counts the write calls that strace sees', { skip }, () => {
  const dir = makeFolder();
  try {
    const trace = path.join(dir, 'trace');
    // With `-yy` a descriptor is followed by its path.
    const options = ['-f', '-yy', '-s', '0', '-e', `trace=${CALLS}`, '-o', trace];
    const script = ['-e', `(${writeAll})(...${JSON.stringify([INDEX, dir, STREAMS])})`];
    const { stdout, stderr, status } = spawnSync(
      'strace',
      [...options, process.execPath, ...script],
      { encoding: 'utf8' },
    );
    assert.strictEqual(status, 0, stderr);
    const lines = fs.readFileSync(trace, 'latin1').split('\n');
    // A call that another thread interrupted in the trace has its result in a second line.
    const seen = lines.filter(
      (line) => /\(\d+<[^>]*\.out>/.test(line) && !line.includes('resumed>'),
    );
    assert.ok(seen.length >= STREAMS);
    assert.strictEqual(Number(stdout), seen.length);
  } finally {
    removeFolder(dir);
  }
});

/** Runs in the traced process: prints the count of all streams. */
function writeAll(index, dir, streams) {
  const { createWriteStream } = require(index);
  let [count, closed] = [0, 0];
  for (let i = 0; i < streams; i++) {
    const stream = createWriteStream(`${dir}/${i}.out`);
    for (let line = 0; line < 20_000; line++) stream.write('a line of a few dozen bytes\n');
    stream.end();
    stream.once('close', () => {
      count += stream.stats().syscalls;
      closed += 1;
      if (closed === streams) console.log(count);
    });
  }
}
