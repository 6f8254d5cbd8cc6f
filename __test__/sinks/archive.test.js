'use strict';

// A rotated log whose files are archived in S3, by examples/s3-upload.js, with the server away for a while.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const s3 = require('@aws-sdk/client-s3');
const { createWriteStream } = require('../..');
const { freePort } = require('../harness/daemon');
const { makeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const { LogFolder } = require('../harness/logs');
const { BUCKET, clientOf, servers } = require('../harness/s3');
const S3Upload = require('../../examples/s3-upload.js');

const MIB = 1024 * 1024;
const LINES = 30_000;

const isAside = (name) => name !== 'app.log' && !name.endsWith('.lock');

async function objects(client) {
  const { Contents } = await client.send(new s3.ListObjectsV2Command({ Bucket: BUCKET }));
  const texts = [];
  for (const { Key } of Contents) {
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: BUCKET, Key }));
    texts.push(await Body.transformToString());
  }
  // Each begins with the number of its first line; how its name sorts is another matter.
  return texts.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

test('files wait while the server is away, and none is lost', async (t) => {
  const dir = makeFolder(t);
  const logs = new LogFolder(t);
  let server = await servers.s3rver.start(dir, { port: await freePort() });
  t.after(() => server.stop());
  const client = clientOf(server.port, server.credentials);
  t.after(() => client.destroy());
  await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));

  const archive = (file, { signal }) => {
    const target = { Bucket: BUCKET, Key: path.basename(file), maxBytes: MIB };
    return pipeline(fs.createReadStream(file), new S3Upload({ client, ...target }), { signal });
  };
  const log = createWriteStream(logs.log, { rotate: { size: MIB / 2, archive } });
  const untilArchived = async () => {
    while (logs.names().some(isAside)) await once(log, 'archive');
  };
  const lines = [...numberedLines(LINES)];
  for (const line of lines.slice(0, LINES / 2)) log.write(line);
  await once(log, 'archive');
  await log.sync();
  await untilArchived();
  await server.stop();

  const failed = once(log, 'archiveError');
  for (const line of lines.slice(LINES / 2)) log.write(line);
  const [{ error }] = await failed;
  assert.match(error.code, /^ECONN/);
  await log.sync();
  server = await servers.s3rver.start(dir, server);
  await untilArchived();
  log.end();
  await once(log, 'close');
  const text = [...(await objects(client)), fs.readFileSync(logs.log, 'utf8')].join('');
  assert.ok(text === lines.join(''), `${text.length} characters`);
});
