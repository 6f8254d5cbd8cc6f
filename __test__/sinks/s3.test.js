'use strict';

// examples/s3-upload.js against servers that speak S3's protocol.

const assert = require('node:assert');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const { pipeline } = require('node:stream/promises');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { after, before, describe, test } = require('node:test');
const s3 = require('@aws-sdk/client-s3');
const { makeFolder, removeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const { BUCKET, clientOf, servers } = require('../harness/s3');
const FaultyProxy = require('../harness/faulty-proxy');
const S3Upload = require('../../examples/s3-upload.js');

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;
/** More than two parts, less than three. */
const LINES = 130_000;

function* hashed(lines, hash) {
  for (const line of lines) {
    hash.update(line);
    yield line;
  }
}

async function read(client, Key) {
  const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body.transformToByteArray());
}

async function uploadsOf(client) {
  const { Uploads = [] } = await client.send(
    new s3.ListMultipartUploadsCommand({ Bucket: BUCKET }),
  );
  return Uploads;
}

for (const [name, kind] of Object.entries(servers)) {
  const { skip } = kind;
  describe(`with ${name}`, { skip }, () => {
    const dir = makeFolder();
    let server;
    let client;

    before(async () => {
      server = await kind.start(dir);
      client = clientOf(server.port, server.credentials);
      await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
    });

    after(async () => {
      client?.destroy();
      await server?.stop();
      removeFolder(dir);
    });

    test('lines become an object, in parts of one size', async () => {
      const hash = createHash('sha256');
      const upload = new S3Upload({ client, Bucket: BUCKET, Key: 'lines', maxBytes: 20 * MIB });
      await pipeline(hashed(numberedLines(LINES), hash), upload);
      const bytes = await read(client, 'lines');
      assert.ok(bytes.length > 2 * PART_BYTES && bytes.length < 3 * PART_BYTES);
      assert.strictEqual(createHash('sha256').update(bytes).digest('hex'), hash.digest('hex'));
    });

    test('an object without bytes', async () => {
      const upload = new S3Upload({ client, Bucket: BUCKET, Key: 'empty' });
      upload.end();
      await once(upload, 'close');
      assert.strictEqual((await read(client, 'empty')).length, 0);
    });

    test('a connection that breaks in a part: the same part is sent again', async () => {
      const proxy = await FaultyProxy.start(server.port, /^PUT .*partNumber=2&/, 'cut');
      const behind = clientOf(proxy.port, server.credentials);
      try {
        const hash = createHash('sha256');
        const upload = new S3Upload({
          client: behind,
          Bucket: BUCKET,
          Key: 'again',
          maxBytes: MIB,
        });
        await pipeline(hashed(numberedLines(LINES), hash), upload);
        assert.strictEqual(proxy.matches, 2);
        const bytes = await read(client, 'again');
        assert.strictEqual(createHash('sha256').update(bytes).digest('hex'), hash.digest('hex'));
      } finally {
        behind.destroy();
        await proxy.stop();
      }
    });

    test('a part that is damaged on its way fails the upload, and no object is made', async () => {
      const proxy = await FaultyProxy.start(server.port, /^PUT .*partNumber=2&/, 'damage');
      const behind = clientOf(proxy.port, server.credentials);
      try {
        const target = { Bucket: BUCKET, Key: 'damaged', maxBytes: MIB };
        const upload = new S3Upload({ client: behind, ...target });
        await assert.rejects(pipeline(numberedLines(LINES), upload), /Part 2 was damaged/);
        await assert.rejects(read(client, 'damaged'), { name: 'NoSuchKey' });
      } finally {
        behind.destroy();
        await proxy.stop();
      }
    });
  });
}

