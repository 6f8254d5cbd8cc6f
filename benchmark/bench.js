'use strict';

/**
 * `npm run bench [-- file | socket | NAME…]`: measures workloads with peers in turn, checks every
 * byte written, and prints one table. `--help` lists the options.
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { SingleBar, Presets } = require('cli-progress');
const { checkOutput, expectedOutput, writeSource } = require('./checksum.js');
const { describeMachine, machineLine } = require('./machine.js');
const { measure } = require('./measure.js');
const { selectPeers } = require('./peers.js');
const { printTable, printVerdicts } = require('./report.js');
const { rowFigures, verdict } = require('./results.js');
const { fileSystemOf, makeScratch, settleDisk } = require('./scratch.js');
const { workloads, selectWorkloads, scaled } = require('./workloads/index.js');

const USAGE = `npm run bench -- [file | socket | NAME…] [options]

  --pairs N      how often each stream is measured, in turn with the others (default 5)
  --quick        a tenth of the data and two pairs: a look, not a result
  --peers A,B    streams to compare (default fs,rushwrite), or 'all'
  --dir PATH     where to write (default benchmark/tmp)
  --node PATH    the Node that runs the streams (default this one)
  --json FILE    also write every sample there
  --list         name the workloads`;

const OPTIONS = {
  pairs: { type: 'string' },
  quick: { type: 'boolean', default: false },
  peers: { type: 'string', default: 'fs,rushwrite' },
  dir: { type: 'string' },
  node: { type: 'string', default: process.execPath },
  json: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
  } else if (values.list) {
    listWorkloads();
  } else {
    await bench(planOf(values, positionals), values.json);
  }
}

function listWorkloads() {
  for (const { name, title } of workloads) {
    console.log(`${name.padEnd(16)} ${title}`);
  }
}

function planOf(values, names) {
  const pairs = Number(values.pairs ?? (values.quick ? 2 : 5));
  if (!Number.isInteger(pairs) || pairs < 1) {
    throw new RangeError(`--pairs takes a number from 1, not ${values.pairs}`);
  }
  return {
    pairs,
    peers: selectPeers(values.peers.split(',')),
    workloads: selectWorkloads(names).map((one) => (values.quick ? scaled(one, 0.1) : one)),
    node: values.node,
    folder: makeScratch(values.dir),
  };
}

async function bench(plan, jsonFile) {
  if (plan.workloads.length === 0) {
    console.log('There is no such workload yet.');
    return;
  }
  warnOfMemory(plan.folder);
  const machine = describeMachine(plan.folder, plan.node);
  console.log(machineLine(machine));
  const rows = await measureAll(plan);
  printTable(rows);
  printVerdicts(rows);
  printFailures(rows);
  if (jsonFile !== undefined) {
    fs.writeFileSync(jsonFile, `${JSON.stringify(record(machine, plan, rows), null, 2)}\n`);
  }
}

function printFailures(rows) {
  for (const failure of rows.flatMap((row) => row.failures)) {
    console.error(`Failed: ${failure}`);
    process.exitCode = 1;
  }
}

function warnOfMemory(folder) {
  if (fileSystemOf(folder) === 'tmpfs') {
    console.warn('Warning: this folder is in memory (tmpfs); --dir chooses one on a disk.');
  }
}

async function measureAll(plan) {
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} {what}', noTTYOutput: true, notTTYSchedule: 10_000, fps: 4 },
    Presets.shades_classic,
  );
  bar.start(runCount(plan), 0, { what: '' });
  try {
    const rows = [];
    for (const workload of plan.workloads) {
      rows.push(await measureRow(plan, workload, bar));
    }
    return rows;
  } finally {
    bar.stop();
  }
}

function runCount({ workloads: rows, peers, pairs }) {
  return rows.reduce((sum, row) => sum + peersOf(peers, row).length * pairs, 0);
}

function peersOf(peers, workload) {
  return peers.filter((peer) => peer.supports(workload));
}

/** A stream that fails leaves its row, and the run goes on: what it costs is not wasted. */
async function measureRow(plan, workload, bar) {
  const peers = peersOf(plan.peers, workload);
  const expected = await expectedOutput(workload);
  const source = sourceFor(plan, workload, peers);
  const samples = new Map(peers.map((peer) => [peer.name, []]));
  const failures = [];
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    for (const peer of peers.filter(({ name }) => samples.has(name))) {
      bar.update({ what: `${workload.title}: ${peer.title}` });
      try {
        samples.get(peer.name).push(await sample(plan, workload, peer, { expected, source }));
      } catch (error) {
        failures.push(error.message);
        samples.delete(peer.name);
      }
      bar.increment();
    }
  }
  fs.rmSync(source, { force: true });
  return { workload, samples, failures, ...resultsOf(workload, samples, expected.bytes) };
}

function resultsOf(workload, samples, bytes) {
  const work = { bytes, writes: workload.files * workload.writes };
  const figures = rowFigures(samples, work);
  return { work, figures, verdict: verdict(workload, figures) };
}

/** The file of all chunks, written only if somebody reads it. */
function sourceFor({ folder }, workload, peers) {
  const source = path.join(folder, 'source');
  if (workload.needsSource || peers.some((peer) => peer.needsSource)) {
    writeSource(source, workload);
  }
  return source;
}

/** One run, checked. Unlinking before the sync spares the disk what nobody will read. */
async function sample({ folder, node }, workload, peer, { expected, source }) {
  const { name, files, writes } = workload;
  const output = fs.mkdtempSync(path.join(folder, 'out-'));
  try {
    const run = { workload: name, folder: output, files, writes, source };
    const result = await measure(peer, run, { node });
    if (!peer.writesNothing) {
      await checkOutput(output, expected, `${name} with ${peer.name}`);
    }
    return result;
  } finally {
    fs.rmSync(output, { recursive: true });
    settleDisk();
  }
}

/** Everything that a chart or a later comparison needs. */
function record(machine, { pairs }, rows) {
  return {
    machine,
    pairs,
    rows: rows.map(({ workload, work, samples, failures, figures, verdict: reached }) => ({
      name: workload.name,
      title: workload.title,
      kind: workload.kind,
      must: workload.must,
      aim: workload.aim,
      memoryMust: workload.memoryMust,
      memoryAim: workload.memoryAim,
      ...work,
      files: workload.files,
      figures,
      reached,
      failures,
      samples: Object.fromEntries(samples),
    })),
  };
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
