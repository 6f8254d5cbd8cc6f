'use strict';

// Servers that speak S3's protocol, each in a process or a folder of its own, and a client for each.

const fs = require('node:fs');
const path = require('node:path');
const { S3Client } = require('@aws-sdk/client-s3');
const { Daemon, find, freePort } = require('./daemon');

const BUCKET = 'bucket';
/** `.ci/run` installs moto in an environment of its own. */
const PYTHON_BIN = path.join(__dirname, '..', '..', 'target', 'python', 'bin');

function clientOf(port, credentials, options) {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    ...options,
  });
}

const servers = {
  moto: {
    get skip() {
      return find('moto_server', [PYTHON_BIN]) ? false : 'moto is not installed';
    },
    async start(dir) {
      const port = await freePort();
      const args = ['-H', '127.0.0.1', '-p', `${port}`];
      const options = { cwd: dir, ready: /Running on/ };
      const daemon = await Daemon.start(find('moto_server', [PYTHON_BIN]), args, options);
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      return { port, credentials, stop: () => daemon.stop() };
    },
  },
  s3rver: {
    skip: false,
    /** One that comes back has the port and the directory that it had before. */
    async start(
      dir,
      { port: wanted = 0, directory = fs.mkdtempSync(path.join(dir, 's3rver-')) } = {},
    ) {
      const S3rver = require('s3rver');
      const server = new S3rver({ port: wanted, address: '127.0.0.1', silent: true, directory });
      const { port } = await server.run();
      const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
      return { port, directory, credentials, stop: () => server.close() };
    },
  },
};

module.exports = { BUCKET, clientOf, servers };
