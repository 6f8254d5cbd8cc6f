'use strict';

/** Measures the rows of a plan, peers in turn, and checks every byte that they write. */

const fs = require('node:fs');
const path = require('node:path');
const { SingleBar, Presets } = require('cli-progress');
const { expectedOutput, writeSource } = require('../check/checksum.js');
const { measure } = require('./measure.js');
const { rowFigures } = require('./figures.js');
const { SPARE_BYTES, emptyFiles, settleDisk } = require('./scratch.js');
const { openSink } = require('./sinks.js');

/** How long a peer warms up at least before a steady run. */
const WARM_UP_MS = 500;
const QUICK_WARM_UP_MS = 20;
/** How often a run is made of which the process crashes. */
const TRIES = 3;
/** Sinks whose bytes go to the page cache. */
const TO_DISK = ['files', 'rotated'];

/**
 * `plan` is `{ workloads, peersOf(workload, phase), nodes, phases, pairs, isQuick, folder }`. Gives a row for
 * each workload, Node and phase, in the form of a record; `afterRow(rows)` gets those so far.
 */
async function measureAll(plan, afterRow = () => {}) {
  const bar = progressBar();
  bar.start(runCount(plan), 0, { what: '' });
  const rows = [];
  try {
    for (const workload of plan.workloads) {
      const data = await prepare(plan, workload);
      for (const [node, phase] of runsOf(plan, workload)) {
        const peers = plan.peersOf(workload, phase);
        rows.push(await measureRow(plan, { workload, node, phase, peers, ...data }, bar));
        afterRow(rows);
      }
      fs.rmSync(data.source, { force: true });
    }
    return rows;
  } finally {
    bar.stop();
  }
}

/** `[node, phase]` of each row of a workload. */
function runsOf({ nodes, phases }, workload) {
  const canRun = ({ version }) => Number.parseInt(version, 10) >= (workload.minimumNode ?? 0);
  const wanted = workload.phases.filter((phase) => phases.includes(phase));
  return nodes.filter(canRun).flatMap((node) => wanted.map((phase) => [node, phase]));
}

function progressBar() {
  const format = '{bar} {value}/{total} | {duration_formatted} | {what}';
  const options = { format, noTTYOutput: true, notTTYSchedule: 10_000, fps: 4 };
  return new SingleBar(options, Presets.shades_classic);
}

function runCount(plan) {
  const runs = plan.workloads.flatMap((one) =>
    runsOf(plan, one).map(([, phase]) => plan.peersOf(one, phase).length),
  );
  return runs.reduce((sum, count) => sum + count, 0) * plan.pairs;
}

/** What is the same for all runs of a workload: the checksums, and the file that some read from. */
async function prepare({ peersOf, folder }, workload) {
  const source = path.join(folder, 'source');
  if (workload.needsSource || peersOf(workload).some((peer) => peer.needsSource)) {
    writeSource(source, workload);
  }
  return { source, expected: await expectedOutput(workload) };
}

/**
 * A peer that fails leaves its row, and the suite goes on: what it took so far is not wasted. One whose process
 * crashes, as Node itself does now and then, is run again; the crash is reported all the same.
 */
async function measureRow(plan, { workload, node, phase, peers, ...data }, bar) {
  const samples = new Map(peers.map((peer) => [peer.name, []]));
  const failures = [];
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    for (const peer of peers.filter(({ name }) => samples.has(name))) {
      bar.update({ what: `${workload.title}, ${phase}: ${peer.title}` });
      const fail = ({ message }) => {
        const what = `${workload.name} (${phase}) with ${peer.name} on Node ${node.version}`;
        failures.push(`${what}: ${message}`);
      };
      const run = () => sample(plan, { workload, node, phase, ...data }, peer);
      try {
        samples.get(peer.name).push(await runAgain(run, fail));
      } catch (error) {
        fail(error);
        samples.delete(peer.name);
      }
      bar.increment();
    }
  }
  const { name, title, kind, baseline, cost, series, x, files } = workload;
  const work = { bytes: data.expected.bytes, writes: files * workload.writes };
  const figures = rowFigures(workload, samples, work);
  return {
    ...{ name, title, kind, phase, node: node.version, baseline, cost, series, x, files },
    ...{ ...work, figures, failures, samples: Object.fromEntries(samples) },
  };
}

/** Calls `run` until its process does not crash, and `afterCrash` each time it did. */
async function runAgain(run, afterCrash) {
  for (let tries = 1; tries < TRIES; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!error.isCrash) throw error;
      afterCrash(error);
    }
  }
  return run();
}

/** One run, checked. */
async function sample({ folder, isQuick }, { workload, node, phase, expected, source }, peer) {
  if (workload.measure !== undefined) {
    return workload.measure(peer, node.path);
  }
  const output = fs.mkdtempSync(path.join(folder, 'out-'));
  const name = peer.sink ?? workload.sink;
  const sink = await openSink({ ...workload, sink: name }, output);
  try {
    const { files, writes } = workload;
    const warmBytes = TO_DISK.includes(name) && !isQuick ? expected.bytes + SPARE_BYTES : 0;
    const warmUpMs = phase === 'fresh' ? 0 : isQuick ? QUICK_WARM_UP_MS : WARM_UP_MS;
    const sizes = { files, writes, warmBytes, warmUpMs };
    const run = { workload: workload.name, folder: output, ...sizes, source, target: sink.target };
    const stdout = workload.writesToStdout ? path.join(output, '0.out') : undefined;
    const { reports, ...result } = await measure(peer, run, node.path, stdout);
    if (!peer.writesNothing) await sink.finish(expected, { reports });
    return result;
  } finally {
    await sink.stop();
    emptyFiles(output);
    if (!isQuick) settleDisk();
  }
}

module.exports = { measureAll };
