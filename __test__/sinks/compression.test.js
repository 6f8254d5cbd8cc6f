'use strict';

// examples/compressed-log.js in front of a file and of an object in S3.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { after, before, test } = require('node:test');
const zlib = require('node:zlib');
const s3 = require('@aws-sdk/client-s3');
const { createWriteStream } = require('../..');
const { makeFolder, removeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const { BUCKET, clientOf, servers } = require('../harness/s3');
const Compressed = require('../../examples/compressed-log.js');
const S3Upload = require('../../examples/s3-upload.js');

const LINES = 30_000;
const TEXT = [...numberedLines(LINES)].join('');
const MIB = 1024 * 1024;

const kinds = {
  gzip: { compress: zlib.createGzip, decompress: zlib.gunzipSync },
  zstd: { compress: zlib.createZstdCompress, decompress: zlib.zstdDecompressSync },
};

const dir = makeFolder();
let server;
let client;

before(async () => {
  server = await servers.s3rver.start(dir);
  client = clientOf(server.port, server.credentials);
  await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
});

after(async () => {
  client.destroy();
  await server.stop();
  removeFolder(dir);
});

for (const [name, { compress, decompress }] of Object.entries(kinds)) {
  const skip = compress === undefined ? `this Node has no ${name}` : false;

  test(`${name} in front of a file`, { skip }, async () => {
    const file = path.join(dir, name);
    await pipeline(numberedLines(LINES), new Compressed(compress(), createWriteStream(file)));
    assert.ok(decompress(fs.readFileSync(file)).toString() === TEXT);
  });

  test(`${name} in front of S3`, { skip }, async () => {
    const upload = new S3Upload({ client, Bucket: BUCKET, Key: name, maxBytes: 10 * MIB });
    await pipeline(numberedLines(LINES), new Compressed(compress(), upload));
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: BUCKET, Key: name }));
    assert.ok(decompress(await Body.transformToByteArray()).toString() === TEXT);
  });
}

test('what fails behind the compressor is the error of the sink', async () => {
  const failing = new Writable({
    write: (_chunk, _encoding, callback) => callback(new Error('no room')),
  });
  const sink = new Compressed(zlib.createGzip(), failing);
  for (const line of numberedLines(1000)) sink.write(line);
  sink.end();
  const [error] = await once(sink, 'error');
  assert.strictEqual(error.message, 'no room');
  assert.ok(failing.destroyed);
});
