'use strict';

// A third-party server, started for one test file and stopped after it.

const { execFileSync, spawn } = require('node:child_process');
const { randomInt } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const READY_LIMIT_MS = 120_000;
/** Below 32768, from where Linux takes ports for outgoing connections; other systems begin higher. */
const LOWEST_PORT = 10_000;
const PORTS = 20_000;
const PORT_ATTEMPTS = 100;

/** The file of a command, in PATH or in `folders`; undefined where it is not installed. */
function find(command, folders = []) {
  const all = [...folders, ...process.env.PATH.split(path.delimiter)];
  return all.map((folder) => path.join(folder, command)).find(isExecutable);
}

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `{ uid, gid }` of a user for a server that refuses to run as root; empty if we are not root. */
function lesserUser(...names) {
  if (process.getuid?.() !== 0) return {};
  for (const name of names) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name])));
      return { uid, gid };
    } catch {
      // There is no such user: try the next.
    }
  }
  throw new Error(`none of the users ${names.join(', ')} exists`);
}

/**
 * A port that is free now, for servers that cannot choose one. No system gives it to an outgoing connection,
 * so none takes it before the server does, or while the server is away.
 */
async function freePort() {
  for (let attempt = 1; ; attempt++) {
    const port = LOWEST_PORT + randomInt(PORTS);
    const server = net.createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

class Daemon {
  /** Everything it has printed. */
  output = '';
  #child;
  #exit;

  /** Starts `file`, and resolves when it has printed what `ready` matches. */
  static async start(file, args, { ready, ...options }) {
    const daemon = new Daemon(file, args, options);
    await daemon.#printed(ready);
    return daemon;
  }

  constructor(file, args, options) {
    this.#child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = new Promise((resolve) => {
      this.#child.on('close', resolve);
      this.#child.on('error', resolve);
    });
  }

  /** Resolves with the exit code when the server ends by itself. */
  ended() {
    return this.#exit;
  }

  async stop(signal = 'SIGTERM') {
    if (this.#child.exitCode === null) this.#child.kill(signal);
    await this.#exit;
  }

  #printed(ready) {
    return new Promise((resolve, reject) => {
      const fail = () => {
        this.#child.kill('SIGKILL');
        reject(new Error(`${this.#child.spawnfile} did not come up:\n${this.output}`));
      };
      const timer = setTimeout(fail, READY_LIMIT_MS);
      const look = (part) => {
        this.output += part;
        if (!ready.test(this.output)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#child.stdout.setEncoding('utf8').on('data', look);
      this.#child.stderr.setEncoding('utf8').on('data', look);
      this.#child.once('close', fail);
    });
  }
}

module.exports = { Daemon, find, freePort, lesserUser };
