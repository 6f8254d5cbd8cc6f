'use strict';

// examples/postgres-copy.js against a real PostgreSQL server.

const assert = require('node:assert');
const { once } = require('node:events');
const { pipeline } = require('node:stream/promises');
const { after, afterEach, before, beforeEach, test } = require('node:test');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Client } = require('pg');
const { makeFolder, removeFolder } = require('../harness/folder');
const { skip, startPostgres } = require('../harness/postgres');
const CopyInto = require('../../examples/postgres-copy.js');

const ROWS = 1_000_000;
const INTO_ITEMS = 'COPY items FROM STDIN';
const dir = makeFolder();
let server;
let client;

before(async () => {
  if (!skip) server = await startPostgres(dir);
});

after(async () => {
  await server?.daemon.stop('SIGINT');
  removeFolder(dir);
});

beforeEach(async () => {
  if (skip) return;
  client = new Client(server.client);
  await client.connect();
  await client.query('CREATE TEMP TABLE items (id int PRIMARY KEY, name text)');
});

afterEach(async () => {
  await client?.end();
});

async function countItems() {
  const { rows } = await client.query('SELECT count(*)::int, sum(id)::bigint FROM items');
  return rows[0];
}

test('a million rows', { skip }, async () => {
  function* rows() {
    for (let id = 0; id < ROWS; id++) yield `${id}\tname ${id} żółć\n`;
  }
  const into = new CopyInto(client, INTO_ITEMS);
  await pipeline(rows(), into);
  assert.strictEqual(into.rowCount, ROWS);
  const { count, sum } = await countItems();
  assert.strictEqual(count, ROWS);
  assert.strictEqual(sum, `${(ROWS * (ROWS - 1)) / 2}`);
  const { rows: names } = await client.query('SELECT name FROM items WHERE id = 999999');
  assert.deepStrictEqual(names, [{ name: 'name 999999 żółć' }]);
});

test('a row that the server refuses fails the stream, and none is kept', { skip }, async () => {
  const into = new CopyInto(client, INTO_ITEMS);
  into.write('1\tone\n');
  into.write('1\tone again\n');
  into.end();
  const [error] = await once(into, 'error');
  assert.strictEqual(error.code, '23505');
  assert.strictEqual((await countItems()).count, 0);
});

test('what is destroyed in the middle is rolled back, and the client goes on', {
  skip,
}, async () => {
  const into = new CopyInto(client, INTO_ITEMS);
  await new Promise((resolve) => into.write('1\tone\n', resolve));
  into.destroy();
  await once(into, 'close');
  assert.strictEqual((await countItems()).count, 0);
});

test('a batch that the socket still holds stays as it is', { skip }, async () => {
  const into = new CopyInto(client, INTO_ITEMS);
  await new Promise((resolve) => into.write('1\tone\n', resolve));
  const socket = client.connection.stream;
  socket.cork();
  const told = [];
  into.write('2\ttwo\n', () => told.push(2));
  const flushed = into.flush();
  await nextTurn();
  await nextTurn();
  assert.ok(socket.writableLength > 0);
  assert.deepStrictEqual(told, []);
  socket.uncork();
  await flushed;
  assert.deepStrictEqual(told, [2]);
  into.end();
  await once(into, 'close');
  const { rows } = await client.query('SELECT * FROM items ORDER BY id');
  assert.deepStrictEqual(rows, [
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ]);
});
