'use strict';

/** A process at the other end of a run: it receives or watches what the measured one writes. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const readline = require('node:readline');

/**
 * It says on its first line of stdout, as JSON, that it is ready and where it is; every further one
 * is a report. It ends by itself, or when its stdin does.
 */
class Partner {
  #child;
  #reports = [];
  #ended;

  /** What the partner said on its first line. */
  target;

  static async start(file, args) {
    const partner = new Partner(file, args);
    partner.target = await partner.#firstLine();
    return partner;
  }

  constructor(file, args) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => {}); // It is told by `close`, too.
    this.#ended = once(this.#child, 'close');
    process.prependOnceListener('exit', this.stop);
  }

  async #firstLine() {
    const lines = readline.createInterface({ input: this.#child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      this.#ended.then(() => Promise.reject(new Error(`${this.#child.spawnfile} did not start`))),
    ]);
    lines.on('line', (report) => this.#reports.push(JSON.parse(report)));
    return JSON.parse(line);
  }

  /** All reports, once it has ended. */
  async finish() {
    this.#child.stdin.end();
    await this.#ended;
    this.stop();
    return this.#reports;
  }

  stop = () => {
    this.#child.kill('SIGKILL');
    process.off('exit', this.stop);
  };
}

module.exports = { Partner };
