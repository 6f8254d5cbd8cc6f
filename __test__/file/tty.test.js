'use strict';

const { spawnSync } = require('node:child_process');
const { parityInChild } = require('../harness/child');

const PTY = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

function findPython() {
  const { status } = spawnSync('python3', ['-c', 'import pty']);
  return status === 0;
}

const NO_PTY = findPython() ? false : 'needs python3 to open a pseudo terminal';

function ptyCommand(source) {
  return ['python3', '-c', PTY, process.execPath, '-e', source];
}

const options = { skip: NO_PTY, command: ptyCommand };

parityInChild(
  'a tty by number',
  ({ createWriteStream }) => {
    const stream = createWriteStream('', { fd: 1, autoClose: false });
    for (let i = 0; i < 50; i++) stream.write(`line ${i} żółć\n`);
    stream.end(() => console.error(stream.bytesWritten, require('node:tty').isatty(1)));
  },
  options,
);

parityInChild(
  'a tty by path',
  ({ createWriteStream }) => {
    const stream = createWriteStream('/dev/tty');
    stream.write(Buffer.from('bytes\n'));
    stream.end('text\n');
    stream.on('close', () => console.log('closed', stream.bytesWritten));
  },
  options,
);

parityInChild(
  'a tty gets more than it holds',
  ({ createWriteStream }) => {
    const stream = createWriteStream('/dev/tty');
    for (let i = 0; i < 4000; i++) stream.write(`${i} ${'='.repeat(60)}\n`);
    stream.end();
    stream.on('close', () => console.log('closed', stream.bytesWritten));
  },
  options,
);
