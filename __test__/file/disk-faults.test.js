'use strict';

// Real full, limited and read-only disks, and no descriptors left: the errors are Node's, every
// callback is called once, and no descriptor stays open.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { isSelfTest, subject } = require('../harness/subject');

const runs = (file, ...args) => spawnSync(file, args).status === 0;

/** Runs a command in a namespace in which this user may mount. */
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const NO_MOUNT =
  process.platform === 'linux' && runs(...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt')
    ? false
    : 'needs the right to mount a tmpfs';
const NO_PRLIMIT = runs('prlimit', '--version') ? false : 'needs prlimit';

const inNamespace = (source) => [...NAMESPACE, process.execPath, '-e', source];
const limited = (limit) => (source) => ['prlimit', limit, process.execPath, '-e', source];

parityInChild(
  'a tmpfs that fills up: ENOSPC, all of the space is used, and later writes succeed',
  ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    const { execFileSync } = require('node:child_process');
    fs.mkdirSync(`${dir}/small`);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', `${dir}/small`]);
    const file = `${dir}/small/out`;
    const round = (left) => {
      const stream = createWriteStream(file);
      const codes = [];
      for (let i = 0; i < 100; i++) {
        stream.write(Buffer.alloc(10_000, i + 1), (error) => codes.push(error?.code ?? null));
      }
      stream.end((error) => console.log('end', error.code));
      stream.on('error', ({ message, code, errno, syscall }) => {
        console.log(message, code, errno, syscall);
      });
      stream.on('finish', () => console.log('finish'));
      stream.on('close', () => {
        const bytes = fs.readFileSync(file);
        const isPrefix = bytes.every((byte, at) => byte === Math.floor(at / 10_000) + 1);
        console.log(codes.length, bytes.length, isPrefix, stream.bytesWritten, stream.fd);
        // Node reports errors per system call, and its calls are larger than ours.
        console.log(new Set(codes), codes.lastIndexOf(null) < 26, codes[99]);
        fs.unlinkSync(file);
        const again = createWriteStream(file).on('finish', () => {
          console.log('again', fs.readFileSync(file, 'latin1'));
          if (left > 0) round(left - 1);
        });
        again.end('room');
      });
    };
    round(3);
  },
  { skip: NO_MOUNT, command: inNamespace },
);

parityInChild(
  'a read-only mount: EROFS of the open',
  ({ createWriteStream }, dir) => {
    const { execFileSync } = require('node:child_process');
    require('node:fs').mkdirSync(`${dir}/ro`);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', `${dir}/ro`]);
    const stream = createWriteStream(`${dir}/ro/out`);
    stream.write('x', (error) => console.log('cb', error.code));
    stream.on('error', ({ message, code, errno, syscall, path }) => {
      console.log(message, code, errno, syscall, path);
    });
    stream.on('close', () => console.log('close'));
  },
  { skip: NO_MOUNT, command: inNamespace },
);

parityInChild(
  'a file size limit: EFBIG after exactly that many bytes',
  ({ createWriteStream }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    let calls = 0;
    for (let i = 0; i < 30; i++) stream.write(Buffer.alloc(7000, i), () => calls++);
    stream.on('error', ({ message, code, errno, syscall }) => {
      console.log(message, code, errno, syscall);
    });
    stream.on('close', () => console.log(calls, stream.bytesWritten));
  },
  { skip: NO_PRLIMIT, command: limited('--fsize=100000') },
);

for (const [when, WHICH] of [
  ['for the first stream', 'first'],
  ['for a later stream', 'later'],
]) {
  parityInChild(
    `no descriptor is left ${when}: EMFILE of the open, and the process goes on`,
    runOutOfDescriptors,
    { skip: NO_PRLIMIT, command: limited('--nofile=60'), env: { WHICH } },
  );
}

function runOutOfDescriptors({ createWriteStream }, dir) {
  const fs = require('node:fs');
  const fds = [];
  const takeAll = () => {
    try {
      for (;;) fds.push(fs.openSync('/dev/null', 'r'));
    } catch (error) {
      console.log(error.code);
    }
    const stream = createWriteStream(`${dir}/out`);
    stream.write('x', (error) => console.log('cb', error.code));
    stream.on('error', ({ message, code, errno, syscall, path }) => {
      console.log(message, code, errno, syscall, path);
    });
    stream.on('close', goOn);
  };
  const goOn = () => {
    for (const fd of fds) fs.closeSync(fd);
    createWriteStream(`${dir}/out`)
      .end('goes on')
      .on('close', () => console.log('closed'));
  };
  if (process.env.WHICH === 'first') takeAll();
  else createWriteStream(`${dir}/warm`).end('x').on('close', takeAll);
}

parityInChild(
  'failing streams leave no descriptor open',
  ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    const countOpen = () => fs.readdirSync('/proc/self/fd').length;
    const fail = (file) =>
      new Promise((resolve) => {
        const stream = createWriteStream(file);
        stream.write(Buffer.alloc(100_000));
        stream.on('error', () => {}).on('close', resolve);
      });
    const round = async () => {
      for (const file of ['/dev/full', `${dir}/no/folder`, dir]) {
        for (let i = 0; i < 20; i++) await fail(file);
        await Promise.all(Array.from({ length: 20 }, () => fail(file)));
      }
    };
    round().then(async () => {
      const before = countOpen();
      await round();
      console.log('more descriptors', countOpen() - before);
    });
  },
  { skip: process.platform === 'linux' ? false : 'needs /proc and /dev/full' },
);

/** Only the superuser can switch to a user that may not start threads. */
const NO_OTHER_USER =
  process.getuid?.() === 0 && runs('setpriv', '--reuid=65534', '--clear-groups', 'true')
    ? NO_PRLIMIT
    : 'needs the right to become another user';

test('no thread can be started: one error event, every callback once, and a close', {
  skip: isSelfTest ? 'Node aborts here' : NO_OTHER_USER,
}, async () => {
  const asNobody = (source) => [
    ...['setpriv', '--reuid=65534', '--clear-groups'],
    ...[process.execPath, '-e', source],
  ];
  const { stdout, stderr, code } = await runInChild(
    subject,
    ({ createWriteStream }) => {
      const fs = require('node:fs');
      const { execFileSync } = require('node:child_process');
      const log = [];
      const start = async () => {
        // Starts Node's own pool, which cannot start later.
        await Promise.all([1, 2, 3, 4, 5].map(() => fs.promises.stat('/')));
        execFileSync('prlimit', ['--pid', `${process.pid}`, '--nproc=1:1']);
        for (const options of [{}, { fd: fs.openSync('/dev/null', 'w') }]) {
          const stream = createWriteStream('/dev/null', options);
          stream.write('x', (error) => log.push(['cb', error.code]));
          stream.end((error) => log.push(['end', error.code]));
          stream.on('error', (error) => log.push(['error', error.code, error.syscall]));
          await new Promise((resolve) => stream.on('close', resolve));
        }
        console.log(JSON.stringify(log));
      };
      start();
    },
    { command: asNobody },
  );
  assert.strictEqual(code, 0, stderr);
  const perStream = (call) => [
    ['cb', 'EAGAIN'],
    ['end', 'EAGAIN'],
    ['error', 'EAGAIN', call],
  ];
  assert.deepStrictEqual(JSON.parse(stdout), [...perStream('open'), ...perStream('write')], stderr);
});
