'use strict';

/** The folder that a benchmark writes in: its file system, and that nothing is left behind. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const DEFAULT_PARENT = path.join(__dirname, '..', 'tmp');

const MIB = 1024 * 1024;

/** What a run may lose of the memory that was warmed for it before it needs it. */
const SPARE_BYTES = 256 * MIB;

/** A new folder under `parent`, removed when the process exits, interrupted or not. */
function makeScratch(parent = DEFAULT_PARENT) {
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), 'run-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  return folder;
}

/**
 * Empties every file under `folder`, so that the disk is spared what nobody will read. They are
 * removed with the whole: ext4 passes over inodes that were deleted in the last minutes, one by one,
 * so that each file that the next run makes would cost the more the more there are of them.
 */
function emptyFiles(folder) {
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, name);
    if (fs.lstatSync(file).isFile()) fs.truncateSync(file);
  }
}

/**
 * Sees to it that the page cache finds warm memory for `bytes`. A virtual machine may give memory that is
 * free for a second back to its host, and to write to that again takes ten times as long, for whichever
 * stream comes to it first. A hole is read, since written pages would be on their way to the disk.
 */
function warmPageCache(folder, bytes) {
  const fd = fs.openSync(path.join(folder, 'hole'), 'w+');
  try {
    const block = Buffer.alloc(MIB);
    fs.ftruncateSync(fd, bytes);
    for (let at = 0; at < bytes; at += MIB) fs.readSync(fd, block, 0, MIB, at);
    fs.ftruncateSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Its name; undefined where there is no such command. */
function fileSystemOf(folder) {
  const { stdout } = spawnSync('df', ['--output=fstype', folder], { encoding: 'utf8' });
  return stdout?.trim().split('\n').at(-1);
}

/** Waits until nothing is dirty, so that one run's writeback does not burden the next. */
function settleDisk() {
  // Where there is no such command the pairs still alternate, which spreads the burden evenly.
  spawnSync('sync');
}

module.exports = {
  SPARE_BYTES,
  makeScratch,
  emptyFiles,
  warmPageCache,
  fileSystemOf,
  settleDisk,
};
