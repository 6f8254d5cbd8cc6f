'use strict';

/**
 * Sinks of one's own: what people write today on Node's `Writable` or with the client's own stream, and
 * the same in batches (examples/). Each list has the peers of one row.
 */

const fs = require('node:fs');
const path = require('node:path');
const { PassThrough, Writable } = require('node:stream');

const ROOT = path.join(__dirname, '..', '..');
const MIB = 1024 * 1024;
const BATCH_BYTES = 64 * 1024;

const example = (name) => require(path.join(ROOT, 'examples', name));
const ours = () => require(ROOT);

/** A pair of peers: `name` is the one of today. */
function pair(name, title, today, batched) {
  return [
    { name, title, ...today },
    { name: 'rushwrite', title: 'rushwrite, in batches', ...batched },
  ];
}

/** A sink that does nothing with its chunks but call back: `after(callback)`. */
function idleSinks(after) {
  const write = (_chunk, _encoding, callback) => after(callback);
  return pair(
    'writable',
    'Writable of Node',
    { createWriteStream: () => new Writable({ write }) },
    {
      load: ours,
      createWriteStream: () => new (ours().Writable)({ batchSize: BATCH_BYTES, write }),
    },
  );
}

/** The compressor's `close` is not the target's: the time ends with the latter. */
function pipedInto(compressor, target) {
  compressor.pipe(target);
  return untilClose(compressor, (closed) => target.once('close', closed));
}

/** Makes `stream` emit 'close' when `wait` calls back, and not before. */
function untilClose(stream, wait) {
  const { emit } = stream;
  stream.emit = (event, ...args) => event !== 'close' && emit.call(stream, event, ...args);
  wait(() => emit.call(stream, 'close'));
  return stream;
}

function compressors(create) {
  return pair(
    'zlib',
    'the compressor, line by line',
    {
      createWriteStream(file) {
        return pipedInto(create(), fs.createWriteStream(file));
      },
    },
    {
      load: () => example('compressed-log.js'),
      createWriteStream(file) {
        const Compressed = example('compressed-log.js');
        return new Compressed(create(), ours().createWriteStream(file));
      },
    },
  );
}

function s3Client({ port, credentials }) {
  const { S3Client } = require('@aws-sdk/client-s3');
  const endpoint = `http://127.0.0.1:${port}`;
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
}

/** What lib-storage uploads. */
function uploadBody({ Bucket, Key, ...server }) {
  const { Upload } = require('@aws-sdk/lib-storage');
  const client = s3Client(server);
  const Body = new PassThrough();
  const options = { partSize: 5 * MIB, queueSize: 3 };
  const upload = new Upload({ client, params: { Bucket, Key, Body }, ...options });
  return untilClose(Body, async (closed) => {
    await upload.done();
    client.destroy();
    closed();
  });
}

function uploadBatches({ Bucket, Key, ...server }) {
  const client = s3Client(server);
  const S3Upload = example('s3-upload.js');
  const upload = new S3Upload({ client, Bucket, Key, maxBytes: 48 * 1024 * MIB });
  return upload.once('close', () => client.destroy());
}

/** Uploads to S3, through the compressor that `create` makes if there is one. */
function uploads(create) {
  return pair(
    'lib-storage',
    'Upload of @aws-sdk/lib-storage',
    {
      load: () => require('@aws-sdk/lib-storage'),
      connect(target) {
        const body = uploadBody(target);
        return create ? pipedInto(create(), body) : body;
      },
    },
    {
      load: () => [example('s3-upload.js'), example('compressed-log.js')],
      connect(target) {
        const upload = uploadBatches(target);
        return create ? new (example('compressed-log.js'))(create(), upload) : upload;
      },
    },
  );
}

/** Queries wait for the connection by themselves. */
function postgresClient(target) {
  const { Client } = require('pg');
  const client = new Client(target);
  client.connect();
  return client;
}

const postgres = pair(
  'pg-copy-streams',
  'pg-copy-streams, row by row',
  {
    load: () => require('pg-copy-streams'),
    connect({ statement, ...target }) {
      const client = postgresClient(target);
      const into = client.query(require('pg-copy-streams').from(statement));
      return into.once('close', () => client.end());
    },
  },
  {
    load: () => example('postgres-copy.js'),
    connect({ statement, ...target }) {
      const client = postgresClient(target);
      const into = new (example('postgres-copy.js'))(client, statement);
      return into.once('close', () => client.end());
    },
  },
);

const redis = pair(
  'writable',
  'an XADD for each chunk of Writable',
  {
    load: () => require('ioredis'),
    connect({ port, key }) {
      const client = new (require('ioredis').Redis)({ host: '127.0.0.1', port });
      const write = (line, _encoding, callback) =>
        client.xadd(key, '*', 'line', line.subarray(0, -1), callback);
      return new Writable({ write }).once('close', () => client.disconnect());
    },
  },
  {
    load: () => example('redis-stream.js'),
    connect({ port, key }) {
      const client = new (require('ioredis').Redis)({ host: '127.0.0.1', port });
      return new (example('redis-stream.js'))(client, key).once('close', () => client.disconnect());
    },
  },
);

function natsConnection({ port }) {
  return require('@nats-io/transport-node').connect({ servers: `127.0.0.1:${port}` });
}

async function closeNats(connecting) {
  const connection = await connecting;
  await connection.close();
}

const nats = pair(
  'writable',
  'a message for each chunk of Writable',
  {
    load: () => require('@nats-io/transport-node') && require('@nats-io/jetstream'),
    connect({ subject, ...target }) {
      const { jetstream } = require('@nats-io/jetstream');
      const connecting = natsConnection(target);
      const publishing = connecting.then((connection) => jetstream(connection));
      const write = (line, _encoding, callback) =>
        publishing.then((stream) => stream.publish(subject, line)).then(() => callback(), callback);
      return new Writable({ write }).once('close', () => closeNats(connecting));
    },
  },
  {
    load: () => example('nats-jetstream.js'),
    connect({ subject, ...target }) {
      const connecting = natsConnection(target);
      const sink = new (example('nats-jetstream.js'))(connecting, subject);
      return sink.once('close', () => closeNats(connecting));
    },
  },
);

module.exports = { compressors, idleSinks, nats, postgres, redis, uploads };
