'use strict';

// examples/rotated-log.js against servers that speak S3's protocol, and are away for a while.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const zlib = require('node:zlib');
const s3 = require('@aws-sdk/client-s3');
const { makeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const { LogFolder } = require('../harness/logs');
const { BUCKET, clientOf, servers } = require('../harness/s3');
const StoreProxy = require('../harness/store-proxy');
const openLog = require('../../examples/rotated-log.js');

const SIZE = 20_000;

/** Files that wait to be archived. */
function waiting(logs) {
  return logs.names().filter((name) => /^app-.*\.log(\.gz)?$/.test(name));
}

async function write(log, lines) {
  for (const line of lines) if (!log.write(line)) await once(log, 'drain');
}

async function closed(log) {
  log.end();
  await once(log, 'close');
}

/** Resolves when the store has all files that were put aside, whichever stream of the log has sent them. */
async function archived(log, logs) {
  // What is with the system is in its file, and full files are aside.
  log.flushSync();
  while (waiting(logs).length > 0) await new Promise(setImmediate);
}

/** What the store has, in the order of the keys. */
async function objects(client) {
  const { Contents = [] } = await client.send(new s3.ListObjectsV2Command({ Bucket: BUCKET }));
  const texts = [];
  for (const { Key } of Contents.sort((a, b) => (a.Key < b.Key ? -1 : 1))) {
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: BUCKET, Key }));
    texts.push(zlib.gunzipSync(await Body.transformToByteArray()).toString());
  }
  return texts;
}

/** Runs `scenario` with a store behind a proxy, and a client of it. */
async function withStore(kind, t, scenario) {
  const server = await kind.start(makeFolder(t));
  const proxy = await StoreProxy.start(server.port);
  const client = clientOf(proxy.port, server.credentials, { maxAttempts: 1 });
  // The pause after a failure keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  try {
    await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
    await scenario(client, proxy);
  } finally {
    clearInterval(alive);
    client.destroy();
    await proxy.stop();
    await server.stop();
  }
}

/** The store is away, comes back, is away at the end of the log, and is back at the next start. */
async function outages(logs, client, proxy) {
  const store = { client, Bucket: BUCKET };
  const lines = [...numberedLines(3000)];

  proxy.goAway();
  const log = openLog(logs.log, store, SIZE);
  const failed = once(log, 'archiveError');
  await write(log, lines.slice(0, 1000));
  const [{ file, attempt }] = await failed;
  assert.ok(attempt === 1 && fs.existsSync(file), 'the file is kept');
  assert.ok(proxy.refusals > 0);
  await write(log, lines.slice(1000, 1500));
  proxy.comeBack();
  await archived(log, logs);
  const first = (await objects(client)).join('') + logs.text();
  assert.strictEqual(first, lines.slice(0, 1500).join(''));

  proxy.goAway();
  await write(log, lines.slice(1500, 2500));
  const again = once(log, 'archiveError');
  await closed(log);
  await again;
  assert.ok(waiting(logs).length >= 4);

  proxy.comeBack();
  const next = openLog(logs.log, store, SIZE);
  await write(next, lines.slice(2500));
  await archived(next, logs);
  await closed(next);
  const texts = await objects(client);
  assert.strictEqual(texts.join('') + logs.text(), lines.join(''));
  for (const text of texts) {
    assert.ok(text.length > SIZE / 2 && Buffer.byteLength(text) <= SIZE);
  }
  assert.deepStrictEqual(logs.names(), [path.basename(logs.log)]);
}

for (const [name, kind] of Object.entries(servers)) {
  test(`${name} is away for a while, twice: each line once`, { skip: kind.skip }, (t) =>
    withStore(kind, t, (client, proxy) => outages(new LogFolder(t), client, proxy)),
  );
}
