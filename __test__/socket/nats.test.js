'use strict';

// A real NATS server, with the client of NATS, which connects by itself.

const assert = require('node:assert');
const { after, before, test } = require('node:test');
const { connect } = require('@nats-io/transport-node');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { useNodesNet, useOurNet } = require('../harness/our-net');
const { subject } = require('../harness/subject');

const file = find('nats-server', ['/usr/sbin']);
const skip = file === undefined ? 'nats-server is not installed' : false;
const dir = makeFolder();
let daemon;
let made;
let servers;

before(async () => {
  if (skip) return;
  const port = await freePort();
  const args = ['-a', '127.0.0.1', '-p', `${port}`];
  daemon = await Daemon.start(file, args, { cwd: dir, ready: /Server is ready/ });
  servers = `127.0.0.1:${port}`;
  made = useOurNet();
});

after(async () => {
  useNodesNet();
  await daemon?.stop();
  removeFolder(dir);
});

test('20,000 messages arrive in order', { skip }, async () => {
  const [publisher, listener] = [await connect({ servers }), await connect({ servers })];
  assert.ok(made.length === 2 && made.every((socket) => socket instanceof subject.Socket));
  const subscription = listener.subscribe('news', { max: 20_000 });
  await listener.flush();
  for (let i = 0; i < 20_000; i++) publisher.publish('news', `message ${i} żółć`);
  let count = 0;
  for await (const message of subscription) {
    assert.strictEqual(message.string(), `message ${count++} żółć`);
  }
  assert.strictEqual(count, 20_000);
  await Promise.all([publisher.close(), listener.close()]);
});

test('requests in turn', { skip }, async () => {
  const [asker, answerer] = [await connect({ servers }), await connect({ servers })];
  answerer.subscribe('double', {
    callback: (_error, message) => message.respond(`${2 * Number(message.string())}`),
  });
  await answerer.flush();
  for (let i = 0; i < 500; i++) {
    assert.strictEqual((await asker.request('double', `${i}`)).string(), `${2 * i}`);
  }
  await Promise.all([asker.close(), answerer.close()]);
});
