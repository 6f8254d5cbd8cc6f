'use strict';

// An export that others read while it is made again: they see the last one or the new one, whole. If the
// program fails or is killed in between, the last one stays.
//
//   node examples/atomic-export.js [file]

const os = require('node:os');
const path = require('node:path');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { createWriteStream } = require('rushwrite');

/** Stands for a query whose rows come one by one, and which may fail at any of them. */
function* rows(count, failsAt = Infinity) {
  for (let id = 1; id <= count; id += 1) {
    if (id === failsAt) throw new Error(`the database is gone at row ${id}`);
    yield `${JSON.stringify({ id, name: `Customer ${id}` })}\n`;
  }
}

function exportTo(file, source) {
  // The folder is made if it is missing; a full disk is waited out for a minute.
  const options = { atomic: true, mkdir: true, retry: { limit: 60_000 } };
  return pipeline(Readable.from(source), createWriteStream(file, options));
}

async function main(file) {
  await exportTo(file, rows(20_000));
  console.log(`20000 rows in ${file}`);
  try {
    await exportTo(file, rows(20_000, 10_000));
  } catch (error) {
    console.log(`${error.message}: the last export stays`);
  }
}

main(process.argv[2] ?? path.join(os.tmpdir(), 'export', 'customers.jsonl'));
