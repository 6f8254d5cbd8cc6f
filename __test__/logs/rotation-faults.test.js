'use strict';

// strace makes the system calls of a rotation fail: each failure is told, the old file goes on, and no
// byte is lost.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const { LogFolder } = require('../harness/logs');

const LIMIT_MS = 120_000;
const PROGRAM = require.resolve('../harness/rotated');

const INJECTS = ['-f', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=9'];
const { status } = spawnSync('strace', [...INJECTS, 'true'], { stdio: 'ignore' });
const skip = status === 0 ? false : 'needs strace and the right to trace';

/** strace counts the calls of each thread by themselves. */
const env = { ...process.env, RUSHWRITE_THREADS: '1' };

const RENAME = 'renameat2';
/** The first one is that of the stream. */
const OPEN = '?open,?openat';

const LINES = [1, 2, 3, 4].map((n) => `line ${n} ..\n`);
/** What the files hold if the first rotation fails: the old file goes on for as much as a new one holds. */
const LATER = [LINES.slice(0, 2).join(''), LINES[2], LINES[3]];

/** The faults, what is told, and what is in the files. */
const FAULTS = {
  'the name can not be given: no space': [
    [`${RENAME}:error=ENOSPC:when=1`],
    ['rename ENOSPC true 1', 'rotate', 'rotate'],
    LATER,
  ],
  'the name can not be given: no permission': [
    [`${RENAME}:error=EACCES:when=1`],
    ['rename EACCES true 1', 'rotate', 'rotate'],
    LATER,
  ],
  'the name is taken': [[`${RENAME}:error=EEXIST:when=1`], ['rotate', 'rotate', 'rotate'], LINES],
  'all names are taken': [
    [`${RENAME}:error=EEXIST`],
    ['rename EEXIST true 1', 'rename EEXIST true 2', 'rename EEXIST true 3'],
    [LINES.join('')],
  ],
  'a rename that spares others is unknown to the file system': [
    [`${RENAME}:error=EINVAL`],
    ['rotate', 'rotate', 'rotate'],
    LINES,
  ],
  'the next file can not be made: no space': [
    [`${OPEN}:error=ENOSPC:when=2`],
    ['open ENOSPC true 1', 'rotate', 'rotate'],
    LATER,
  ],
  'the next file can not be made, and the old one can not have its name back': [
    [`${OPEN}:error=ENOSPC:when=2`, `${RENAME}:error=EIO:when=2`],
    ['open ENOSPC true 1', 'rotate'],
    LATER,
  ],
};

for (const [name, [faults, told, texts]] of Object.entries(FAULTS)) {
  test(name, { skip }, async (t) => {
    const logs = new LogFolder(t);
    const inject = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
    const trace = ['-f', '-q', '-o', '/dev/null', '-P', logs.log, '-e', `trace=${OPEN},${RENAME}`];
    const args = [...trace, ...inject, process.execPath, PROGRAM, logs.log];
    const child = spawn('strace', args, { env, timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    const { code, stdout, stderr } = await outcomeOf(child);
    assert.strictEqual(code, 0, stderr);
    assert.deepStrictEqual(JSON.parse(stdout), { told, texts });
  });
}
