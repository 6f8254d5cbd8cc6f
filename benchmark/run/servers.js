'use strict';

/** Servers of other people's as sinks: each is started for a run, and asked for all that it has after it. */

const fs = require('node:fs');
const path = require('node:path');
const { compose } = require('node:stream');
const zlib = require('node:zlib');
const { Daemon, find, freePort } = require('../../__test__/harness/daemon.js');
const { makeFolder, removeFolder } = require('../../__test__/harness/folder.js');
const { startPostgres } = require('../../__test__/harness/postgres.js');
const { BUCKET, clientOf, servers } = require('../../__test__/harness/s3.js');
const { checkReports, sumOf } = require('../check/checksum.js');

const KEY = 'lines';
const DECODERS = { gzip: zlib.createGunzip, zstd: zlib.createZstdDecompress };

/** Throws unless the parts, decoded, are what was expected, one after the other. */
async function check(parts, expected, encoding) {
  const decoded = encoding === undefined ? parts : compose(parts, DECODERS[encoding]());
  checkReports([await sumOf(decoded)], expected);
}

/** A file in the folder of the run that has to be decoded. */
function compressed({ encoding }, folder) {
  const file = path.join(folder, '0.out');
  const finish = (expected) => check(fs.createReadStream(file), expected, encoding);
  return { target: undefined, finish, stop() {} };
}

/** moto, which is a process of its own, or s3rver, which is not. */
async function s3({ encoding }, folder) {
  const { CreateBucketCommand, GetObjectCommand } = require('@aws-sdk/client-s3');
  const server = await (servers.moto.skip ? servers.s3rver : servers.moto).start(folder);
  const client = clientOf(server.port, server.credentials);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return {
    target: { port: server.port, credentials: server.credentials, Bucket: BUCKET, Key: KEY },
    async finish(expected) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
      await check(Body, expected, encoding);
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
