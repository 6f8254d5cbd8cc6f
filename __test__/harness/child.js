'use strict';

// Scenarios about the life of a process run in a child. The body is a function that sees nothing of
// the test's scope: it gets the module under test and a folder.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { test } = require('node:test');
const { makeFolder, readFolder, removeFolder } = require('./folder');
const { rounds } = require('./scale');
const { isSelfTest, oracle, subject } = require('./subject');

/** A child that takes longer has hung. Ten times the rounds may take ten times as long. */
const LIMIT_MS = rounds(60_000, 600_000);

/**
 * Runs `body(api, dir)` in a child of each side; exit code, stdout and files must be the same.
 *
 * options.sockets - `api` is `net` on Node's side, not `fs`.
 * options.onConnection(socket) - `body(api, dir, port, server)` runs when a server in the child
 *   listens on 127.0.0.1, and calls this for each connection. The server is unref'd.
 * options.command(source) - the command line that runs the source, if it is not just Node.
 */
function parityInChild(name, body, options = {}) {
  const { differs = (expected) => expected, skip, ...others } = options;
  test(name, { skip }, async () => {
    const expected = await runInChild(oracle, body, others);
    const isSilent = expected.stdout === '' && Object.keys(expected.files).length === 0;
    assert.ok(!isSilent, `the scenario must print something or leave a file: ${expected.stderr}`);
    const actual = await runInChild(subject, body, others);
    assert.deepStrictEqual(
      withoutStderr(actual),
      isSelfTest ? withoutStderr(expected) : differs(withoutStderr(expected)),
      actual.stderr,
    );
  });
}

/** Runs `body` once, in a child of the given side. */
async function runInChild(api, body, options = {}) {
  const {
    command = nodeCommand,
    env = {},
    onConnection,
    sockets = onConnection !== undefined,
  } = options;
  const module = sockets ? api.netModule : api.module;
  const dir = makeFolder();
  const start = `(${body})(require(process.env.SUBJECT_MODULE), ${JSON.stringify(dir)}`;
  const source = onConnection ? serving(onConnection, `${start}, port, server)`) : `${start})`;
  try {
    const [file, ...args] = command(source);
    const child = spawn(file, args, {
      env: { ...process.env, ...env, SUBJECT_MODULE: module },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const result = await outcomeOf(child);
    const stdout = result.stdout.replaceAll(dir, '<dir>');
    return { ...result, stdout, files: readFolder(dir) };
  } finally {
    removeFolder(dir);
  }
}

function serving(onConnection, action) {
  return `
    const server = require('node:net').createServer(${onConnection});
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.unref();
      ${action};
    });
  `;
}

function nodeCommand(source) {
  return [process.execPath, '-e', source];
}

/** How a child ends, and what it prints. */
function outcomeOf(child) {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

function withoutStderr({ stderr: _stderr, ...rest }) {
  return rest;
}

module.exports = { outcomeOf, parityInChild, runInChild };
