'use strict';

/** Servers of other people's as sinks: each is started for a run, and asked for all that it has after it. */

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { Daemon, find, freePort } = require('../../__test__/harness/daemon.js');
const { makeFolder, removeFolder } = require('../../__test__/harness/folder.js');
const { startPostgres } = require('../../__test__/harness/postgres.js');
const { BUCKET, clientOf, servers } = require('../../__test__/harness/s3.js');
const { LaneSum } = require('../check/lane-sum.js');

const KEY = 'lines';
/** zstd files begin with it. */
const ZSTD_MAGIC = 0xfd2fb528;

/** Throws unless the parts are what was expected, one after the other. */
async function check(parts, { bytes, digests }) {
  const sum = new LaneSum();
  let count = 0;
  for await (const part of parts) {
    sum.update(part);
    count += part.length;
  }
  if (count !== bytes) throw new Error(`${count} bytes arrived, ${bytes} expected`);
  if (sum.digest() !== digests[0]) throw new Error('what arrived is not what was written');
}

/** A compressed file in the folder of the run. */
function compressed(_workload, folder) {
  const finish = (expected) => {
    const bytes = fs.readFileSync(path.join(folder, '0.out'));
    const isZstd = bytes.readUInt32LE() === ZSTD_MAGIC;
    return check([isZstd ? zlib.zstdDecompressSync(bytes) : zlib.gunzipSync(bytes)], expected);
  };
  return { target: undefined, finish, stop() {} };
}

async function s3(_workload, folder) {
  const { CreateBucketCommand, GetObjectCommand } = require('@aws-sdk/client-s3');
  const server = await servers.s3rver.start(folder);
  const client = clientOf(server.port, server.credentials);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return {
    target: { port: server.port, credentials: server.credentials, Bucket: BUCKET, Key: KEY },
    async finish(expected) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
      await check(Body, expected);
    },
    stop() {
      client.destroy();
      return server.stop();
    },
  };
}

async function postgres() {
  const { Client } = require('pg');
  const copy = require('pg-copy-streams');
  // The server runs as another user, who may not look into the folder of the run.
  const folder = makeFolder();
  const { daemon, client: target } = await startPostgres(folder);
  const client = new Client(target);
  await client.connect();
  await client.query('CREATE UNLOGGED TABLE items (id int, name text)');
  return {
    target: { ...target, statement: 'COPY items FROM STDIN' },
    finish: (expected) =>
      check(client.query(copy.to('COPY (SELECT * FROM items ORDER BY id) TO STDOUT')), expected),
    async stop() {
      await client.end();
      await daemon.stop('SIGINT');
      removeFolder(folder);
    },
  };
}

async function redis(_workload, folder) {
  const { Redis } = require('ioredis');
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const ready = /ready to accept connections/i;
  const daemon = await Daemon.start(find('redis-server'), args, { cwd: folder, ready });
  return {
    target: { port, key: KEY },
    async finish(expected) {
      const client = new Redis({ host: '127.0.0.1', port });
      const entries = await client.xrange(KEY, '-', '+');
      client.disconnect();
      await check([Buffer.from(entries.map(([, [, line]]) => `${line}\n`).join(''))], expected);
    },
    stop: () => daemon.stop(),
  };
}

async function nats(_workload, folder) {
  const { jetstream, jetstreamManager } = require('@nats-io/jetstream');
  const { connect } = require('@nats-io/transport-node');
  const port = await freePort();
  const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', folder];
  const options = { cwd: folder, ready: /Server is ready/ };
  const daemon = await Daemon.start(find('nats-server'), args, options);
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: KEY, subjects: [KEY], storage: 'file' });

  async function* messages() {
    const consumer = await jetstream(connection).consumers.get(KEY);
    let { num_pending: pending } = await consumer.info();
    while (pending > 0) {
      for await (const message of await consumer.fetch({ max_messages: pending })) {
        pending -= 1;
        yield message.data;
      }
    }
  }

  return {
    target: { port, subject: KEY },
    finish: (expected) => check(messages(), expected),
    async stop() {
      await connection.close();
      await daemon.stop();
    },
  };
}

module.exports = { compressed, nats, postgres, redis, s3 };
