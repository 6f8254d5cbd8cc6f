'use strict';

/** The limit of the machine: a Rust loop over `write(2)`, compiled with rustc at first use. */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const SOURCE = path.join(__dirname, 'limit.rs');
const BINARY = path.join(
  __dirname,
  '..',
  'tmp',
  `limit${process.platform === 'win32' ? '.exe' : ''}`,
);

function isAvailable() {
  try {
    execFileSync('rustc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** It takes the same JSON argument as `run-one.js` and prints the same line. */
function command() {
  if (!isFresh()) {
    fs.mkdirSync(path.dirname(BINARY), { recursive: true });
    execFileSync('rustc', ['-O', '--edition', '2021', '-o', BINARY, SOURCE], { stdio: 'inherit' });
  }
  return [BINARY];
}

function isFresh() {
  const built = fs.statSync(BINARY, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > fs.statSync(SOURCE).mtimeMs;
}

module.exports = { isAvailable, command };
