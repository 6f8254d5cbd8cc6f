'use strict';

// The `ws` client over our socket.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const { setImmediate: nextTurn } = require('node:timers/promises');
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

test('bufferedAmount counts what the system has refused, and comes down again', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const socket = subject.connect(server.address().port, '127.0.0.1');
  const client = new WebSocket('ws://127.0.0.1', { createConnection: () => socket });
  const [[other]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  other.pause();
  let received = 0;
  other.on('message', () => received++);
  let sent = 0;
  let told = 0;
  let drains = 0;
  let isWaiting = false;
  socket.on('drain', () => drains++);
  while (client.bufferedAmount < 200_000) {
    for (let i = 0; i < 5; i++) client.send(Buffer.alloc(9000, `${sent++}`), () => told++);
    await nextTurn();
    const { bufferedAmount } = client;
    const { writableLength } = socket;
    if (writableLength > 0) isWaiting = true;
    // The system may have taken more by now.
    assert.ok(bufferedAmount >= writableLength, `${bufferedAmount} of ${writableLength}`);
  }
  other.resume();
  await new Promise((resolve) => client.send('last', resolve));
  assert.strictEqual(client.bufferedAmount, 0);
  assert.strictEqual(told, sent);
  // Whoever finds bytes that wait may wait for this.
  while (isWaiting && drains === 0) await nextTurn();
  while (received < sent + 1) await once(other, 'message');
  client.close();
  await once(client, 'close');
  server.close();
});

test('an end before the connection, of more than the system takes', async () => {
  const server = net.createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = subject.connect(server.address().port, '127.0.0.1');
  const finished = once(socket, 'finish');
  socket.write(Buffer.alloc(8_000_000, 'a'));
  socket.write('b'.repeat(9000));
  socket.end(Buffer.alloc(9000, 'c'));
  const [[other]] = await Promise.all([accepted, once(socket, 'connect')]);
  await nextTurn();
  other.resume();
  await finished;
  await once(other, 'end');
  assert.strictEqual(other.bytesRead, 8_018_000);
  socket.destroy();
  other.destroy();
  server.close();
});

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
