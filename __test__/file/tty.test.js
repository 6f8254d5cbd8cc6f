'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { oracle, subject } = require('../harness/subject');

const PTY = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

function findPython() {
  const { status } = spawnSync('python3', ['-c', 'import pty']);
  return status === 0;
}

const NO_PTY = findPython() ? false : 'needs python3 to open a pseudo terminal';

function ptyCommand(source) {
  return ['python3', '-c', PTY, process.execPath, '-e', source];
}

async function inTerminal(api, body) {
  const { code, stdout } = await runInChild(api, body, { command: ptyCommand });
  return { code, stdout };
}

function terminalParity(name, body) {
  test(name, { skip: NO_PTY }, async () => {
    const expected = await inTerminal(oracle, body);
    assert.notStrictEqual(expected.stdout, '');
    assert.deepStrictEqual(await inTerminal(subject, body), expected);
  });
}

terminalParity('a tty by number', ({ createWriteStream }) => {
  const stream = createWriteStream('', { fd: 1, autoClose: false });
  for (let i = 0; i < 50; i++) stream.write(`line ${i} żółć\n`);
  stream.end(() => console.error(stream.bytesWritten, require('node:tty').isatty(1)));
});

terminalParity('a tty by path', ({ createWriteStream }) => {
  const stream = createWriteStream('/dev/tty');
  stream.write(Buffer.from('bytes\n'));
  stream.end('text\n');
  stream.on('close', () => console.log('closed', stream.bytesWritten));
});

terminalParity('a tty gets more than it holds', ({ createWriteStream }) => {
  const stream = createWriteStream('/dev/tty');
  for (let i = 0; i < 4000; i++) stream.write(`${i} ${'='.repeat(60)}\n`);
  stream.end();
  stream.on('close', () => console.log('closed', stream.bytesWritten));
});
