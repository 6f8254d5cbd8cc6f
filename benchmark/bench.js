'use strict';

/**
 * `npm run bench [-- file | socket | growth | NAME…]`: measures workloads with peers in turn, checks
 * every byte written, and prints one table. `--help` lists the options.
 */

const { existsSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { MAJORS, nodeOf } = require('../scripts/binaries.js');
const { describeMachine, machineLine, versionOf } = require('./run/machine.js');
const { peerSelection } = require('./peers/index.js');
const { recordFile, writeRecord } = require('./run/record.js');
const { printTable, printVerdicts } = require('./run/report.js');
const { fileSystemOf, makeScratch } = require('./run/scratch.js');
const { compareWithStrace } = require('./check/strace.js');
const { measureAll } = require('./run/suite.js');
const { workloads, selectWorkloads, scaled } = require('./workloads/index.js');

const USAGE = `npm run bench -- [all | file | socket | growth | NAME…] [options]

  --pairs N      how often each stream is measured, in turn with the others (default 5)
  --quick        a tenth of the data and two pairs: a look, not a result
  --peers A,B    streams to compare (default node,rushwrite: Node's own and ours), or 'all'
  --dir PATH     where to write (default benchmark/tmp)
  --node A,B     the Node that runs the streams: major versions, fetched from npm, or paths, or
                 'all' for ${MAJORS.join(',')} (default this one)
  --json FILE    also write every sample there
  --record       the same, to a dated file in benchmark/record
  --strace       instead of measuring, compare our count of write calls with that of strace
  --list         name the workloads`;

const OPTIONS = {
  pairs: { type: 'string' },
  quick: { type: 'boolean', default: false },
  peers: { type: 'string', default: 'node,rushwrite' },
  dir: { type: 'string' },
  node: { type: 'string', default: process.execPath },
  json: { type: 'string' },
  record: { type: 'boolean', default: false },
  strace: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const QUICK_FACTOR = 0.1;

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
  } else if (values.list) {
    listWorkloads();
  } else if (values.strace) {
    await compareWithStrace(planOf({ ...values, peers: 'rushwrite' }, positionals));
  } else {
    await bench(planOf(values, positionals));
  }
}

function listWorkloads() {
  const width = Math.max(...workloads.map(({ name }) => name.length));
  for (const { name, title } of workloads) {
    console.log(`${name.padEnd(width)}  ${title}`);
  }
}

function planOf(values, words) {
  const pairs = Number(values.pairs ?? (values.quick ? 2 : 5));
  if (!Number.isInteger(pairs) || pairs < 1) {
    throw new RangeError(`--pairs takes a number from 1, not ${values.pairs}`);
  }
  const selected = selectWorkloads(words);
  const nodes = nodesOf(values.node);
  const folder = makeScratch(values.dir);
  const plan = {
    pairs,
    nodes,
    folder,
    isQuick: values.quick,
    machine: describeMachine(folder, nodes),
    peersOf: peerSelection(values.peers.split(',')),
    workloads: values.quick ? selected.map((one) => scaled(one, QUICK_FACTOR)) : selected,
  };
  const outputs = [values.json, values.record ? recordFile(plan) : undefined];
  return { ...plan, outputs: outputs.filter((file) => file !== undefined) };
}

/** `{ path, version }` of each. */
function nodesOf(words) {
  const names = words === 'all' ? MAJORS : words.split(',');
  return names.map((name) => {
    const node = /^\d+$/.test(name) ? nodeOf(name) : path.resolve(name);
    if (!existsSync(node)) {
      throw new Error(`there is no Node at ${node}`);
    }
    return { path: node, version: versionOf(node, /\d+\.\d+\.\d+/) };
  });
}

async function bench(plan) {
  warnOfMemory(plan.folder);
  console.log(machineLine(plan.machine));
  const rows = await measureAll(plan, (soFar) => {
    for (const file of plan.outputs) {
      writeRecord(file, plan, soFar);
    }
  });
  printTable(rows);
  printVerdicts(rows);
  printFailures(rows);
  for (const file of plan.outputs) {
    console.log(`Every sample is in ${path.relative(process.cwd(), file)}`);
  }
}

function warnOfMemory(folder) {
  if (fileSystemOf(folder) === 'tmpfs') {
    console.warn('Warning: this folder is in memory (tmpfs); --dir chooses one on a disk.');
  }
}

function printFailures(rows) {
  for (const failure of rows.flatMap((row) => row.failures)) {
    console.error(`Failed: ${failure}`);
    process.exitCode = 1;
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
