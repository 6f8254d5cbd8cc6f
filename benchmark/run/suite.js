'use strict';

/** Measures the rows of a plan, peers in turn, and checks every byte that they write. */

const fs = require('node:fs');
const path = require('node:path');
const { SingleBar, Presets } = require('cli-progress');
const { expectedOutput, writeSource } = require('../check/checksum.js');
const { measure } = require('./measure.js');
const { rowFigures, verdict } = require('./figures.js');
const { SPARE_BYTES, emptyFiles, settleDisk } = require('./scratch.js');
const { makeSum, openSink } = require('./sinks.js');

/**
 * `plan` is `{ workloads, peersOf(workload), nodes, pairs, folder }`. Gives a row for each workload
 * and Node; `afterRow(rows)` gets those that there are so far.
 */
async function measureAll(plan, afterRow) {
  const bar = progressBar();
  bar.start(runCount(plan), 0, { what: '' });
  const rows = [];
  try {
    for (const workload of plan.workloads) {
      const data = await prepare(plan, workload);
      for (const node of plan.nodes) {
        rows.push(await measureRow(plan, { workload, node, ...data }, bar));
        afterRow(rows);
      }
      fs.rmSync(data.source, { force: true });
    }
    return rows;
  } finally {
    bar.stop();
  }
}

function progressBar() {
  const format = '{bar} {value}/{total} | {duration_formatted} | {what}';
  const options = { format, noTTYOutput: true, notTTYSchedule: 10_000, fps: 4 };
  return new SingleBar(options, Presets.shades_classic);
}

function runCount({ workloads, peersOf, nodes, pairs }) {
  return workloads.reduce((sum, one) => sum + peersOf(one).length, 0) * nodes.length * pairs;
}

/** What is the same for all runs of a workload: the checksums, and the file that some read from. */
async function prepare({ peersOf, folder }, workload) {
  const peers = peersOf(workload);
  const source = path.join(folder, 'source');
  if (workload.needsSource || peers.some((peer) => peer.needsSource)) {
    writeSource(source, workload);
  }
  return { peers, source, expected: await expectedOutput(workload, () => makeSum(workload)) };
}

/** A stream that fails leaves its row, and the run goes on: what it costs is not wasted. */
async function measureRow({ pairs, folder }, row, bar) {
  const { workload, node, peers } = row;
  const samples = new Map(peers.map((peer) => [peer.name, []]));
  const failures = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const peer of peers.filter(({ name }) => samples.has(name))) {
      bar.update({ what: `${workload.title}: ${peer.title}` });
      try {
        samples.get(peer.name).push(await sample(folder, row, peer));
      } catch (error) {
        failures.push(
          `${workload.name} with ${peer.name} on Node ${node.version}: ${error.message}`,
        );
        samples.delete(peer.name);
      }
      bar.increment();
    }
  }
  const work = { bytes: row.expected.bytes, writes: workload.files * workload.writes };
  const figures = rowFigures(workload, samples, work);
  return {
    workload,
    node: node.version,
    work,
    samples,
    failures,
    figures,
    verdict: verdict(workload, figures),
  };
}

/** One run, checked. */
async function sample(folder, { workload, node, expected, source }, peer) {
  const output = fs.mkdtempSync(path.join(folder, 'out-'));
  const sink = await openSink(workload, output);
  try {
    const { name, files, writes } = workload;
    const warmBytes = sink.target === undefined ? expected.bytes + SPARE_BYTES : 0;
    const run = {
      workload: name,
      folder: output,
      files,
      writes,
      warmBytes,
      source,
      target: sink.target,
    };
    const result = await measure(peer, run, { node: node.path });
    return peer.writesNothing ? result : await sink.finish(result, expected);
  } finally {
    sink.stop();
    emptyFiles(output);
    settleDisk();
  }
}

module.exports = { measureAll, prepare, sample };
