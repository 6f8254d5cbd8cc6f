'use strict';

// Each run of a scenario has a temporary folder of its own, and its files at the end are compared.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Longer files are compared by length and digest, so that a failure prints one line.
const MAX_SHOWN_BYTES = 2048;

const MEMORY = '/dev/shm';

/** A new folder; a test's context `t` removes it after the test. */
function makeFolder(t) {
  return makeFolderIn(os.tmpdir(), t);
}

/** The same, in memory where the system has such a place: for tests whose time is not to be the disk's. */
function makeFolderInMemory(t) {
  return makeFolderIn(fs.existsSync(MEMORY) ? MEMORY : os.tmpdir(), t);
}

function makeFolderIn(parent, t) {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(parent, 'rushwrite-')));
  t?.after(() => removeFolder(dir));
  return dir;
}

function removeFolder(dir) {
  // A stream that was destroyed may be making its file.
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Every entry of the folder: name as latin1 (a name need not be UTF-8), mode, and bytes. */
function readFolder(dir) {
  const entries = {};
  for (const name of fs.readdirSync(dir, { encoding: 'buffer' })) {
    entries[name.toString('latin1')] = readEntry(
      Buffer.concat([Buffer.from(path.join(dir, '/')), name]),
    );
  }
  return entries;
}

function readEntry(file) {
  const stat = fs.lstatSync(file);
  const mode = (stat.mode & 0o7777).toString(8);
  if (!stat.isFile()) return { mode };
  // A scenario may have made the file unreadable.
  if ((stat.mode & 0o400) === 0) fs.chmodSync(file, 0o600);
  return { mode, bytes: showBytes(fs.readFileSync(file)) };
}

function showBytes(bytes) {
  if (bytes.length <= MAX_SHOWN_BYTES) return bytes.toString('latin1');
  const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
  return `${bytes.length} bytes, sha256 ${sha256}`;
}

module.exports = { makeFolder, makeFolderInMemory, readFolder, removeFolder, showBytes };
