'use strict';

// The `ws` client over our socket.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { WebSocket, WebSocketServer, createWebSocketStream } = require('ws');
const { Digest, blocks } = require('../harness/digest');
const { subject } = require('../harness/subject');

/** A client that is connected to an echo. */
async function withEcho(body, options = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 0, ...options });
  await once(server, 'listening');
  server.on('connection', (other) => {
    other.on('message', (message, isBinary) => other.send(message, { binary: isBinary }));
  });
  const { port } = server.address();
  let socket;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, {
    createConnection: () => {
      socket = subject.connect(port, '127.0.0.1');
      return socket;
    },
  });
  await once(client, 'open');
  assert.ok(socket instanceof subject.Socket);
  try {
    await body(client, socket);
  } finally {
    client.terminate();
    server.close();
  }
}

for (const perMessageDeflate of [false, true]) {
  const how = perMessageDeflate ? 'deflated' : 'plain';
  test(`2000 messages come back in order, ${how}`, async () => {
    await withEcho(
      async (client) => {
        const COUNT = 2000;
        const received = [];
        const done = new Promise((resolve) => {
          client.on('message', (message, isBinary) => {
            received.push(isBinary ? message.length : `${message}`);
            if (received.length === COUNT) resolve();
          });
        });
        const expected = Array.from({ length: COUNT }, (_unused, i) =>
          i % 5 === 0 ? i * 10 : `message ${i} żółć 😀`,
        );
        for (const message of expected) {
          client.send(typeof message === 'number' ? Buffer.alloc(message, 'x') : message);
        }
        await done;
        assert.deepStrictEqual(received, expected);
      },
      { perMessageDeflate },
    );
  });
}

test('a message of 20 MB', async () => {
  await withEcho(async (client) => {
    const message = Buffer.alloc(20_000_000, 'a long message ');
    const sent = new Promise((resolve) => client.send(message, resolve));
    const [answer] = await once(client, 'message');
    assert.ok(answer.equals(message));
    assert.ok(!(await sent));
  });
});

test('fragments, ping and a closing handshake', async () => {
  await withEcho(async (client, socket) => {
    for (let i = 0; i < 50; i++) client.send(`part ${i} `, { fin: i === 49 });
    const [whole] = await once(client, 'message');
    assert.ok(`${whole}`.endsWith('part 49 '));
    client.ping('are you there');
    const [pong] = await once(client, 'pong');
    assert.strictEqual(`${pong}`, 'are you there');
    client.close(1000, 'done');
    const [code] = await once(client, 'close');
    assert.strictEqual(code, 1000);
    assert.ok(socket.destroyed);
  });
});

test('as a stream, 10 MB both ways', async () => {
  await withEcho(async (client) => {
    const duplex = createWebSocketStream(client);
    const expected = new Digest();
    const received = new Digest();
    const done = new Promise((resolve) => {
      duplex.on('data', (part) => {
        received.update(part);
        if (received.length >= 10_000_000 && received.length === expected.length) resolve();
      });
    });
    for (const block of blocks(10_000_000, expected)) {
      if (!duplex.write(block)) await once(duplex, 'drain');
    }
    await done;
    assert.strictEqual(received.end(), expected.end());
    duplex.destroy();
  });
});
