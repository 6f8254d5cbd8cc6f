'use strict';

// A real OpenSSH server, with the ssh2 client on our socket.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { Daemon, find, freePort } = require('../harness/daemon');
const { Digest, blocks } = require('../harness/digest');
const { makeFolder, removeFolder } = require('../harness/folder');
const { subject } = require('../harness/subject');

const sshd = find('sshd', ['/usr/sbin']);
const keygen = find('ssh-keygen');
const skip = sshd && keygen ? false : 'openssh-server is not installed';
const dir = makeFolder();
let daemon;
let port;

const file = (name) => path.join(dir, name);

before(async () => {
  if (skip) return;
  for (const name of ['host', 'user']) {
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  }
  fs.copyFileSync(file('user.pub'), file('authorized'));
  port = await freePort();
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: file('host'),
    AuthorizedKeysFile: file('authorized'),
    PidFile: file('pid'),
    StrictModes: 'no',
    PermitRootLogin: 'yes',
    UsePAM: 'no',
    Subsystem: 'sftp internal-sftp',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  fs.writeFileSync(file('config'), lines.join(''));
  // Where the server of this system keeps what it needs while it runs; only root needs it.
  if (process.getuid() === 0) fs.mkdirSync('/run/sshd', { recursive: true });
  daemon = await Daemon.start(sshd, ['-D', '-e', '-f', file('config')], {
    cwd: dir,
    ready: /Server listening on 127/,
  });
});

after(async () => {
  await daemon?.stop();
  removeFolder(dir);
});

async function connected() {
  const { Client } = require('ssh2');
  const client = new Client();
  const sock = subject.connect(port, '127.0.0.1');
  const privateKey = fs.readFileSync(file('user'));
  client.connect({ sock, username: os.userInfo().username, privateKey });
  await once(client, 'ready');
  return client;
}

test('a command with 10 MB in and out', { skip }, async () => {
  const client = await connected();
  const expected = new Digest();
  const stream = await new Promise((resolve, reject) => {
    client.exec('cat', (error, channel) => (error ? reject(error) : resolve(channel)));
  });
  const received = Digest.of(stream);
  for (const block of blocks(10_000_000, expected)) {
    if (!stream.write(block)) await once(stream, 'drain');
  }
  stream.end();
  assert.strictEqual(await received, expected.end());
  client.end();
  await once(client, 'close');
});

test('files of 10 MB there and back by SFTP', { skip }, async () => {
  const client = await connected();
  const sftp = await new Promise((resolve, reject) => {
    client.sftp((error, session) => (error ? reject(error) : resolve(session)));
  });
  const call = (name, ...args) =>
    new Promise((resolve, reject) => {
      sftp[name](...args, (error) => (error ? reject(error) : resolve()));
    });
  const bytes = Buffer.concat([...blocks(10_000_000, new Digest())]);
  fs.writeFileSync(file('here'), bytes);
  await call('fastPut', file('here'), file('there'));
  assert.ok(fs.readFileSync(file('there')).equals(bytes));
  await call('fastGet', file('there'), file('back'));
  assert.ok(fs.readFileSync(file('back')).equals(bytes));
  client.end();
  await once(client, 'close');
});
