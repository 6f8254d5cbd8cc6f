#!/usr/bin/env node
'use strict';

// `npx rushwrite-build`: makes the addon from the sources in the package, where no binary came with it:
// after an installation from git, and on machines for which there is none. Installing runs nothing.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { targetOfMachine } = require('../lib/native/target.js');

const root = path.join(__dirname, '..');

/** Hundreds of megabytes: removed at the end, unless `CARGO_TARGET_DIR` keeps them for the next build. */
const ownOutput = path.join(root, 'target');
const output = process.env.CARGO_TARGET_DIR ?? ownOutput;

/** What cargo calls the library, by platform. */
const LIBRARIES = { darwin: 'librushwrite.dylib', win32: 'rushwrite.dll' };

function build() {
  // Yarn's Plug'n'Play runs packages from archives, where cargo finds nothing.
  if (process.versions.pnp !== undefined && /\.zip[\\/]/.test(root))
    fail('the package is in an archive: run "yarn unplug rushwrite" first.');
  touch();
  const args = ['build', '--release', '--locked', '--target-dir', output];
  // The binary would have no use for line tables.
  const env = { ...process.env, CARGO_PROFILE_RELEASE_DEBUG: 'false' };
  const { error, status } = spawnSync('cargo', args, { cwd: root, env, stdio: 'inherit' });
  if (error?.code === 'ENOENT') {
    fail('cargo is not installed: get Rust 1.88 or later from https://rustup.rs.');
  }
  if (error) throw error;
  if (status !== 0) fail('cargo could not build the addon; its own words are above.');
  return place();
}

/** Archives of npm's have files from 1985: cargo would take what it made of another version for newer. */
function touch() {
  const now = new Date();
  fs.utimesSync(path.join(root, 'src', 'lib.rs'), now, now);
}

/** Where `require` looks for it. */
function place() {
  const file = path.join(root, `rushwrite.${targetOfMachine()}.node`);
  const library = LIBRARIES[process.platform] ?? 'librushwrite.so';
  // A process that has the old one loaded keeps it: the name gets a new file.
  fs.rmSync(file, { force: true });
  fs.copyFileSync(path.join(output, 'release', library), file);
  return file;
}

function fail(message) {
  console.error(`rushwrite-build: ${message}`);
  process.exit(1);
}

const isCheckout = fs.existsSync(path.join(root, '.git'));
const file = build();
if (!isCheckout) fs.rmSync(ownOutput, { recursive: true, force: true });
console.log(`rushwrite-build: built ${file}`);
