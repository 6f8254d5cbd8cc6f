'use strict';

// A real PostgreSQL server in a folder of its own.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { Daemon, find, freePort, lesserUser } = require('./daemon');

const USER = 'tester';
const folders = binFolders();
const [initdb, postgres] = ['initdb', 'postgres'].map((command) => find(command, folders));
const skip = initdb && postgres ? false : 'postgresql is not installed';

/** Where Debian keeps what is of one version. */
function binFolders() {
  const root = '/usr/lib/postgresql';
  if (!fs.existsSync(root)) return [];
  return fs.readdirSync(root).map((version) => path.join(root, version, 'bin'));
}

/** Starts a server in `dir`: `{ daemon, client }`, the latter what `pg` connects with. */
async function startPostgres(dir) {
  const user = lesserUser('postgres', 'nobody');
  if (user.uid !== undefined) fs.chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, 'data');
  const options = { ...user, cwd: dir };
  const initArgs = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(initdb, initArgs, options);
  const settings = [`unix_socket_directories=${dir}`, 'listen_addresses=127.0.0.1', 'fsync=off'];
  const port = await freePort();
  const args = ['-D', data, '-p', `${port}`, ...settings.flatMap((one) => ['-c', one])];
  const ready = /ready to accept connections/;
  const daemon = await Daemon.start(postgres, args, { ...options, ready });
  return { daemon, client: { user: USER, database: 'postgres', host: '127.0.0.1', port } };
}

module.exports = { skip, startPostgres };
