'use strict';

/**
 * `npm run demo`: two million CSV rows, each built for its write as an export does it, through
 * `fs.createWriteStream` and through rushwrite, each in a new process. Both files are checked.
 */

const { parseArgs } = require('node:util');
const { peerSelection } = require('./peers/index.js');
const { printTable } = require('./run/report.js');
const { makeScratch } = require('./run/scratch.js');
const { measureAll } = require('./run/suite.js');
const { findWorkload } = require('./workloads/index.js');

async function main() {
  const { rows, dir } = readOptions();
  const folder = makeScratch(dir);
  console.log(`${rows.toLocaleString('en')} CSV rows, built one by one, written to ${folder}\n`);
  const [row] = await measureAll({
    ...{ folder, pairs: 1, phases: ['fresh'], isQuick: false },
    workloads: [{ ...findWorkload('csv'), writes: rows }],
    nodes: [{ path: process.execPath, version: process.versions.node }],
    peersOf: peerSelection(['node', 'rushwrite']),
  });
  if (row.failures.length > 0) throw new Error(row.failures.join('\n'));
  printTable([row]);
  const ratio = row.figures.find(({ peer }) => peer === 'rushwrite').ratio.median.toFixed(1);
  const size = `${(row.bytes / 1e6).toFixed(1)} MB`;
  console.log(`\nBoth files hold the same ${size}; rushwrite was ${ratio} times as fast.`);
  console.log(
    'Making the rows is part of the time. Ready lines gain more: npm run bench -- lines-ready',
  );
}

function readOptions() {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '2000000' }, dir: { type: 'string' } },
  });
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1) {
    throw new RangeError(`--rows takes a number from 1, not ${values.rows}`);
  }
  return { rows, dir: values.dir };
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
