'use strict';

// adopt(): a socket of Node's, from a server that is not ours, becomes ours where it stands.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { PassThrough } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const tls = require('node:tls');
const { Peer } = require('../harness/peer');
const { isSelfTest, subject } = require('../harness/subject');

const { Socket, adopt } = subject;
const options = { skip: isSelfTest && 'Node has no adopt()' };

/** Both ends of a connection, Node's. */
async function pair(serverOptions) {
  const server = net.createServer(serverOptions).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  const [accepted] = await once(server, 'connection');
  if (client.connecting) await once(client, 'connect');
  client.on('error', () => {});
  return { server, client, accepted };
}

async function textOf(readable) {
  let text = '';
  for await (const part of readable) text += part.toString('latin1');
  return text;
}

test('an accepted socket: the same object, what was read, listeners, count', options, async () => {
  const { server, client, accepted } = await pair();
  client.write('read before');
  await once(accepted, 'readable');
  const closes = [];
  accepted.on('close', (hadError) => closes.push(hadError));
  assert.strictEqual(adopt(accepted), accepted);
  assert.ok(accepted instanceof Socket);
  assert.strictEqual(adopt(accepted), accepted);
  assert.strictEqual(accepted.listenerCount('close'), 1);
  await new Promise((resolve) => accepted.write('a reply', resolve));
  client.end(', read after');
  assert.strictEqual(await textOf(accepted), 'read before, read after');
  assert.strictEqual(await textOf(client), 'a reply');
  if (!accepted.closed) await once(accepted, 'close');
  assert.deepStrictEqual(closes, [false]);
  assert.strictEqual(accepted.bytesWritten, 7);
  assert.strictEqual(server._connections, 0);
  server.close();
  await once(server, 'close');
});

test('a connected socket', options, async () => {
  const { server, client, accepted } = await pair();
  await new Promise((resolve) => client.write('by Node ', resolve));
  adopt(client, { bufferSize: 1000 });
  await new Promise((resolve) => client.write('by Rust', resolve));
  client.end();
  assert.strictEqual(await textOf(accepted), 'by Node by Rust');
  assert.strictEqual(client.bytesWritten, 15);
  accepted.end();
  server.close();
});

test('a timeout that runs goes on, and a write of ours puts it off', options, async (t) => {
  const { server, client, accepted } = await pair();
  let timeouts = 0;
  accepted.setTimeout(200, () => timeouts++);
  adopt(accepted);
  assert.strictEqual(accepted.timeout, 200);
  const start = performance.now();
  await once(accepted, 'timeout');
  assert.ok(performance.now() - start < 5000);
  assert.strictEqual(timeouts, 1);
  client.destroy();
  accepted.destroy();
  server.close();
  t.diagnostic(`${timeouts} timeout`);
});

test('a socket in the middle of a pipe', options, async () => {
  const { server, client, accepted } = await pair();
  const source = new PassThrough();
  source.pipe(accepted);
  source.write('first ');
  await once(client, 'readable');
  adopt(accepted);
  source.end('second');
  assert.strictEqual(await textOf(client), 'first second');
  client.end();
  server.close();
});

test('by a listener in front of a server that is not ours', options, async () => {
  const classes = [];
  const server = net.createServer((socket) => {
    classes.push(socket instanceof Socket);
    socket.pipe(socket);
  });
  server.prependListener('connection', (socket) => adopt(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  client.end('an echo');
  assert.strictEqual(await textOf(client), 'an echo');
  assert.deepStrictEqual(classes, [true]);
  server.close();
});

test('what is no socket is refused', options, () => {
  for (const value of [undefined, null, 1, 'x', {}, new PassThrough()]) {
    assert.throws(() => adopt(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test('bad options are refused', options, async () => {
  const { server, client, accepted } = await pair();
  assert.throws(() => adopt(accepted, { bufferSize: '1' }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.ok(!(accepted instanceof Socket));
  client.destroy();
  accepted.destroy();
  server.close();
});

const UNSUPPORTED = { code: 'ERR_RUSHWRITE_UNSUPPORTED' };

test('a socket of another class, TLS among them, is refused', options, async () => {
  const { server, client, accepted } = await pair();
  class Mine extends net.Socket {}
  assert.throws(() => adopt(new Mine()), UNSUPPORTED);
  const secure = new tls.TLSSocket(accepted);
  assert.throws(() => adopt(secure), UNSUPPORTED);
  secure.destroy();
  client.destroy();
  server.close();
});

test('a socket that is not connected, any more or yet, is refused', options, async () => {
  const peer = await new Peer().listen();
  const socket = net.connect(peer.where);
  assert.throws(() => adopt(socket), UNSUPPORTED);
  assert.throws(() => adopt(new net.Socket()), UNSUPPORTED);
  await once(socket, 'connect');
  socket.destroy();
  assert.throws(() => adopt(socket), UNSUPPORTED);
  await peer.finish();
});

test(
  'a socket with bytes that wait is refused, and taken once they are gone',
  options,
  async () => {
    const { server, client, accepted } = await pair();
    const block = Buffer.alloc(8_000_000, 'x');
    accepted.write(block);
    assert.throws(() => adopt(accepted), UNSUPPORTED);
    let length = 0;
    client.on('data', (part) => {
      length += part.length;
    });
    await once(accepted, 'drain');
    adopt(accepted);
    await new Promise((resolve) => accepted.end('and more', resolve));
    await once(client, 'end');
    assert.strictEqual(length, block.length + 8);
    server.close();
  },
);

test(
  'a corked socket becomes ours with nothing in it, and writes what comes',
  options,
  async () => {
    const { server, client, accepted } = await pair();
    accepted.cork();
    adopt(accepted);
    accepted.write('one ');
    accepted.write('two');
    await nextTurn();
    accepted.uncork();
    accepted.end();
    assert.strictEqual(await textOf(client), 'one two');
    server.close();
  },
);

test('callbacks keep their order across the change', options, async () => {
  const { server, client, accepted } = await pair();
  const order = [];
  accepted.write('1', () => order.push('by Node'));
  adopt(accepted);
  accepted.write('2', () => order.push('by Rust'));
  await new Promise((resolve) => accepted.end('3', resolve));
  assert.deepStrictEqual(order, ['by Node', 'by Rust']);
  assert.strictEqual(await textOf(client), '123');
  server.close();
});
