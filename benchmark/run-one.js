'use strict';

/**
 * The child process: writes one workload through one peer, and prints what it cost as one line of
 * JSON on stdout. It never checks what it wrote; the parent does, outside of the time.
 *
 *     node --expose-gc benchmark/run-one.js '{"peer":"fs","workload":"lines","folder":"/some/folder"}'
 *
 * More members: `files` and `writes` (the size of this run), `source` (the file of all chunks),
 * `progress: true` (a line with the number of chunks so far, ten times a second).
 */

const fs = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { findPeer } = require('./peers.js');
const { findWorkload, scaled } = require('./workloads/index.js');

/** What the delay monitor's own timer waits; it is taken off its figures. */
const RESOLUTION_MS = 1;
/** Long enough for the monitor to take its first sample, which it does not count. */
const SETTLE_MS = 5;

const run = JSON.parse(process.argv[2]);
const peer = findPeer(run.peer);
const workload = { ...findWorkload(run.workload), files: run.files, writes: run.writes };
let chunksTaken = 0;
const chunk = run.progress ? counted(workload.makeChunk()) : workload.makeChunk();

warmUp(measure);

/** The same code at a tenth of the size, so that no peer pays for compiling inside of the time. */
function warmUp(afterAll) {
  const folder = fs.mkdtempSync(path.join(run.folder, 'warm-up-'));
  drive(folder, scaled(workload, 0.1), () => {
    fs.rmSync(folder, { recursive: true });
    globalThis.gc?.();
    afterAll();
  });
}

function measure() {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  resetPeakRss();
  const progress = run.progress && setInterval(() => send({ progress: chunksTaken }), 100);
  setTimeout(() => {
    const cpu = process.cpuUsage();
    const startNs = process.hrtime.bigint();
    drive(run.folder, workload, () => {
      const elapsedNs = process.hrtime.bigint() - startNs;
      const used = process.cpuUsage(cpu);
      const peakRssBytes = readPeakRss();
      // The turn that just ended is sampled by the next timer only.
      setTimeout(() => {
        delay.disable();
        clearInterval(progress);
        report(Number(elapsedNs) / 1e9, used, peakRssBytes, delay);
      }, SETTLE_MS);
    });
  }, SETTLE_MS);
}

function drive(folder, { files, writes }, afterAll) {
  const open = (file) =>
    peer.createWriteStream(path.join(folder, `${file}.out`), workload.options, workload.content);
  workload.drive(open, { files, writes, chunk, source: run.source }, afterAll);
}

function report(seconds, cpu, peakRssBytes, delay) {
  send({
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    userSeconds: cpu.user / 1e6,
    systemSeconds: cpu.system / 1e6,
    peakRssBytes,
    loopDelayMs: {
      p50: delayMs(delay.percentile(50)),
      p99: delayMs(delay.percentile(99)),
      max: delayMs(delay.max),
    },
    runtime: process.versions.bun ? `bun ${process.versions.bun}` : `node ${process.version}`,
  });
}

function delayMs(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}

/**
 * Linux keeps the peak of this process image apart from the one that `resourceUsage()` gives, which
 * starts at the parent's size; and lets it be reset, so that the warm-up does not count.
 */
function readPeakRss() {
  try {
    const status = fs.readFileSync('/proc/self/status', 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function resetPeakRss() {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: the peak includes the warm-up, for each peer alike.
  }
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
