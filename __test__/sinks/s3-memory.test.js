'use strict';

// What an upload to S3 holds: the parts under way and the one that is filled, and nothing for each line.

const assert = require('node:assert');
const { once } = require('node:events');
const { after, before, test } = require('node:test');
const s3 = require('@aws-sdk/client-s3');
const { makeFolder, removeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const { BUCKET, clientOf, servers } = require('../harness/s3');
const S3Upload = require('../../examples/s3-upload.js');

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;
const CONCURRENCY = 2;
/** Twelve parts. */
const LINES = 600_000;
// Its process is not ours, so that its memory does not count.
const { skip } = servers.moto;

const dir = makeFolder();
let server;
let client;

before(async () => {
  if (skip) return;
  server = await servers.moto.start(dir);
  client = clientOf(server.port, server.credentials);
  await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
});

after(async () => {
  client?.destroy();
  await server?.stop();
  removeFolder(dir);
});

test('an upload holds one part more than are under way', { skip }, async (t) => {
  const options = { maxBytes: MIB, concurrency: CONCURRENCY };
  const upload = new S3Upload({ client, Bucket: BUCKET, Key: 'lines', ...options });
  const baseBytes = process.memoryUsage().arrayBuffers;
  let mostBytes = 0;
  for (const line of numberedLines(LINES)) {
    if (upload.write(line)) continue;
    // All memory is in use now.
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - baseBytes);
    await once(upload, 'drain');
  }
  upload.end();
  await once(upload, 'close');
  const parts = mostBytes / PART_BYTES;
  t.diagnostic(`${parts.toFixed(2)} parts`);
  assert.ok(parts >= CONCURRENCY + 1, 'it was never full');
  // The client keeps small Buffers of its own, but no copy of a part.
  assert.ok(parts < CONCURRENCY + 2, `${parts} parts`);
});
