'use strict';

/**
 * The child process: writes one workload through one peer, and prints what it cost as one line of
 * JSON on descriptor 3. It never checks what it wrote; the parent does, after the time.
 *
 *     node --expose-gc benchmark/run/child.js '{"peer":"fs","workload":"lines","folder":"/some/folder",
 *       "files":1,"writes":1000,"warmUpMs":500,"warmBytes":0}' 3>&1
 *
 * `warmUpMs` is 0 for a fresh run; `warmBytes` is how much memory the page cache is to have at hand.
 * More members: `source` (the file of all chunks), `target` (`{ port }` or `{ path }` of a receiver, for
 * sockets and servers).
 */

const fs = require('node:fs');
const path = require('node:path');
const { Gauges } = require('./gauges.js');
const { findPeer } = require('../peers/index.js');
const { emptyFiles, warmPageCache } = require('./scratch.js');
const { findWorkload, scaled } = require('../workloads/index.js');

const WARM_UP_FACTOR = 0.1;
const RESULT_FD = 3;

const run = JSON.parse(process.argv[2]);
const workload = { ...findWorkload(run.workload), files: run.files, writes: run.writes };
const peer = findPeer(run.peer, workload);

/**
 * The last stream. V8 throws away what it compiled for a kind of object when the last one of the kind is
 * collected, so that it would compile a peer again in the time that counts.
 */
const kept = { stream: null };

const chunk = workload.makeChunk();

peer.load?.();
if (run.warmUpMs > 0) warmUp(measure);
else measure();

/** The same code at a tenth of the size, so often that no peer is still being compiled when timed. */
function warmUp(afterAll, startMs = performance.now()) {
  const folder = fs.mkdtempSync(path.join(run.folder, 'warm-up-'));
  drive(folder, scaled(workload, WARM_UP_FACTOR), () => {
    emptyFiles(folder);
    globalThis.gc?.();
    if (performance.now() - startMs < run.warmUpMs) warmUp(afterAll, startMs);
    else afterAll();
  });
}

function measure() {
  if (run.warmBytes > 0) warmPageCache(run.folder, run.warmBytes);
  const gauges = new Gauges();
  gauges.start(() => {
    drive(run.folder, workload, (details) => {
      gauges.stop((figures) => {
        const { bun, node } = process.versions;
        const runtime = bun ? `bun ${bun}` : `node v${node}`;
        fs.writeSync(RESULT_FD, `${JSON.stringify({ ...figures, ...details?.(), runtime })}\n`);
      });
    });
  });
}

function drive(folder, { files, writes }, afterAll) {
  const { options, content } = workload;
  const open = (file, target = run.target) => {
    kept.stream =
      target !== undefined
        ? peer.connect({ ...target, ...options })
        : peer.createWriteStream(path.join(folder, `${file}.out`), options, content);
    return kept.stream;
  };
  workload.drive(open, { files, writes, chunk, peer, source: run.source }, afterAll);
}
