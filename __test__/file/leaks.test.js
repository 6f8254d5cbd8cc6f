'use strict';

// Many streams, in turn and at once: memory, descriptors and threads do not grow.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const fs = require('node:fs');
const { makeFolderInMemory } = require('../harness/folder');
const { report, rounds } = require('../harness/scale');

const STREAMS = rounds(5000, 100_000);

/** After this many streams, pools, caches and V8's heap have their final size. */
const WARM = rounds(10_000, 20_000);

/** Measured: less than 1 MiB after 5000 streams, with the heap limited as below. */
const SLACK_MIB = 6;

/** Without it V8's young generation grows to 128 MiB and more, as it does with `fs`. */
const HELD_HEAP = '--max-semi-space-size=1';

const program = `
  const fs = require('node:fs');
  const { createWriteStream } = require(process.argv[1]);
  const folder = process.argv[2];
  const streams = Number(process.argv[3]);
  const WARM = Number(process.argv[4]);
  const measure = () => {
    for (let i = 0; i < 5; i++) globalThis.gc();
    return {
      mib: process.memoryUsage().rss / 2 ** 20,
      descriptors: fs.readdirSync('/proc/self/fd').length,
      threads: fs.readdirSync('/proc/self/task').length,
    };
  };
  const kinds = [
    (stream) => stream.end('short'),
    (stream) => { stream.write('one'); stream.write(Buffer.from('two'), () => stream.end()); },
    (stream) => { stream.write(Buffer.alloc(70000)); stream.destroy(); },
    (stream) => { stream.write('x'); stream.flushSync(); stream.end(); },
    (stream) => { stream.cork(); stream.write('x', 'latin1', () => {}); stream.end(); },
  ];
  const one = (i) => new Promise((resolve) => {
    const isBad = i % 11 === 0;
    const stream = createWriteStream(folder + (isBad ? '/no/folder' : '/' + (i % 8)), {
      maxBuffered: i % 7 === 0 ? 1000 : undefined,
      overflow: 'drop',
    });
    stream.on('error', () => {});
    stream.on('close', resolve);
    try { kinds[i % kinds.length](stream); } catch {}
  });
  const part = async (count) => {
    for (let i = 0; i < count; i += 8) await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((j) => one(i + j)));
  };
  (async () => {
    await part(WARM);
    // A leak grows with each part; the allocators of a busy machine may grow once.
    const SLACK = Number(process.argv[5]);
    let before, after;
    for (let tries = 0; tries < 3; tries++) {
      before = measure();
      await part(streams);
      after = measure();
      if (after.mib < before.mib + SLACK) break;
    }
    console.log(JSON.stringify({ before, after }));
  })();
`;

test(`${STREAMS} streams of many kinds leave nothing behind`, {
  skip: fs.existsSync('/proc/self/task') ? false : 'needs /proc',
}, (t) => {
  const folder = makeFolderInMemory(t);
  const args = [
    '--expose-gc',
    HELD_HEAP,
    '-e',
    program,
    path.join(__dirname, '..', '..'),
    folder,
    `${STREAMS}`,
    `${WARM}`,
    `${SLACK_MIB}`,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 900_000,
  });
  const { before, after } = JSON.parse(stdout || assert.fail(stderr));
  const show = ({ mib, descriptors, threads }) =>
    `${mib.toFixed(1)} MiB resident, ${descriptors} descriptors, ${threads} threads`;
  report(t, `${WARM} streams: ${show(before)}; ${STREAMS} more: ${show(after)}`);
  assert.ok(after.descriptors <= before.descriptors, 'descriptors');
  assert.ok(after.threads <= before.threads + 1, 'threads');
  assert.ok(after.mib < before.mib + SLACK_MIB, `${before.mib} MiB became ${after.mib}`);
});
