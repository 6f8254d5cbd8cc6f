'use strict';

/**
 * Where the bytes of a run go, and whether they arrived. By the name in a workload's `sink`:
 *
 * - 'files': regular files in the run's folder;
 * - 'tcp', 'unix': a receiver in a process of its own, which reads and discards;
 * - 'echo': as 'tcp', and it sends back what it read;
 * - 'fifo': a named pipe with a reader that pauses for `pauseMs` after each 64 KiB at most;
 * - 'watched': a regular file that another process looks at all the time.
 *
 * An open sink has `target`, which the peer gets, `finish(result)`, which checks what arrived and
 * gives the result back with what the sink knows of it, and `stop()`.
 */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { checkFiles, checkReports } = require('../check/checksum.js');
const { compiled } = require('../native/index.js');
const { Partner } = require('./partner.js');
const { percentiles } = require('./statistics.js');

const OPENERS = {
  files: async (_workload, folder) => new FileSink(folder),
  tcp: () => startReceiver('tcp', 'discard'),
  echo: () => startReceiver('tcp', 'echo'),
  unix: (_workload, folder) => startReceiver('unix', path.join(folder, 'socket')),
  fifo: openFifo,
  watched: openWatched,
};

function openSink(workload, folder) {
  return OPENERS[workload.sink](workload, folder);
}

class FileSink {
  target = undefined;

  constructor(folder) {
    this.folder = folder;
  }

  async finish(result, expected) {
    checkFiles(this.folder, expected);
    return result;
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

  async finish(result, expected) {
    const reports = await this.#partner.finish();
    const failed = reports.find(({ error }) => error !== undefined);
    if (failed !== undefined) {
      throw new Error(`the receiver failed: ${failed.error}`);
    }
    // Those of the warm-up came first. Connections are accepted in any order.
    checkReports(reports.slice(-expected.digests.length), expected);
    return result;
  }

  stop() {
    this.#partner.stop();
  }
}

async function openWatched({ writes, makeChunk }, folder) {
  const lineBytes = Buffer.byteLength(makeChunk()(0));
  const script = path.join(__dirname, 'watcher.js');
  const args = [script, path.join(folder, '0.out'), String(writes), String(lineBytes)];
  return new WatchedSink(folder, await Partner.start(process.execPath, args));
}

/** A file, and a process that noted when it saw which line in it. */
class WatchedSink extends FileSink {
  #partner;

  constructor(folder, partner) {
    super(folder);
    this.#partner = partner;
  }

  async finish({ writtenAtUs, ...result }, expected) {
    await super.finish(result, expected);
    const [seenAtUs] = await this.#partner.finish();
    const latencies = seenAtUs.map((seen, line) => seen - writtenAtUs[line]);
    return { ...result, latencyUs: percentiles(latencies) };
  }

  stop() {
    this.#partner.stop();
  }
}

module.exports = { openSink };
