'use strict';

// A real PostgreSQL server, with the pg client on our socket.

const assert = require('node:assert');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { after, before, test } = require('node:test');
const { Client } = require('pg');
const copy = require('pg-copy-streams');
const { Digest } = require('../harness/digest');
const { makeFolder, removeFolder } = require('../harness/folder');
const { skip, startPostgres } = require('../harness/postgres');
const { subject } = require('../harness/subject');

const ROWS = 100_000;
const dir = makeFolder();
let server;

before(async () => {
  if (!skip) server = await startPostgres(dir);
});

after(async () => {
  // SIGINT means fast shutdown.
  await server?.daemon.stop('SIGINT');
  removeFolder(dir);
});

/** Connects over TCP, or over the unix socket where `host` is a folder. */
async function withClient(body, host = '127.0.0.1') {
  const stream = new subject.Socket();
  const client = new Client({ ...server.client, host, stream: () => stream });
  await client.connect();
  try {
    await body(client, stream);
  } finally {
    await client.end();
  }
}

for (const [place, hostOf] of [
  ['TCP', () => '127.0.0.1'],
  ['a unix socket', () => dir],
]) {
  test(`queries in turn and with parameters, over ${place}`, { skip }, async () => {
    await withClient(async (client, stream) => {
      for (let i = 0; i < 200; i++) {
        const { rows } = await client.query('SELECT $1::int + 1 AS next, $2 AS text', [i, `ż${i}`]);
        assert.deepStrictEqual(rows, [{ next: i + 1, text: `ż${i}` }]);
      }
      const large = 'long text '.repeat(1_000_000);
      const { rows } = await client.query('SELECT length($1::text) AS length', [large]);
      assert.deepStrictEqual(rows, [{ length: large.length }]);
      assert.ok(stream.bytesWritten > large.length);
    }, hostOf());
  });
}

test('an error of the server leaves the connection usable', { skip }, async () => {
  await withClient(async (client) => {
    await assert.rejects(client.query('SELECT 1/0'), { code: '22012' });
    const { rows } = await client.query('SELECT 1 AS one');
    assert.deepStrictEqual(rows, [{ one: 1 }]);
  });
});

/** The text format of COPY. */
function* copyRows(digest) {
  for (let i = 0; i < ROWS; i++) {
    const row = Buffer.from(`${i}\tname ${i} żółć\t${i % 7 === 0 ? '\\N' : i / 4}\n`);
    digest.update(row);
    yield row;
  }
}

test('COPY of 100,000 rows, read back', { skip }, async () => {
  await withClient(async (client) => {
    await client.query('CREATE TEMP TABLE items (id int, name text, price numeric)');
    const sent = new Digest();
    const into = client.query(copy.from('COPY items FROM STDIN'));
    await pipeline(Readable.from(copyRows(sent)), into);
    assert.strictEqual(into.rowCount, ROWS);
    const { rows } = await client.query('SELECT count(*)::int, sum(id)::bigint FROM items');
    assert.deepStrictEqual(rows, [{ count: ROWS, sum: `${(ROWS * (ROWS - 1)) / 2}` }]);
    const back = client.query(copy.to('COPY (SELECT * FROM items ORDER BY id) TO STDOUT'));
    assert.strictEqual(await Digest.of(back), sent.end());
  });
});
