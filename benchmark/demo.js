'use strict';

/**
 * `npm run demo`: a million log records through `fs.createWriteStream` and through rushwrite, each
 * in a process of its own, and what each took. Both files are checked byte for byte.
 */

const { parseArgs } = require('node:util');
const { peerSelection } = require('./peers/index.js');
const { printTable } = require('./run/report.js');
const { makeScratch } = require('./run/scratch.js');
const { measureAll } = require('./run/suite.js');
const { findWorkload } = require('./workloads/index.js');

async function main() {
  const { records, dir } = readOptions();
  const folder = makeScratch(dir);
  console.log(`${records.toLocaleString('en')} NDJSON log records, written to ${folder}\n`);
  const [row] = await measureAll({
    ...{ folder, pairs: 1, phases: ['fresh'], isQuick: false },
    workloads: [{ ...findWorkload('log-records'), writes: records }],
    nodes: [{ path: process.execPath, version: process.versions.node }],
    peersOf: peerSelection(['node', 'rushwrite']),
  });
  if (row.failures.length > 0) throw new Error(row.failures.join('\n'));
  printTable([row]);
  const ratio = row.figures.find(({ peer }) => peer === 'rushwrite').ratio.median.toFixed(1);
  const size = `${(row.bytes / 1e6).toFixed(1)} MB`;
  console.log(`\nBoth files hold the same ${size}; rushwrite was ${ratio} times as fast.`);
}

function readOptions() {
  const { values } = parseArgs({
    options: { records: { type: 'string', default: '1000000' }, dir: { type: 'string' } },
  });
  const records = Number(values.records);
  if (!Number.isInteger(records) || records < 1) {
    throw new RangeError(`--records takes a number from 1, not ${values.records}`);
  }
  return { records, dir: values.dir };
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
