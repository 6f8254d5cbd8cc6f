'use strict';

/**
 * Where the bytes of a run go, and whether they arrived. By the name in a workload's `sink`:
 *
 * - 'files': regular files in the run's folder;
 * - 'tcp', 'unix': a receiver in a process of its own, which reads and discards;
 * - 'echo': as 'tcp', and it sends back what it read;
 * - 'none': nowhere, or to a place that the drive itself checks;
 * - 'fifo': a named pipe with a reader that pauses for `pauseMs` after each 64 KiB at most;
 * - 'compressed', 's3', 'postgres', 'redis', 'nats': see servers.js, which is loaded for them alone.
 *
 * An open sink has `target`, which the peer gets, `finish(expected)`, which checks what arrived, and
 * `stop()`.
 */

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');
const { checkFiles, checkReports } = require('../check/checksum.js');
const { compiled } = require('../native/index.js');

const OPENERS = {
  files: async (_workload, folder) => new FileSink(folder),
  none: () => ({ target: undefined, finish() {}, stop() {} }),
  tcp: () => ReceiverSink.start('tcp', 'discard'),
  echo: () => ReceiverSink.start('tcp', 'echo'),
  unix: (_workload, folder) => ReceiverSink.start('unix', path.join(folder, 'socket')),
  fifo: openFifo,
  compressed: (...run) => require('./servers.js').compressed(...run),
  s3: (...run) => require('./servers.js').s3(...run),
  postgres: (...run) => require('./servers.js').postgres(...run),
  redis: (...run) => require('./servers.js').redis(...run),
  nats: (...run) => require('./servers.js').nats(...run),
};

function openSink(workload, folder) {
  return OPENERS[workload.sink](workload, folder);
}

class FileSink {
  target = undefined;

  constructor(folder) {
    this.folder = folder;
  }

  finish(expected) {
    checkFiles(this.folder, expected);
  }

  stop() {}
}

/** The peer gets no target but a path in the run's folder, as for a file. */
async function openFifo({ pauseMs }, folder) {
  const fifo = path.join(folder, '0.out');
  execFileSync('mkfifo', [fifo]);
  const sink = await ReceiverSink.start('fifo', fifo, String(pauseMs));
  sink.target = undefined;
  return sink;
}

/**
 * A process that receives. It says on its first line of stdout, as JSON, where it listens; every further
 * one is a report of what came through a connection. It ends by itself, or when its stdin does.
 */
class ReceiverSink {
  #child;
  #ended;
  #reports = [];

  static async start(...words) {
    const sink = new ReceiverSink(words);
    sink.target = await sink.#firstLine();
    return sink;
  }

  constructor(words) {
    this.#child = spawn(compiled('receiver'), words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => {}); // 'close' comes, too.
    this.#ended = once(this.#child, 'close');
    process.prependOnceListener('exit', this.stop);
  }

  async #firstLine() {
    const lines = readline.createInterface({ input: this.#child.stdout });
    const failed = this.#ended.then(() => Promise.reject(new Error('the receiver did not start')));
    const [line] = await Promise.race([once(lines, 'line'), failed]);
    lines.on('line', (report) => this.#reports.push(JSON.parse(report)));
    return JSON.parse(line);
  }

  async finish(expected) {
    this.#child.stdin.end();
    await this.#ended;
    const failed = this.#reports.find(({ error }) => error !== undefined);
    if (failed !== undefined) {
      throw new Error(`the receiver failed: ${failed.error}`);
    }
    // Those of the warm-up came first.
    checkReports(this.#reports.slice(-expected.digests.length), expected);
  }

  stop = () => {
    this.#child.kill('SIGKILL');
    process.off('exit', this.stop);
  };
}

module.exports = { openSink };
