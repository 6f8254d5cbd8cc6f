'use strict';

// strace injects faults into every nth system call. Transient ones (EINTR, EAGAIN, short writes)
// stay invisible; others give one error, and file, callbacks and error agree.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { getSystemErrorName } = require('node:util');
const { outcomeOf } = require('../harness/child');
const { makeFolder, removeFolder } = require('../harness/folder');
const { report, rounds } = require('../harness/scale');

const LIMIT_MS = 120_000;
const STREAMS = rounds(15, 60);
const STEPS = rounds([1, 4], [1, 2, 3, 4, 5, 7, 9, 12, 16, 25, 40]);

const INJECTS = ['-f', '-e', 'trace=pwrite64', '-e', 'inject=pwrite64:error=EIO:when=9'];
const { status } = spawnSync('strace', [...INJECTS, 'true'], { stdio: 'ignore' });
const NO_STRACE = status === 0 ? false : 'needs strace and the right to trace';

/** Older versions of Node know no name for it. */
const EDQUOT = getSystemErrorName(-122);

/** System call, fault, and how the streams may end. */
const FAULTS = [
  { call: 'pwrite64,pwritev', fault: 'error=EINTR', endings: ['written'] },
  { call: 'pwrite64,pwritev', fault: 'error=EAGAIN', endings: ['written'] },
  { call: 'pwrite64,pwritev', fault: 'retval=0', endings: ['written'] },
  { call: 'pwrite64,pwritev', fault: 'error=EIO', endings: ['written', 'write EIO'] },
  { call: 'pwrite64,pwritev', fault: 'error=ENOSPC', endings: ['written', 'write ENOSPC'] },
  { call: 'pwrite64,pwritev', fault: 'error=EDQUOT', endings: ['written', `write ${EDQUOT}`] },
  { call: 'fsync', fault: 'error=EINTR', endings: ['written'], flush: true },
  { call: 'fsync', fault: 'error=EIO', endings: ['written', 'fsync EIO'], flush: true },
];

for (const { call, fault, endings, flush = false } of FAULTS) {
  test(`${fault} of ${call}`, { skip: NO_STRACE }, async (t) => {
    const tallies = {};
    for (const step of STEPS) {
      // Every step-th call. A fault of every single call would not be transient.
      const isLasting = endings.length > 1;
      const when = step === 1 && !isLasting ? '1+2' : `${step}+${Math.max(step, 2)}`;
      const tally = await runFaulty(step, `inject=${call}:${fault}:when=${when}`, call, flush);
      for (const [ending, count] of Object.entries(tally)) {
        assert.ok(endings.includes(ending), `${count} streams ended with ${ending}`);
        tallies[ending] = (tallies[ending] ?? 0) + count;
      }
    }
    for (const ending of endings) assert.ok(tallies[ending] > 0, `none ended with ${ending}`);
    report(t, `${fault} of ${call}: ${JSON.stringify(tallies)}`);
  });
}

async function runFaulty(seed, inject, call, flush) {
  const folder = makeFolder();
  try {
    const program = [require.resolve('../harness/faulty'), folder, `${seed}`, `${STREAMS}`];
    if (flush) program.push('flush');
    const trace = ['-f', '--seccomp-bpf', '-q', '-o', '/dev/null', '-e', `trace=${call}`];
    const args = [...trace, '-e', inject, process.execPath, ...program];
    const child = spawn('strace', args, { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    const { code, signal, stdout, stderr } = await outcomeOf(child);
    assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, `${inject}\n${stderr}`);
    return JSON.parse(stdout);
  } finally {
    removeFolder(folder);
  }
}
