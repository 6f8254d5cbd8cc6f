'use strict';

// A socket made from a descriptor that a child inherits. For `stdio: 'pipe'` Node makes a pair of
// unix sockets.

const assert = require('node:assert');
const fs = require('node:fs');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { parity } = require('../harness/sockets');
const { oracle, subject } = require('../harness/subject');

const skip = process.platform === 'win32' ? 'descriptors are no sockets on Windows' : false;

/** Runs `body` with the end of a pipe as stdout, which is what `sh` makes. */
function intoPipe(source) {
  return ['sh', '-c', '"$0" -e "$1" | cat', process.execPath, source];
}

parityInChild(
  'fd of a unix socket pair',
  ({ Socket }) => {
    const { spawn } = require('node:child_process');
    const source = `
    const { Socket } = require(process.env.SUBJECT_MODULE);
    const socket = new Socket({ fd: 3 });
    console.log(socket.pending, socket.connecting, socket.readyState, socket.remoteAddress);
    socket.on('data', (part) => {
      console.log('data ' + part);
      socket.write('answer', (error) => console.log('cb', error));
      socket.end('the end');
    });
    for (const event of ['finish', 'end', 'close']) socket.on(event, () => console.log(event));
  `;
    const child = spawn(process.execPath, ['-e', source], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    let text = '';
    child.stdio[3].on('data', (part) => {
      text += part;
    });
    child.stdio[3].write('question');
    child.on('close', (code) => console.log(code, text, typeof Socket));
  },
  { skip, sockets: true },
);

test('fd of a pipe, for writing alone', { skip }, async () => {
  for (const api of [oracle, subject]) {
    const { stdout, code } = await runInChild(
      api,
      ({ Socket }) => {
        const socket = new Socket({ fd: 1, readable: false, writable: true });
        for (let i = 0; i < 3000; i++) socket.write(`line ${i}\n`);
        socket.end('the end\n');
      },
      { sockets: true, command: intoPipe },
    );
    const lines = Array.from({ length: 3000 }, (_unused, i) => `line ${i}\n`);
    assert.deepStrictEqual({ stdout, code }, { stdout: `${lines.join('')}the end\n`, code: 0 });
  }
});

parity(
  'fd of a file is refused',
  async (world) => {
    const fd = fs.openSync(world.file(), 'w');
    world.attempt('new Socket', () => world.socket({ fd }) !== undefined);
    fs.closeSync(fd);
  },
  { skip },
);
