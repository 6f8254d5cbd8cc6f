'use strict';

// Runs the JavaScript tests: the files named in the arguments, or all of __test__/*.test.js.
// Node 20 takes no globs and later versions take no folders, so the files are listed here.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = path.join(__dirname, '..', '__test__');
const timeoutMs = 180_000;

function allTestFiles() {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => path.join(folder, name));
}

const named = process.argv.slice(2);
const { error, status } = spawnSync(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${os.availableParallelism()}`,
    `--test-timeout=${timeoutMs}`,
    // The default differs between versions; this is Node 20's: tap in a log, spec in a terminal.
    `--test-reporter=${process.stdout.isTTY ? 'spec' : 'tap'}`,
    '--test-reporter-destination=stdout',
    ...(named.length > 0 ? named : allTestFiles()),
  ],
  { stdio: 'inherit' },
);
if (error) throw error;
process.exitCode = status ?? 1;
