'use strict';

// A test runner loads modules in a context of their own, with a copy of `process`. What they listen to there
// never happens.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder } = require('../harness/folder');
const { isSelfTest, subject } = require('../harness/subject');

/** Loads a package's sources as Jest does, writes, and exits in the same tick. */
function writeAndExit(main, file) {
  const { EventEmitter } = require('node:events');
  const fs = require('node:fs');
  const { createRequire } = require('node:module');
  const vm = require('node:vm');
  const copy = Object.assign(Object.create(EventEmitter.prototype), process);
  EventEmitter.call(copy);
  copy._events = Object.create(null);
  const context = vm.createContext({ process: copy, Buffer, performance, Uint8Array, URL });
  const names = ['require', 'module', 'exports', '__filename'];
  const load = (name) => {
    const require = createRequire(name);
    const module = { exports: {} };
    const compiled = vm.compileFunction(fs.readFileSync(name, 'utf8'), names, {
      parsingContext: context,
      filename: name,
    });
    const requireInContext = (id) => {
      if (!id.startsWith('.') || id.endsWith('.node')) return require(id);
      const resolved = require.resolve(id);
      cache[resolved] ??= load(resolved);
      return cache[resolved];
    };
    compiled(requireInContext, module, module.exports, name);
    return module.exports;
  };
  const cache = {};
  const { createWriteStream } = load(require.resolve(main));
  const stream = createWriteStream(file);
  stream.on('ready', () => {
    stream.write('last ');
    stream.write('words');
    process.exit(0);
  });
}

test('loaded where process is a copy, what was written is in the file after process.exit()', {
  skip: isSelfTest,
}, (t) => {
  const file = path.join(makeFolder(t), 'out');
  const args = [subject.module, file].map((each) => JSON.stringify(each)).join();
  const source = `(${writeAndExit})(${args})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'last words');
});
