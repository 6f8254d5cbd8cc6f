'use strict';

// Streams that nobody refers to any more, and whose descriptors they are.

const assert = require('node:assert');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

const skip = process.platform !== 'linux' && '/proc is Linux’s';
const STREAMS = 20;

/** Opens streams, drops them, and prints how many descriptors are left after collections. */
function drop(api, dir, autoClose, later) {
  const fs = require('node:fs');
  const count = () => fs.readdirSync('/proc/self/fd').length;
  const make = (i) =>
    new Promise((resolve) => {
      const stream = api.createWriteStream(`${dir}/${i}`, { autoClose });
      stream.on('open', () =>
        stream.write('x', () => {
          stream.autoClose = later;
          resolve();
        }),
      );
    });
  (async () => {
    await make('first');
    const before = count();
    for (let i = 0; i < 20; i++) await make(i);
    for (let turn = 0; turn < 100 && count() > before; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      globalThis.gc();
    }
    console.log(count() - before);
  })();
}

for (const [autoClose, later, isClosed] of [
  [true, true, true],
  [false, true, true],
  [true, false, false],
  [false, false, false],
]) {
  const kept = isClosed ? 'closed' : 'left to their user';
  test(`autoClose ${autoClose}, then ${later}: dropped streams are ${kept}`, { skip }, async () => {
    const body = `(api, dir) => (${drop})(api, dir, ${autoClose}, ${later})`;
    const command = (source) => [process.execPath, '--expose-gc', '-e', source];
    const { stdout, stderr } = await runInChild(subject, body, { command });
    const open = Number(stdout);
    assert.ok(isClosed ? open <= 0 : open === STREAMS, `${stdout} are open\n${stderr}`);
  });
}

/** Prints how many bytes each closed stream leaves to the next major collection. */
function close(api, dir) {
  const collect = () => {
    for (let i = 0; i < 2; i++) globalThis.gc({ type: 'minor' });
    return process.memoryUsage().heapUsed;
  };
  const run = async (count) => {
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) =>
        api.createWriteStream(`${dir}/file`).end('x').on('close', resolve),
      );
    }
    return collect();
  };
  (async () => {
    const before = await run(500);
    console.log(((await run(2000)) - before) / 2000);
  })();
}

test('a closed stream holds little of what it had', async () => {
  const flags = ['--expose-gc', '--initial-heap-size=400'];
  const command = (source) => [process.execPath, ...flags, '-e', source];
  const { stdout, stderr } = await runInChild(subject, close, { command });
  assert.ok(stdout.length > 0 && Number(stdout) < 2000, `${stdout} bytes\n${stderr}`);
});
