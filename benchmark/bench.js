'use strict';

/**
 * `npm run bench [-- file | socket | growth | NAME…]`: measures workloads with peers in turn, checks
 * every byte written, and prints one table. `--help` lists the options.
 */

const { existsSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { MAJORS, nodeOf } = require('../scripts/binaries.js');
const { TARGETS, checkRows, printChecks, readTargets } = require('./check/targets.js');
const { peerSelection } = require('./peers/index.js');
const { describeMachine, machineLine, versionOf } = require('./run/machine.js');
const { recordFile, writeRecord } = require('./run/record.js');
const { printTable } = require('./run/report.js');
const { fileSystemOf, makeScratch } = require('./run/scratch.js');
const { measureAll } = require('./run/suite.js');
const { workloads, selectWorkloads, scaled } = require('./workloads/index.js');

const PHASES = ['fresh', 'steady'];
/** What a record is made with: the current LTS first. */
const RECORDED = '26,24,20';
const PEERS = 'node,rushwrite';
const RECORDED_PEERS = `${PEERS},chart`;
const QUICK_FACTOR = 0.01;

const USAGE = `npm run bench -- [all | targets | file | socket | custom | growth | NAME…] [options]

  --pairs N      how often each stream is measured, in turn with the others (default 5)
  --quick        a hundredth of the data and one pair: whether it works, not a result
  --phase A      fresh or steady (default both)
  --peers A,B    streams to compare (default node,rushwrite: Node's own and ours; with --record also
                 'chart', those of the chart of peers), or 'all'
  --dir PATH     where to write (default benchmark/tmp)
  --node A,B     the Node that runs the streams: major versions, fetched from npm, or paths, or
                 'all' for ${MAJORS.join(',')} (default this one; with --record ${RECORDED})
  --json FILE    also write every sample there
  --record       the same, to a dated file in benchmark/record
  --check        compare with benchmark/targets.json
  --list         name the workloads`;

const OPTIONS = {
  pairs: { type: 'string' },
  quick: { type: 'boolean', default: false },
  phase: { type: 'string', default: PHASES.join(',') },
  peers: { type: 'string' },
  dir: { type: 'string' },
  node: { type: 'string' },
  json: { type: 'string' },
  record: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
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
  const pairs = Number(values.pairs ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(pairs) || pairs < 1) {
    throw new RangeError(`--pairs takes a number from 1, not ${values.pairs}`);
  }
  const phases = values.phase.split(',');
  if (!phases.every((phase) => PHASES.includes(phase))) {
    throw new RangeError(`--phase takes ${PHASES.join(' or ')}, not ${values.phase}`);
  }
  const selected = selectWorkloads(words);
  const targets = values.check ? readTargets(TARGETS) : undefined;
  const nodes = nodesOf(values.node ?? (values.record ? RECORDED : process.execPath));
  const folder = makeScratch(values.dir);
  const plan = {
    ...{ pairs, phases, nodes, folder, targets, isQuick: values.quick },
    machine: describeMachine(folder, nodes),
    peersOf: peerSelection((values.peers ?? (values.record ? RECORDED_PEERS : PEERS)).split(',')),
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
  if (fileSystemOf(plan.folder) === 'tmpfs') {
    console.warn('Warning: this folder is in memory (tmpfs); --dir chooses one on a disk.');
  }
  console.log(machineLine(plan.machine));
  const rows = await measureAll(plan, (soFar) => {
    for (const file of plan.outputs) {
      writeRecord(file, plan, soFar);
    }
  });
  printTable(rows);
  for (const file of plan.outputs) {
    console.log(`Every sample is in ${path.relative(process.cwd(), file)}`);
  }
  const isMissed = plan.targets !== undefined && !printChecks(checkRows(plan.targets, rows));
  const failures = rows.flatMap((row) => row.failures);
  for (const failure of failures) {
    console.error(`Failed: ${failure}`);
  }
  if (isMissed || failures.length > 0) {
    process.exitCode = 1;
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
