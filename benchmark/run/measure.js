'use strict';

/** Runs one workload through one peer in a process of its own, and gives back its figures. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const SCRIPT = path.join(__dirname, 'child.js');

/** `run` is what child.js takes. Rejects if the child fails; its stderr is ours, its stdout `output`. */
async function measure(peer, run, node, output) {
  const [file, ...args] = peer.command?.(node, SCRIPT, run) ?? [node, '--expose-gc', SCRIPT];
  const message = JSON.stringify({ ...run, peer: peer.name });
  const stdout = output === undefined ? 'ignore' : fs.openSync(output, 'w');
  const stdio = ['ignore', stdout, 'inherit', 'pipe'];
  const child = spawn(file, [...args, message], { stdio });
  if (output !== undefined) fs.closeSync(stdout);
  const stop = () => child.kill('SIGKILL');
  // Before the listener that removes the folder, or the child would go on filling it.
  process.prependOnceListener('exit', stop);
  try {
    const [result, [code, signal]] = await Promise.all([
      text(child.stdio[3]),
      once(child, 'close'),
    ]);
    if (code !== 0 || result === '') {
      const error = new Error(`the process ended with ${signal ?? code} and no result`);
      throw Object.assign(error, { isCrash: signal !== null });
    }
    return JSON.parse(result);
  } finally {
    process.off('exit', stop);
  }
}

module.exports = { measure };
