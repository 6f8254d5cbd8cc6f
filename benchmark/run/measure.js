'use strict';

/** Runs one workload through one peer in a process of its own, and gives back its figures. */

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

const SCRIPT = path.join(__dirname, 'child.js');

/**
 * `run` is what `run/child.js` takes, with `files` and `writes` filled in; `onProgress` gets chunk
 * numbers. Rejects if the child fails; its stderr is ours.
 */
async function measure(peer, run, { node = process.execPath, onProgress } = {}) {
  const [file, ...args] = peer.command?.(node, SCRIPT) ?? [node, '--expose-gc', SCRIPT];
  const message = JSON.stringify({ ...run, peer: peer.name, progress: onProgress !== undefined });
  const child = spawn(file, [...args, message], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGKILL');
  // Before the listener that removes the folder, or the child would go on filling it.
  process.prependOnceListener('exit', stop);
  try {
    return await readResult(child, `${run.workload} with ${peer.name}`, onProgress);
  } finally {
    process.off('exit', stop);
  }
}

function readResult(child, what, onProgress) {
  return new Promise((resolve, reject) => {
    let result;
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.progress === undefined) {
        result = message;
      } else {
        onProgress(message.progress);
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && result !== undefined) {
        resolve(result);
      } else {
        reject(new Error(`${what}: the process ended with ${signal ?? code} and no result`));
      }
    });
  });
}

module.exports = { measure };
