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

/** Where `--record` writes: by time, which sorts, kind of workload and versions of Node. */
function recordFile({ machine, workloads, nodes }) {
  const kinds = [...new Set(workloads.map(({ kind }) => kind))].sort();
  const majors = nodes.map(({ version }) => version.split('.')[0]);
  const time = machine.date.slice(0, 16).replace(':', '');
  const name = [time, ...kinds, `node${majors.join('-')}`].join('-');
  return path.join(FOLDER, `${name}.json`);
}

/** The rows of a record, each with what is the same for all: `machine`, `pairs`, `isQuick`. */
function readRows(file) {
  const { rows, ...record } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return rows.map((row) => ({ ...row, ...record }));
}

/** Of each row, on each Node and in each phase, the newest in these records; in all without names. */
function newestRows(named = []) {
  const all = fs.readdirSync(FOLDER).sort();
  const files = named.length > 0 ? named : all.map((name) => path.join(FOLDER, name));
  const newest = new Map();
  for (const row of files.flatMap(readRows)) {
    newest.set([row.name, row.phase, row.node.split('.')[0]].join(), row);
  }
  return [...newest.values()];
}

module.exports = { writeRecord, recordFile, newestRows };
