'use strict';

// Runs the JavaScript tests: those in the files and folders that the arguments name, or all of
// `__test__/`. Options, such as `--test-name-pattern=…`, go to Node's test runner.
//
//   npm run test:js -- __test__/socket __test__/file/order.test.js
//
// Node 20 takes no globs and later versions take no folders, so the files are listed here.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const root = path.join(__dirname, '..');
const timeoutMs = 180_000;

/** The test files below a folder, sorted; a file is taken as it is. */
function testFiles(place) {
  if (!fs.statSync(place).isDirectory()) return [place];
  const names = fs
    .readdirSync(place, { recursive: true })
    .filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => path.join(place, name));
}

const asked = process.argv.slice(2);
const options = asked.filter((argument) => argument.startsWith('-'));
const places = asked.filter((argument) => !argument.startsWith('-'));
const files = (places.length > 0 ? places : [path.join(root, '__test__')]).flatMap(testFiles);
if (files.length === 0) throw new Error(`no test files in ${places}`);
const { error, status } = spawnSync(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${os.availableParallelism()}`,
    `--test-timeout=${timeoutMs}`,
    // Its last line says what passed. `--test-reporter=spec` among the options prints every test as well.
    `--test-reporter=${pathToFileURL(path.join(__dirname, 'reporter.js'))}`,
    '--test-reporter-destination=stdout',
    ...options,
    ...files,
  ],
  { stdio: 'inherit' },
);
if (error) throw error;
process.exitCode = status ?? 1;
