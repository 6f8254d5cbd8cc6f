'use strict';

// Unmodified packages from npm write the same files with and without rushwrite/register.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder, removeFolder } = require('../harness/folder');

const programs = path.join(__dirname, 'programs');
const witness = path.join(programs, 'witness.js');
const register = path.join(__dirname, '..', '..', 'register.js');

for (const name of fs.readdirSync(programs)) {
  if (name !== path.basename(witness)) {
    test(`${path.parse(name).name} writes the same files under register`, () => compare(name));
  }
}

function compare(name) {
  const plain = run(name, []);
  const registered = run(name, ['-r', register]);
  assert.strictEqual(plain.streams, 0);
  // graceful-fs replaces `open`, so Node's own class does the work.
  if (name !== 'fs-extra.js') assert.ok(registered.streams > 0, 'no stream was ours');
  assert.deepStrictEqual([...registered.files.keys()], [...plain.files.keys()]);
  for (const [file, bytes] of plain.files) {
    assert.ok(bytes.length > 0, `${file} is empty`);
    assert.ok(bytes.equals(registered.files.get(file)), `${file} differs`);
  }
}

function run(name, flags) {
  const folder = makeFolder();
  try {
    const args = [...flags, '-r', witness, path.join(programs, name), folder];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.strictEqual(status, 0, stderr);
    return { streams: Number(/(\d+) streams of ours/.exec(stderr)[1]), files: filesIn(folder) };
  } finally {
    removeFolder(folder);
  }
}

/** The files of `folder`: path to bytes. */
function filesIn(folder) {
  const names = fs.readdirSync(folder, { recursive: true }).map(String).sort();
  const paths = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return new Map(paths.map((name) => [name, fs.readFileSync(path.join(folder, name))]));
}
