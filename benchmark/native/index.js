'use strict';

/** The small Rust programs of the benchmark, compiled with rustc at first use. */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const BINARIES = path.join(__dirname, '..', 'tmp', 'native');

function hasCompiler() {
  try {
    execFileSync('rustc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The binary of `native/NAME.rs`, newer than that. */
function compiled(name) {
  const source = path.join(__dirname, `${name}.rs`);
  const binary = path.join(BINARIES, name);
  if (!isFresh(binary, source)) {
    fs.mkdirSync(BINARIES, { recursive: true });
    // Two runs may compile at once; a rename is seen whole or not at all.
    const part = `${binary}.${process.pid}`;
    execFileSync('rustc', ['-O', '--edition', '2024', '-o', part, source], { stdio: 'inherit' });
    fs.renameSync(part, binary);
  }
  return binary;
}

function isFresh(binary, source) {
  const built = fs.statSync(binary, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > fs.statSync(source).mtimeMs;
}

module.exports = { compiled, hasCompiler };
