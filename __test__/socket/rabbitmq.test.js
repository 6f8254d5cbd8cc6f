'use strict';

// A real RabbitMQ server, with amqplib, which connects by itself. It gathers frames of all channels for each write.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const amqp = require('amqplib');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { useNodesNet, useOurNet } = require('../harness/our-net');
const { subject } = require('../harness/subject');

const MESSAGES = 1000;
/** Debian's command in PATH changes the user and the folders. */
const PACKAGES = '/usr/lib/rabbitmq/lib';

/** The server's own script, and the daemon that maps names of Erlang's nodes to ports. */
const file = find('rabbitmq-server', serverFolders());
const mapper = find('epmd');
const skip = file && mapper ? false : 'rabbitmq-server is not installed';
const dir = makeFolder();
let daemons = [];
let made;
let url;

function serverFolders() {
  if (!fs.existsSync(PACKAGES)) return [];
  return fs.readdirSync(PACKAGES).map((name) => path.join(PACKAGES, name, 'sbin'));
}

before(async () => {
  if (skip) return;
  const [mapperPort, port, nodesPort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    HOME: dir,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: `${mapperPort}`,
    RABBITMQ_NODENAME: `test-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${nodesPort}`,
    RABBITMQ_MNESIA_BASE: dir,
    RABBITMQ_LOG_BASE: dir,
    RABBITMQ_CONF_ENV_FILE: path.join(dir, 'environment'),
    RABBITMQ_CONFIG_FILE: path.join(dir, 'configuration'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(dir, 'plugins'),
  };
  // Started by the server it would outlive it.
  const names = await Daemon.start(mapper, ['-d'], { env, ready: /epmd running/ });
  daemons = [names];
  daemons.unshift(await Daemon.start(file, [], { cwd: dir, env, ready: /completed with/ }));
  url = `amqp://guest:guest@127.0.0.1:${port}`;
  made = useOurNet();
});

after(async () => {
  useNodesNet();
  for (const daemon of daemons) await daemon.stop();
  removeFolder(dir);
});

async function connected() {
  const connection = await amqp.connect(url);
  assert.ok(made.length > 0 && made.every((socket) => socket instanceof subject.Socket));
  return connection;
}

test('a thousand confirmed messages are consumed in order', { skip }, async () => {
  const [sender, receiver] = [await connected(), await connected()];
  const outgoing = await sender.createConfirmChannel();
  const incoming = await receiver.createChannel();
  const { queue } = await incoming.assertQueue('', { exclusive: true });
  let count = 0;
  const all = new Promise((resolve, reject) => {
    const take = (message) => {
      try {
        assert.strictEqual(`${message.content}`, `message ${count++} żółć`);
      } catch (error) {
        return reject(error);
      }
      incoming.ack(message);
      if (count === MESSAGES) resolve();
    };
    incoming.consume(queue, take).catch(reject);
  });
  const confirmed = [];
  for (let i = 0; i < MESSAGES; i++) {
    outgoing.publish('', queue, Buffer.from(`message ${i} żółć`), {}, (error) =>
      confirmed.push(error),
    );
  }
  await outgoing.waitForConfirms();
  assert.deepStrictEqual(confirmed, Array(MESSAGES).fill(null));
  await all;
  await Promise.all([sender.close(), receiver.close()]);
});

test('a flood that waits for drain arrives whole', { skip }, async () => {
  const connection = await connected();
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  let bytes = 0;
  let waits = 0;
  for (let i = 0; i < 5 * MESSAGES; i++) {
    const content = Buffer.alloc(1 + ((i * 37) % 9000), i & 0xff);
    bytes += content.length;
    if (channel.publish('', queue, content)) continue;
    waits++;
    await once(channel, 'drain');
  }
  await channel.waitForConfirms();
  assert.ok(waits > 0, 'it had to wait');
  for (let i = 0; i < 5 * MESSAGES; i++) {
    const { content } = await channel.get(queue, { noAck: true });
    assert.ok(content.equals(Buffer.alloc(1 + ((i * 37) % 9000), i & 0xff)), `message ${i}`);
    bytes -= content.length;
  }
  assert.strictEqual(bytes, 0);
  await connection.close();
});
