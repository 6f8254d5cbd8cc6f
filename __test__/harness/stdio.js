'use strict';

// A program whose standard streams are pipes, or one file, or one pipe: with plain Node, and with
// RUSHWRITE_STDIO=1 and register.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { outcomeOf } = require('./child');
const { makeFolder, removeFolder } = require('./folder');

const register = path.join(__dirname, '..', '..', 'register.js');
const root = path.join(__dirname, '..', '..');

const skip = process.platform === 'win32' && 'there is no sh';

const SIDES = {
  node: [],
  ours: ['-r', register],
};

/** A program finds packages from the root. */
function optionsOf(dir) {
  const env = { ...process.env, DIR: dir, RUSHWRITE_STDIO: '1', REGISTER: register, ROOT: root };
  return { env, cwd: root, timeout: 30_000, killSignal: 'SIGKILL' };
}

/** How the standard streams are wired: what a program prints, and how it ends. */
const WIRINGS = {
  /** Two pipes of this process, which are sockets. */
  async 'two sockets'(args, dir) {
    const stdio = ['ignore', 'pipe', 'pipe'];
    return outcomeOf(spawn(process.execPath, args, { ...optionsOf(dir), stdio }));
  },

  async 'one file'(args, dir) {
    const file = path.join(dir, 'output');
    const fd = fs.openSync(file, 'a');
    const stdio = ['ignore', fd, fd];
    const child = spawn(process.execPath, args, { ...optionsOf(dir), stdio });
    const [code, signal] = await once(child, 'close');
    fs.closeSync(fd);
    return { code, signal, output: fs.readFileSync(file, 'utf8') };
  },

  async 'one pipe'(args, dir) {
    const command = '{ "$0" "$@" 2>&1; echo "exit $?"; } | cat';
    const child = spawn('sh', ['-c', command, process.execPath, ...args], {
      ...optionsOf(dir),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return outcomeOf(child);
  },
};

/** Runs `body` in a child of one side. */
async function runWired(side, wiring, body) {
  const dir = makeFolder();
  try {
    const args = [...SIDES[side], '-e', `(${body})()`];
    const outcome = await WIRINGS[wiring](args, dir);
    const text = JSON.stringify(outcome).replaceAll(dir, '<dir>');
    return JSON.parse(text.replace(/\(node:\d+\)/g, '(node)'));
  } finally {
    removeFolder(dir);
  }
}

/** Registers a test for each wiring: output, exit code and signal must be the same. */
function parityWired(name, body) {
  // A method of an object, as a function.
  const source = `${body}`;
  const kind = source.startsWith('async ') ? 'async function' : 'function';
  const program = `${kind} ${source.slice(source.indexOf('('))}`;
  for (const wiring of Object.keys(WIRINGS)) {
    test(`${name}: ${wiring}`, { skip }, async () => {
      const expected = await runWired('node', wiring, program);
      const printed = [expected.stdout, expected.stderr, expected.output].join('');
      assert.notStrictEqual(printed.trim(), '', 'the program must print something');
      assert.deepStrictEqual(await runWired('ours', wiring, program), expected);
    });
  }
}

module.exports = { WIRINGS: Object.keys(WIRINGS), parityWired, runWired, skip };
