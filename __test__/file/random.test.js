'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const fc = require('fast-check');
const { makeFolder, removeFolder } = require('../harness/folder');
const { Run, programs, recordEvents, runAll } = require('../harness/program');
const { subject } = require('../harness/subject');

const EVENTS = ['open', 'ready', 'finish', 'error', 'close'];

const program = programs({
  start: fc.constantFrom(undefined, undefined, 0, 5),
  way: fc.constantFrom('end', 'close', 'destroySoon'),
});

test('random programs: the file, the callbacks and the count are the model’s', async () => {
  await runAll(program, runProgram);
});

async function runProgram({ bufferSize, highWaterMark, start, waitsForOpen, steps, end, way }) {
  const dir = makeFolder();
  const file = path.join(dir, 'out');
  try {
    const stream = subject.createWriteStream(file, { bufferSize, highWaterMark, start });
    const run = new Run(stream);
    const events = recordEvents(stream, EVENTS);
    if (waitsForOpen) await new Promise((resolve) => stream.once('ready', resolve));
    for (const one of steps) await run.take(one);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    run.end(end, way);
    await closed;
    run.check(fs.readFileSync(file), start);
    assert.deepStrictEqual(events, ['open', 'ready', 'finish', 'close']);
  } finally {
    removeFolder(dir);
  }
}
