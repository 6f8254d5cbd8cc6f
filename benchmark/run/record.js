'use strict';

/** Results as JSON: everything that a chart or a later comparison needs. */

const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '..', 'record');

/** More digits than a measurement has. */
const DIGITS = 5;

/** Written anew after each row, so that a long run that is interrupted leaves what it has. */
function writeRecord(file, { machine, pairs, isQuick }, rows) {
  const json = JSON.stringify({ machine, pairs, isQuick, rows }, (_, value) => rounded(value), 1);
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  // The figures of a peer take one line, and its samples.
  fs.writeFileSync(file, `${json.replace(/\n {5,}|\n {4}(?=[}\]])/g, ' ')}\n`);
}

function rounded(value) {
  const isFraction = typeof value === 'number' && !Number.isInteger(value);
  return isFraction ? Number(value.toPrecision(DIGITS)) : value;
}

function readRecord(file) {
  const record = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (record.rows[0]?.node === undefined) {
    throw new Error(`${file} is no record of this suite`);
  }
  return record;
}

/** Where `--record` writes: by day, kind of workload and versions of Node. */
function recordFile({ machine, workloads, nodes }) {
  const kinds = [...new Set(workloads.map(({ kind }) => kind))].sort();
  const majors = nodes.map(({ version }) => version.split('.')[0]);
  const name = [machine.date.slice(0, 10), ...kinds, `node${majors.join('-')}`].join('-');
  return path.join(FOLDER, `${name}.json`);
}

/** Names sort by date: the newest record of each kind, of the first Node. */
function newestRecords() {
  const byKind = new Map();
  for (const name of fs.readdirSync(FOLDER).sort()) {
    const [, date, kind] = /^(\d+-\d+-\d+)-(.*)-node[\d-]+\.json$/.exec(name) ?? [];
    if (date !== undefined && byKind.get(kind)?.date !== date) byKind.set(kind, { date, name });
  }
  return [...byKind.values()].map(({ name }) => path.join(FOLDER, name));
}

module.exports = { writeRecord, readRecord, recordFile, newestRecords };
