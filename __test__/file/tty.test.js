'use strict';

const { spawnSync } = require('node:child_process');
const { parityInChild } = require('../harness/child');

/**
 * Runs a command in a terminal and copies what it prints. The other end stays open until a mark behind all of it is
 * read: what a terminal still holds when its last user goes may be lost.
 */
const PTY = `
import fcntl, os, subprocess, sys, termios, threading
master, slave = os.openpty()
def begin():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=begin)
def copy():
    text = b''
    while not text.endswith(b'\\0'):
        text += os.read(master, 65536)
    os.write(1, text[:-1])
reader = threading.Thread(target=copy)
reader.start()
code = child.wait()
os.write(slave, b'\\0')
reader.join()
sys.exit(code)
`;

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
