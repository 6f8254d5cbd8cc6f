'use strict';

// examples/nats-jetstream.js against a real NATS server, which is killed in the middle.

const assert = require('node:assert');
const { once } = require('node:events');
const { after, before, test } = require('node:test');
const { jetstream, jetstreamManager } = require('@nats-io/jetstream');
const { connect } = require('@nats-io/transport-node');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { numberedLines } = require('../harness/lines');
const NatsStream = require('../../examples/nats-jetstream.js');

const LINES = 100_000;
const file = find('nats-server');
const skip = file === undefined ? 'nats-server is not installed' : false;
const dir = makeFolder();
let port;
let daemon;
let connection;

function startServer() {
  const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', dir];
  return Daemon.start(file, args, { cwd: dir, ready: /Server is ready/ });
}

before(async () => {
  if (skip) return;
  port = await freePort();
  daemon = await startServer();
  const servers = `127.0.0.1:${port}`;
  connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const manager = await jetstreamManager(connection);
  for (const name of ['short', 'killed']) {
    await manager.streams.add({ name, subjects: [`log.${name}`], storage: 'file' });
  }
});

after(async () => {
  await connection?.close();
  await daemon?.stop();
  removeFolder(dir);
});

/** All messages of a stream, in order. */
async function read(name) {
  const consumer = await jetstream(connection).consumers.get(name);
  const { num_pending: pending } = await consumer.info();
  const messages = [];
  while (messages.length < pending) {
    const batch = await consumer.fetch({ max_messages: pending - messages.length, expires: 5000 });
    for await (const message of batch) messages.push(message.string());
  }
  return messages;
}

test('messages have whole lines, whatever the size of a batch', { skip }, async () => {
  const sink = new NatsStream(connection, 'log.short', { batchSize: 150 });
  for (const line of numberedLines(500)) sink.write(line);
  sink.end('last');
  await once(sink, 'close');
  const messages = await read('short');
  assert.strictEqual(messages.join(''), `${[...numberedLines(500)].join('')}last`);
  assert.ok(messages.slice(0, -1).every((message) => message.endsWith('\n')));
});

test('the server is killed and comes back: nothing is lost, nothing twice', { skip }, async () => {
  const sink = new NatsStream(connection, 'log.killed', { batchSize: 16 * 1024 });
  let written = 0;
  let returned;
  for (const line of numberedLines(LINES)) {
    if (!sink.write(line)) await once(sink, 'drain');
    written += 1;
    if (written !== LINES / 2) continue;
    await daemon.stop('SIGKILL');
    returned = startServer().then((started) => {
      daemon = started;
    });
  }
  await returned;
  sink.end();
  await once(sink, 'close');
  const text = (await read('killed')).join('');
  assert.ok(text === [...numberedLines(LINES)].join(''), `${text.length} characters came`);
});

test('what no stream takes is the error of the sink, once it is given up', { skip }, async () => {
  const sink = new NatsStream(connection, 'nobody.listens');
  const told = new Promise((resolve) => sink.write('line\n', resolve));
  sink.destroy(new Error('given up'));
  const [error] = await once(sink, 'error');
  assert.strictEqual(error.message, 'given up');
  assert.strictEqual(await told, error);
});
