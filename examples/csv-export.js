'use strict';

// Exports what a database cursor yields to a CSV file. When write() returns false the loop waits for
// `drain`, so memory stays flat however long the export is. The database is SQLite (the package
// sql.js); a cursor that is an async iterable goes into `for await` in the same place.
//
//   node examples/csv-export.js [file]

const { once } = require('node:events');
const os = require('node:os');
const path = require('node:path');
const { finished } = require('node:stream/promises');
const openSqlite = require('sql.js');
const { createWriteStream } = require('rushwrite');

const CUSTOMERS = 100_000;

async function openDatabase() {
  const { Database } = await openSqlite();
  const database = new Database();
  database.run(
    `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, cents INTEGER);
    WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ${CUSTOMERS})
    INSERT INTO customers SELECT id, 'Customer "' || id || '"', id * 95 FROM ids`,
  );
  return database;
}

/** The rows of a query, one at a time. */
function* rowsOf(database, query) {
  const statement = database.prepare(query);
  try {
    while (statement.step()) yield statement.get();
  } finally {
    statement.free();
  }
}

function toCsv([id, name, cents]) {
  return `${id},"${name.replaceAll('"', '""')}",${(cents / 100).toFixed(2)}\n`;
}

async function exportRows(rows, file) {
  const out = createWriteStream(file);
  out.write('id,name,total\n');
  for (const row of rows) {
    if (!out.write(toCsv(row))) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return out.bytesWritten;
}

async function main(file) {
  const database = await openDatabase();
  const rows = rowsOf(database, 'SELECT id, name, cents FROM customers ORDER BY id');
  const bytes = await exportRows(rows, file);
  console.log(`${CUSTOMERS} rows, ${bytes} bytes in ${file}`);
}

main(process.argv[2] ?? path.join(os.tmpdir(), 'customers.csv'));
