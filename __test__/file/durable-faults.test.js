'use strict';

// strace makes the system calls fail that durable writes consist of: each failure is told, nothing is
// hidden, and a target is the old or the new one.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const { makeFolder } = require('../harness/folder');
const { report, rounds } = require('../harness/scale');

const LIMIT_MS = 120_000;
const STREAMS = rounds(12, 60);

const INJECTS = ['-f', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=9'];
const { status } = spawnSync('strace', [...INJECTS, 'true'], { stdio: 'ignore' });
const NO_STRACE = status === 0 ? false : 'needs strace and the right to trace';

/** Not every machine has all of them. */
const RENAME = '?rename,?renameat,renameat2';

/** What runs, the call, the fault, every how many calls, and how streams end, all of which must happen. */
const FAULTS = [
  ['journal', 'fdatasync', 'EIO', '25+25', ['synced', 'fdatasync EIO']],
  ['journal', 'fdatasync', 'EINTR', '1+2', ['synced']],
  ['journal', 'fsync', 'EIO', '2+3', ['synced', 'fsync EIO']],
  ['journal', 'fsync', 'EINTR', '1+2', ['synced']],
  // A file system without a sync for folders.
  ['journal', 'fsync', 'EINVAL', '1+1', ['synced']],
  ['atomic', 'fsync', 'EIO', '2+3', ['finish: new', 'fsync EIO: old', 'fsync EIO: new']],
  ['atomic', 'fsync', 'EINTR', '1+2', ['finish: new']],
  ['atomic', RENAME, 'EACCES', '2+3', ['finish: new', 'rename EACCES: old']],
  ['atomic', RENAME, 'EXDEV', '1+2', ['finish: new', 'rename EXDEV: old']],
  ['atomic', RENAME, 'EPERM', '1+1', ['rename EPERM: old']],
  ['atomic', 'fchmod', 'EPERM', '2+3', ['finish: new', 'open EPERM: old']],
  ['retry', 'pwrite64,pwritev', 'ENOSPC', '3+3', ['recovered']],
  ['retry', 'pwrite64,pwritev', 'EIO', '2+2', ['recovered']],
];

for (const [what, call, error, when, expected] of FAULTS) {
  test(`${what}: ${error} of ${call}, ${when}`, { skip: NO_STRACE }, async (t) => {
    const program = [require.resolve('../harness/durable'), what, makeFolder(t), `${STREAMS}`];
    const trace = ['-f', '--seccomp-bpf', '-q', '-o', '/dev/null', '-e', `trace=${call}`];
    const inject = ['-e', `inject=${call}:error=${error}:when=${when}`];
    const args = [...trace, ...inject, process.execPath, ...program];
    const child = spawn('strace', args, { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    const { code, stdout, stderr } = await outcomeOf(child);
    assert.strictEqual(code, 0, stderr);
    const endings = JSON.parse(stdout);
    for (const ending of Object.keys(endings)) {
      assert.ok(expected.includes(ending) || ending === 'written', `${ending} is not expected`);
    }
    for (const ending of expected) assert.ok(endings[ending] > 0, `none ended with ${ending}`);
    report(t, `${what}, ${error} of ${call}: ${stdout.trim()}`);
  });
}
