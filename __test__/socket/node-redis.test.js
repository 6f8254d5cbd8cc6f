'use strict';

// A real Redis server, with the node-redis client, which connects by itself.

const assert = require('node:assert');
const { after, before, test } = require('node:test');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { useNodesNet, useOurNet } = require('../harness/our-net');
const { subject } = require('../harness/subject');

const file = find('redis-server');
const skip = file === undefined ? 'redis-server is not installed' : false;
const dir = makeFolder();
const LIMIT_MS = 120_000;
let daemon;
let made;
let url;

before(async () => {
  if (skip) return;
  const port = await freePort();
  const args = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no', daemonize: 'no' };
  daemon = await Daemon.start(
    file,
    Object.entries(args).flatMap(([name, value]) => [`--${name}`, `${value}`]),
    { cwd: dir, ready: /ready to accept connections/i },
  );
  url = `redis://127.0.0.1:${port}`;
  made = useOurNet();
});

after(async () => {
  useNodesNet();
  await daemon?.stop();
  removeFolder(dir);
});

async function connected() {
  const { createClient } = require('redis');
  // A busy machine may take longer than the five seconds that the client gives a command.
  const client = createClient({ url, commandOptions: { timeout: LIMIT_MS } });
  await client.connect();
  assert.ok(made.at(-1) instanceof subject.Socket);
  return client;
}

test('commands in turn, many at once, and a large value', { skip }, async () => {
  const client = await connected();
  for (let i = 0; i < 300; i++) {
    await client.set('n', `${i} żółć`);
    assert.strictEqual(await client.get('n'), `${i} żółć`);
  }
  const numbers = Array.from({ length: 20_000 }, (_unused, i) => i);
  await Promise.all(numbers.map((i) => client.set(`key:${i}`, `value ${i}`)));
  const values = await Promise.all(numbers.map((i) => client.get(`key:${i}`)));
  assert.deepStrictEqual(
    values,
    numbers.map((i) => `value ${i}`),
  );
  const large = 'a large value '.repeat(500_000);
  await client.set('large', large);
  assert.strictEqual(await client.get('large'), large);
  const replies = await client.multi().incr('count').incr('count').get('count').exec();
  assert.deepStrictEqual(replies, [1, 2, '2']);
  await client.close();
});

test('a subscription', { skip }, async () => {
  const [publisher, listener] = [await connected(), await connected()];
  const received = [];
  let afterLast;
  const all = new Promise((resolve) => {
    afterLast = resolve;
  });
  await listener.subscribe('news', (message) => {
    if (received.push(message) === 1000) afterLast();
  });
  const sent = Array.from({ length: 1000 }, (_unused, i) => publisher.publish('news', `${i}`));
  await Promise.all(sent);
  await all;
  assert.deepStrictEqual(
    received,
    Array.from(received, (_unused, i) => `${i}`),
  );
  await Promise.all([publisher.close(), listener.close()]);
});
