'use strict';

// A real MariaDB server, with the mysql2 client on our socket.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { promisify } = require('node:util');
const { Daemon, find, freePort, lesserUser } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { subject } = require('../harness/subject');

const folders = ['/usr/sbin'];
const [install, server] = ['mariadb-install-db', 'mariadbd'].map((name) => find(name, folders));
const skip = install && server ? false : 'mariadb-server is not installed';
const dir = makeFolder();
let daemon;
let port;

before(async () => {
  if (skip) return;
  const user = lesserUser('mysql', 'nobody');
  if (user.uid !== undefined) fs.chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, 'data');
  const options = { ...user, cwd: dir };
  const how = ['--no-defaults', `--datadir=${data}`, '--skip-name-resolve'];
  const small = ['--innodb-log-file-size=8M', '--innodb-flush-log-at-trx-commit=0'];
  const authentication = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  await promisify(execFile)(install, [...how, ...small, ...authentication], options);
  port = await freePort();
  const where = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${unixPath()}`];
  const rest = [
    '--skip-grant-tables',
    '--skip-networking=0',
    `--pid-file=${path.join(dir, 'pid')}`,
  ];
  const args = [...how, ...small, ...where, ...rest, '--max-allowed-packet=64M'];
  daemon = await Daemon.start(server, args, { ...options, ready: /ready for connections/ });
});

after(async () => {
  await daemon?.stop();
  removeFolder(dir);
});

function unixPath() {
  return path.join(dir, 'mysql.sock');
}

async function connected(where) {
  const mysql = require('mysql2/promise');
  const stream = subject.connect(where);
  const client = await mysql.createConnection({ user: 'root', database: 'mysql', stream });
  return { client, stream };
}

for (const [place, whereOf] of [
  ['TCP', () => ({ port, host: '127.0.0.1' })],
  ['a unix socket', () => ({ path: unixPath() })],
]) {
  test(`queries, prepared statements and large values, over ${place}`, { skip }, async () => {
    const { client, stream } = await connected(whereOf());
    for (let i = 0; i < 200; i++) {
      const [rows] = await client.query('SELECT ? + 1 AS next, ? AS text', [i, `ż${i}`]);
      assert.deepStrictEqual(rows.map(Object.entries), [
        [
          ['next', i + 1],
          ['text', `ż${i}`],
        ],
      ]);
      const [prepared] = await client.execute('SELECT CHAR_LENGTH(?) AS length', [`text ${i}`]);
      assert.strictEqual(prepared[0].length, `text ${i}`.length);
    }
    const large = 'long text '.repeat(1_000_000);
    const [rows] = await client.query('SELECT LENGTH(?) AS length', [large]);
    assert.strictEqual(rows[0].length, large.length);
    assert.ok(stream.bytesWritten > large.length);
    const all = await Promise.all(
      Array.from({ length: 500 }, (_unused, i) => client.query('SELECT ? AS n', [i])),
    );
    assert.deepStrictEqual(
      all.map(([[{ n }]]) => n),
      Array.from(all, (_unused, i) => i),
    );
    await assert.rejects(client.query('SELECT nothing FROM nowhere'), { errno: 1146 });
    await client.end();
  });
}
