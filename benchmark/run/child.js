'use strict';

/**
 * The child process: writes one workload through one peer, and prints what it cost as one line of
 * JSON on stdout. It never checks what it wrote; the parent does, outside of the time.
 *
 *     node --expose-gc benchmark/run/child.js '{"peer":"fs","workload":"lines","folder":"/some/folder"}'
 *
 * More members: `files` and `writes` (the size of this run), `warmBytes` (for how many the page cache
 * is to have memory at hand), `source` (the file of all chunks), `target` (`{ port }` or `{ path }` of a
 * receiver, for sockets), `progress: true` (a line with the number of chunks so far, ten times a second).
 */

const fs = require('node:fs');
const path = require('node:path');
const { Gauges } = require('./gauges.js');
const { findPeer } = require('../peers/index.js');
const { emptyFiles, warmPageCache } = require('./scratch.js');
const { findWorkload, scaled } = require('../workloads/index.js');

/** How long a peer warms up at least. */
const WARM_UP_MS = 500;

const run = JSON.parse(process.argv[2]);
const peer = findPeer(run.peer);
const workload = { ...findWorkload(run.workload), files: run.files, writes: run.writes };
let chunksTaken = 0;

/**
 * The last stream. V8 throws away what it compiled for a kind of object when the last one of the kind is
 * collected, so that it would compile a peer again in the time that counts.
 */
const kept = { stream: null };

const chunk = run.progress ? counted(workload.makeChunk()) : workload.makeChunk();

warmUp(measure);

/** The same code at a tenth of the size, so often that no peer is still being compiled when timed. */
function warmUp(afterAll, startMs = performance.now()) {
  const folder = fs.mkdtempSync(path.join(run.folder, 'warm-up-'));
  drive(folder, scaled(workload, 0.1), () => {
    emptyFiles(folder);
    globalThis.gc?.();
    if (performance.now() - startMs < WARM_UP_MS) warmUp(afterAll, startMs);
    else afterAll();
  });
}

function measure() {
  if (run.warmBytes > 0) warmPageCache(run.folder, run.warmBytes);
  const progress = run.progress && setInterval(() => send({ progress: chunksTaken }), 100);
  const gauges = new Gauges();
  gauges.start(() => {
    const driverWrites = peer.countWrites?.();
    drive(run.folder, workload, (details) => {
      gauges.stop((figures) => {
        clearInterval(progress);
        send({ ...figures, ...driverFigures(driverWrites), ...details?.(), runtime: runtime() });
      });
    });
  });
}

function drive(folder, { files, writes }, afterAll) {
  const open = opener(folder);
  workload.drive(open, { files, writes, chunk, source: run.source }, afterAll);
}

function opener(folder) {
  const { options, content, kind } = workload;
  const create = (file) =>
    kind === 'socket'
      ? peer.connect({ ...run.target, ...options })
      : peer.createWriteStream(path.join(folder, `${file}.out`), options, content);
  return (file) => {
    kept.stream = create(file);
    return kept.stream;
  };
}

/** What the driver counted in the timed part, and since the process began. */
function driverFigures(before) {
  if (before === undefined) {
    return {};
  }
  const driverWritesInAll = peer.countWrites();
  return { driverWrites: driverWritesInAll - before, driverWritesInAll };
}

function runtime() {
  return process.versions.bun ? `bun ${process.versions.bun}` : `node ${process.version}`;
}

function counted(inner) {
  return (i) => {
    chunksTaken = i;
    return inner(i);
  };
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
