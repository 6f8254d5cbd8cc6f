'use strict';

// npm's `install` script: builds the addon with cargo where no binary came with the package, as
// after an installation from git. It does nothing where the addon loads, nor in a checkout, where
// `npm run build` is for that. It never fails the installation: `require` says what is missing.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** Hundreds of megabytes: removed at the end, unless somebody keeps them for his next build. */
const ownOutput = path.join(root, 'target');
const output = process.env.CARGO_TARGET_DIR ?? ownOutput;

/** What cargo calls the library, by platform. */
const LIBRARIES = { darwin: 'librushwrite.dylib', win32: 'rushwrite.dll' };

function isCheckout() {
  const folder = process.env.INIT_CWD;
  return folder !== undefined && path.relative(folder, root) === '';
}

function loadError() {
  try {
    require('../lib/native.js');
    return null;
  } catch (error) {
    return error;
  }
}

/** Returns what went wrong, or null. */
function build(target) {
  const args = ['build', '--release', '--locked', '--target-dir', output];
  const { error, status } = spawnSync('cargo', args, { cwd: root, stdio: 'inherit' });
  if (error) return 'cargo is not installed (https://rustup.rs)';
  if (status !== 0) return 'cargo could not build it; its own words are above';
  const library = LIBRARIES[process.platform] ?? 'librushwrite.so';
  fs.copyFileSync(
    path.join(output, 'release', library),
    path.join(root, `rushwrite.${target}.node`),
  );
  return null;
}

const error = isCheckout() ? null : loadError();
if (error !== null) {
  const problem = build(error.target);
  fs.rmSync(ownOutput, { recursive: true, force: true });
  if (problem !== null) console.error(`rushwrite: no binary for ${error.target}, and ${problem}.`);
}
