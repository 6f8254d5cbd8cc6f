'use strict';

// Runs the JavaScript tests on several versions of Node: `npm run test:matrix -- 20 24 [file ...]`.
// Without versions it runs all that are supported, without files all tests.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { MAJORS, nodeOf } = require('./binaries.js');

/** Whether all tests pass on it. What they start as `node` is this version, too. */
function passesOn(major, files) {
  const node = nodeOf(major);
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH };
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  console.log(`# Node ${stdout.trim()}`);
  const args = [path.join(__dirname, 'test.js'), ...files];
  const { error, status } = spawnSync(node, args, { env, stdio: 'inherit' });
  if (error) throw error;
  return status === 0;
}

const named = process.argv.slice(2);
const majors = named.filter((name) => /^\d+$/.test(name));
const files = named.filter((name) => !majors.includes(name));
const tested = majors.length > 0 ? majors : MAJORS;
const failed = tested.filter((major) => !passesOn(major, files));
if (failed.length > 0) {
  console.error(`Tests failed on Node ${failed.join(', ')}.`);
  process.exitCode = 1;
} else console.log(`Tests passed on Node ${tested.join(', ')}.`);
