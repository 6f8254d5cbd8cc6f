'use strict';

/** Results as JSON: everything that a chart or a later comparison needs. */

const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '..', 'record');

/** Written anew after each row, so that a long run that is interrupted leaves what it has. */
function writeRecord(file, { machine, pairs, isQuick }, rows) {
  const record = { machine, pairs, isQuick, rows: rows.map(recordOf) };
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  fs.writeFileSync(file, `${flatten(JSON.stringify(record, null, 1))}\n`);
}

function recordOf({ workload, node, work, samples, failures, figures, verdict }) {
  const { name, title, kind, baseline, series, x, files, isLatency } = workload;
  const { must, aim, memoryMust, memoryAim } = workload;
  return {
    ...{ name, title, kind, baseline, series, x, isLatency, node },
    ...{ must, aim, memoryMust, memoryAim },
    ...{ ...work, files, figures, reached: verdict, failures },
    samples: Object.fromEntries(samples),
  };
}

/** An object without objects in it takes one line. */
function flatten(json) {
  return json.replace(/\{\n[^{}[\]]*\}/g, (object) => object.replace(/\n\s*/g, ' '));
}

/** Where `--record` writes: by day, kind of workload and version of Node. */
function recordFile({ machine, workloads, nodes }) {
  const kinds = [...new Set(workloads.map(({ kind }) => kind))].sort();
  const majors = nodes.map(({ version }) => version.split('.')[0]);
  const name = [machine.date.slice(0, 10), ...kinds, `node${majors.join('-')}`].join('-');
  return path.join(FOLDER, `${name}.json`);
}

module.exports = { writeRecord, recordFile, RECORDS: FOLDER };
