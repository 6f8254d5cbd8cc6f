'use strict';

// A test runner shows modules a copy of `process`. What they listen to there never happens.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder } = require('../harness/folder');
const { subject } = require('../harness/subject');

test('loaded where process is a copy, what was written is in the file after process.exit()', (t) => {
  const file = path.join(makeFolder(t), 'out');
  const source = `
    const { EventEmitter } = require('node:events');
    const real = process;
    const copy = Object.assign(Object.create(EventEmitter.prototype), real);
    EventEmitter.call(copy);
    copy._events = Object.create(null);
    globalThis.process = copy;
    const { createWriteStream } = require(${JSON.stringify(subject.module)});
    const stream = createWriteStream(${JSON.stringify(file)});
    stream.on('ready', () => {
      stream.write('last ');
      stream.write('words');
      real.exit(0);
    });
  `;
  const { status, stderr } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'last words');
});
