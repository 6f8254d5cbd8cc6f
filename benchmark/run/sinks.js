'use strict';

/**
 * Where the bytes of a run go, and whether they arrived. By the name in a workload's `sink`:
 *
 * - 'files': regular files in the run's folder;
 * - 'tcp', 'unix': a receiver in a process of its own, which reads and discards;
 * - 'echo': as 'tcp', and it sends back what it read;
 * - 'fifo': a named pipe with a reader that pauses for `pauseMs` after each 64 KiB at most.
 *
 * An open sink has `target`, which the peer gets, `finish(expected)`, which checks what arrived, and
 * `stop()`.
 */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { checkFiles, checkReports } = require('../check/checksum.js');
const { compiled } = require('../native/index.js');
const { Partner } = require('./partner.js');

const OPENERS = {
  files: async (_workload, folder) => new FileSink(folder),
  tcp: () => startReceiver('tcp', 'discard'),
  echo: () => startReceiver('tcp', 'echo'),
  unix: (_workload, folder) => startReceiver('unix', path.join(folder, 'socket')),
  fifo: openFifo,
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

async function startReceiver(...words) {
  return new ReceiverSink(await Partner.start(compiled('receiver'), words));
}

async function openFifo({ pauseMs }, folder) {
  const fifo = path.join(folder, '0.out');
  execFileSync('mkfifo', [fifo]);
  const sink = await startReceiver('fifo', fifo, String(pauseMs));
  // A path of the run's folder, as for a file: the peer need not know.
  sink.target = undefined;
  return sink;
}

/** A process that receives, and says of each connection what came through it. */
class ReceiverSink {
  #partner;

  constructor(partner) {
    this.#partner = partner;
    this.target = partner.target;
  }

  async finish(expected) {
    const reports = await this.#partner.finish();
    const failed = reports.find(({ error }) => error !== undefined);
    if (failed !== undefined) {
      throw new Error(`the receiver failed: ${failed.error}`);
    }
    // Those of the warm-up came first. Connections are accepted in any order.
    checkReports(reports.slice(-expected.digests.length), expected);
  }

  stop() {
    this.#partner.stop();
  }
}

module.exports = { openSink };
