'use strict';

/** Runs one workload through one peer in a process of its own, and gives back its figures. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const SCRIPT = path.join(__dirname, 'child.js');

/** `run` is what child.js takes. Rejects if the child fails; its stderr is ours. */
async function measure(peer, run, node) {
  const [file, ...args] = peer.command?.(node, SCRIPT) ?? [node, '--expose-gc', SCRIPT];
  const message = JSON.stringify({ ...run, peer: peer.name });
  const child = spawn(file, [...args, message], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGKILL');
  // Before the listener that removes the folder, or the child would go on filling it.
  process.prependOnceListener('exit', stop);
  try {
    const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    if (code !== 0 || output === '') {
      throw new Error(`the process ended with ${signal ?? code} and no result`);
    }
    return JSON.parse(output);
  } finally {
    process.off('exit', stop);
  }
}

module.exports = { measure };
