'use strict';

// The mqtt client on our socket, and a broker (aedes) on our server.

const assert = require('node:assert');
const { once } = require('node:events');
const { after, before, test } = require('node:test');
const { subject } = require('../harness/subject');

const COUNT = 2000;
let broker;
let server;

before(async () => {
  const { Aedes } = require('aedes');
  broker = await Aedes.createBroker();
  server = subject.createServer(broker.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(async () => {
  await new Promise((resolve) => broker.close(resolve));
  server.close();
});

async function connected() {
  const mqtt = require('mqtt');
  const where = { port: server.address().port, host: '127.0.0.1' };
  const client = new mqtt.MqttClient(() => subject.connect(where), { reconnectPeriod: 0 });
  await once(client, 'connect');
  assert.ok(client.stream instanceof subject.Socket);
  return client;
}

for (const qos of [0, 1, 2]) {
  test(`2000 messages of quality ${qos} arrive in order`, async () => {
    const [publisher, listener] = [await connected(), await connected()];
    await listener.subscribeAsync('news/#', { qos });
    const received = [];
    const all = new Promise((resolve) => {
      listener.on('message', (topic, payload) => {
        if (received.push(`${topic} ${payload}`) === COUNT) resolve();
      });
    });
    // The broker cuts off a client that has many messages of quality 2 in flight.
    const atOnce = qos === 2 ? 20 : COUNT;
    for (let i = 0; i < COUNT; i += atOnce) {
      const some = Array.from({ length: atOnce }, (_unused, n) =>
        publisher.publishAsync(`news/${i + n}`, `message ${i + n} żółć`, { qos }),
      );
      await Promise.all(some);
    }
    await all;
    assert.deepStrictEqual(
      received,
      Array.from(received, (_unused, i) => `news/${i} message ${i} żółć`),
    );
    await Promise.all([publisher.endAsync(), listener.endAsync()]);
  });
}

test('a message of 5 MB', async () => {
  const [publisher, listener] = [await connected(), await connected()];
  await listener.subscribeAsync('large', { qos: 1 });
  const received = once(listener, 'message');
  const payload = Buffer.alloc(5_000_000, 'a large message ');
  await publisher.publishAsync('large', payload, { qos: 1 });
  assert.ok(payload.equals((await received)[1]));
  await Promise.all([publisher.endAsync(), listener.endAsync()]);
});
