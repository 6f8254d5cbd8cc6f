'use strict';

// Exports rows from an asynchronous source, such as a database cursor, to a CSV file. When write()
// returns false the loop waits for `drain`, so memory stays flat however long the export is.
//
//   node examples/csv-export.js [file]

const { once } = require('node:events');
const { finished } = require('node:stream/promises');
const { createWriteStream } = require('rushwrite');

async function* readRows(count) {
  for (let id = 1; id <= count; id += 1) yield { id, name: `Customer "${id}"`, cents: id * 95 };
}

function toCsv({ id, name, cents }) {
  return `${id},"${name.replaceAll('"', '""')}",${(cents / 100).toFixed(2)}\n`;
}

async function exportRows(rows, file) {
  const out = createWriteStream(file);
  out.write('id,name,total\n');
  for await (const row of rows) {
    if (!out.write(toCsv(row))) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return out.bytesWritten;
}

const file = process.argv[2] ?? 'customers.csv';
exportRows(readRows(100_000), file).then((bytes) => {
  console.log(`100000 rows, ${bytes} bytes in ${file}`);
});
