'use strict';

/** The process at the other end of sockets and pipes, so that what it costs is not counted. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');
const { compiled } = require('../native/index.js');

/** Each line of its stdout is JSON. It ends by itself, or when its stdin does. */
class Partner {
  /** What it has printed. */
  reports = [];
  #child;

  /** native/receiver.rs with these arguments. */
  static receiver(...args) {
    return new Partner(compiled('receiver'), args);
  }

  /** run/NAME.js with these arguments. */
  static script(name, ...args) {
    return new Partner(process.execPath, [path.join(__dirname, `${name}.js`), ...args]);
  }

  constructor(file, args) {
    this.#child = spawn(file, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => {}); // 'close' comes, too.
    this.#child.stdin.on('error', () => {}); // It may have ended.
    this.#child.on('close', () => process.off('exit', this.stop));
    const lines = readline.createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => this.reports.push(JSON.parse(line)));
    const ended = once(this.#child, 'close').then(() => this.reports);
    /** Resolves with all reports. */
    this.ended = ended;
    const failed = ended.then(() => Promise.reject(new Error(`${file} did not start`)));
    /** Resolves with the first report: where it listens. */
    this.listening = Promise.race([once(lines, 'line'), failed]).then(() => this.reports[0]);
    this.listening.catch(() => {}); // Not all listen.
    failed.catch(() => {});
    process.prependOnceListener('exit', this.stop);
  }

  /** Asks it to end. */
  end() {
    this.#child.stdin.end();
    return this.ended;
  }

  stop = () => {
    this.#child.kill('SIGKILL');
    process.off('exit', this.stop);
  };
}

module.exports = { Partner };