describe('with moto, which lists uploads', { skip: servers.moto.skip }, () => {
  const dir = makeFolder();
  let server;
  let client;

  before(async () => {
    server = await servers.moto.start(dir);
    client = clientOf(server.port, server.credentials);
    await client.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
  });

  after(async () => {
    client?.destroy();
    await server?.stop();
    removeFolder(dir);
  });

  test('what is destroyed in the middle leaves no parts behind', async () => {
    const upload = new S3Upload({ client, Bucket: BUCKET, Key: 'half', maxBytes: MIB });
    await new Promise((resolve) => upload.write(Buffer.alloc(PART_BYTES), resolve));
    assert.strictEqual((await uploadsOf(client)).length, 1);
    upload.destroy();
    await once(upload, 'close');
    assert.strictEqual((await uploadsOf(client)).length, 0);
    await assert.rejects(read(client, 'half'), { name: 'NoSuchKey' });
  });

  test('parts under way end before the upload is given up', async () => {
    const proxy = await FaultyProxy.start(server.port, /^PUT .*partNumber=1&/, 'hold');
    const behind = clientOf(proxy.port, server.credentials);
    const requests = [];
    behind.middlewareStack.add((next, { commandName }) => async (args) => {
      requests.push(`${commandName} begins`);
      try {
        return await next(args);
      } finally {
        requests.push(`${commandName} ends`);
      }
    });
    try {
      const upload = new S3Upload({ client: behind, Bucket: BUCKET, Key: 'held', maxBytes: MIB });
      upload.write(Buffer.alloc(PART_BYTES));
      while (!requests.includes('UploadPartCommand begins')) await nextTurn();
      upload.destroy();
      await once(upload, 'close');
      assert.deepStrictEqual(requests.slice(2), [
        'UploadPartCommand begins',
        'UploadPartCommand ends',
        'AbortMultipartUploadCommand begins',
        'AbortMultipartUploadCommand ends',
      ]);
      assert.strictEqual((await uploadsOf(client)).length, 0);
    } finally {
      behind.destroy();
      await proxy.stop();
    }
  });

  test('more than was planned for is refused, and given up', async () => {
    const options = { client, Bucket: BUCKET, Key: 'large', maxBytes: 2 * PART_BYTES, maxParts: 2 };
    const upload = new S3Upload(options);
    const told = [];
    upload.write(Buffer.alloc(2 * PART_BYTES), (error) => told.push(error));
    upload.end('one byte too many', (error) => told.push(error));
    const [error] = await once(upload, 'error');
    assert.match(error.message, /larger than maxBytes/);
    assert.deepStrictEqual(told, [null, error]);
    if (!upload.closed) await once(upload, 'close');
    assert.strictEqual((await uploadsOf(client)).length, 0);
  });

  test('a bucket that is not there is the error of the stream', async () => {
    const upload = new S3Upload({ client, Bucket: 'nowhere', Key: 'x' });
    upload.write('line\n');
    const [error] = await once(upload, 'error');
    assert.strictEqual(error.name, 'NoSuchBucket');
  });
});

test('parts are planned for the greatest length', () => {
  const sizeOf = (maxBytes) => {
    const sizes = [];
    class Planned extends S3Upload {
      _construct(callback) {
        callback();
      }
      _write(part, _encoding, callback) {
        sizes.push(part.length);
        callback();
      }
      _final(callback) {
        callback();
      }
    }
    const upload = new Planned({ client: null, Bucket: 'b', Key: 'k', maxBytes });
    return new Promise((resolve, reject) => {
      upload.on('error', reject);
      upload.on('finish', () => resolve(sizes[0]));
      upload.end(Buffer.alloc(9 * MIB));
    });
  };
  const tooLarge = { client: null, Bucket: 'b', Key: 'k', maxBytes: 10_000 * 2 ** 32 };
  assert.throws(() => new S3Upload(tooLarge), RangeError);
  return Promise.all([
    sizeOf(100).then((size) => assert.strictEqual(size, PART_BYTES)),
    sizeOf(80_000 * MIB).then((size) => assert.strictEqual(size, 8 * MIB)),
  ]);
});
