'use strict';

/**
 * Where the bytes of a run go, and whether they arrived. By the name in a workload's `sink`:
 *
 * - 'files': regular files in the run's folder; 'rotated': one file in parts;
 * - 'tcp', 'unix': a receiver in a process of its own, which reads and discards;
 * - 'echo': as 'tcp', and it sends back what it read;
 * - 'fifo': a named pipe with a reader that pauses for `pauseMs` after each 64 KiB at most;
 * - 'clients': the run starts who receives, and has what they report among its figures;
 * - 'none': nowhere, or to a place that the drive itself checks;
 * - all others: servers.js, which is loaded for them alone.
 *
 * An open sink has `target`, which the peer gets, `finish(expected, result)`, which checks what arrived,
 * and `stop()`.
 */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { checkFiles, checkParts, checkReports } = require('../check/checksum.js');
const { Partner } = require('./partner.js');

const here = (finish) => ({ target: undefined, finish, stop() {} });

const OPENERS = {
  files: (_workload, folder) => here((expected) => checkFiles(folder, expected)),
  rotated: ({ partBytes }, folder) => here((expected) => checkParts(folder, expected, partBytes)),
  none: () => here(() => {}),
  clients: () => here((expected, { reports }) => checkReports(reports, expected)),
  tcp: () => received(Partner.receiver('tcp', 'discard')),
  echo: () => received(Partner.receiver('tcp', 'echo')),
  unix: (_workload, folder) => received(Partner.receiver('unix', path.join(folder, 'socket'))),
  fifo: openFifo,
};

async function openSink(workload, folder) {
  const open = OPENERS[workload.sink] ?? require('./servers.js')[workload.sink];
  return open(workload, folder);
}

async function received(receiver) {
  return {
    target: await receiver.listening,
    async finish(expected) {
      // Those of the warm-up came first.
      checkReports((await receiver.end()).slice(-expected.digests.length), expected);
    },
    stop: receiver.stop,
  };
}

/** The peer gets no target but a path in the run's folder, as for a file. */
async function openFifo({ pauseMs = 0 }, folder) {
  const fifo = path.join(folder, '0.out');
  execFileSync('mkfifo', [fifo]);
  return { ...(await received(Partner.receiver('fifo', fifo, pauseMs))), target: undefined };
}

module.exports = { openSink };
