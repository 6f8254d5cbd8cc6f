'use strict';

// Node's http server lets its parser read from the connection's handle, past `push()` and 'data'. For accepted
// sockets of ours, too, a response is told before the request that it has caused, and a reset is no end.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const { test } = require('node:test');
const { LatePeers } = require('../harness/late');
const { rounds } = require('../harness/scale');
const { isSelfTest, oracle, subject } = require('../harness/subject');

const CONNECTIONS = 4;
const ROUNDS = rounds(5, 50);
const PIECE = Buffer.alloc(20_000, 'q');

/** Each sends a request when it has read the response to the last one; reads when it is told. */
function clients(answered, onGo, parentPort, { port, count }) {
  const net = require('node:net');
  const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const sockets = Array.from({ length: count }, () => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(REQUEST));
    let tail = '';
    socket.pause().on('data', (part) => {
      tail = (tail + part.toString('latin1')).slice(-5);
      if (tail !== '0\r\n\r\n') return;
      tail = '';
      socket.pause().write(REQUEST, answered);
    });
    return socket;
  });
  onGo(() => {
    for (const socket of sockets) socket.resume();
  });
  parentPort.postMessage('started');
}

/** A server of http over accepted sockets of ours. */
async function serve(api) {
  const inner = http.createServer();
  const server = api.createServer((socket) => inner.emit('connection', socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { inner, server, port: server.address().port };
}

/** The next request of each connection, and what was told of its last response before that. */
class Requests {
  #responses = [];
  #arrived;
  seen = new Map();

  constructor(server) {
    server.on('request', (request, response) => {
      this.#toldOf(request.socket).push('request');
      if (this.#responses.push(response) === CONNECTIONS) this.#arrived();
    });
  }

  #toldOf(socket) {
    if (!this.seen.has(socket)) this.seen.set(socket, []);
    return this.seen.get(socket);
  }

  async next() {
    if (this.#responses.length < CONNECTIONS) {
      await new Promise((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.#responses.splice(0);
  }

  /** `respond` writes the response; what is told of it is noted. */
  answer(response, respond) {
    const told = [];
    this.seen.set(response.socket, told);
    response.on('finish', () => told.push('finish'));
    return respond(response, () => told.push('callback'));
  }
}

const nextTurn = () => new Promise(setImmediate);

/** As much as the system refuses, so that another thread of ours writes the rest. */
async function overfill(response, told) {
  const { socket } = response;
  do {
    response.write(PIECE, told);
    await nextTurn();
  } while (socket.writableLength === 0);
  response.end(told);
  await nextTurn();
}

/** Spends what writing may take of a turn: `Writable` waits for the next one with the rest. */
async function spendTurn(response, told) {
  // What is read comes before the next turn.
  await new Promise((resolve) => setTimeout(resolve));
  response.write(PIECE, told);
  const start = performance.now();
  while (performance.now() - start < 3);
  response.write(PIECE, told);
  response.write(Buffer.alloc(100_000, 'q'), told);
  response.end(told);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => process.nextTick(resolve));
}

for (const [name, respond] of [
  ['of which the system has refused a part', overfill],
  ['for which a turn has no time left', spendTurn],
]) {
  test(`a response ${name} is told before the next request`, { skip: isSelfTest }, async () => {
    const { inner, server, port } = await serve(subject);
    const requests = new Requests(inner);
    const { peers } = await LatePeers.start(clients, { port, count: CONNECTIONS });
    let responses = await requests.next();
    for (let i = 0; i < ROUNDS; i++) {
      await Promise.all(responses.map((response) => requests.answer(response, respond)));
      peers.go();
      // Asleep until all have read the response and asked again: of both this thread hears at once.
      assert.ok(peers.sleep(CONNECTIONS));
      responses = await requests.next();
      for (const told of requests.seen.values()) {
        assert.ok(told.length > 3, `${told}`);
        assert.strictEqual(told.indexOf('request'), told.length - 1, `${told}`);
      }
    }
    await peers.stop();
    server.close();
  });
}

for (const api of [oracle, subject]) {
  test(`${api.name}: requests that come while responses stall are all answered`, async () => {
    const { inner, server, port } = await serve(api);
    const body = 'x'.repeat(300_000);
    inner.on('request', (_request, response) => response.end(body));
    const client = net.connect(port, '127.0.0.1');
    const count = 100;
    for (let i = 0; i < count; i++) client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    client.pause();
    let received = 0;
    await once(inner, 'request');
    for (let i = 0; i < 50; i++) await nextTurn();
    client.on('data', (part) => {
      received += part.length;
      if (received > count * body.length) client.end();
    });
    client.resume();
    await once(client, 'close');
    assert.ok(received > count * body.length);
    server.close();
  });
}

for (const api of [oracle, subject]) {
  test(`${api.name}: who pauses a connection while its response stalls can resume it`, async () => {
    const { inner, server, port } = await serve(api);
    const client = net.connect(port, '127.0.0.1').pause();
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [{ socket }, response] = await once(inner, 'request');
    socket.pause();
    const finished = once(response, 'finish');
    await overfill(response, () => {});
    client.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await finished;
    socket.resume();
    const [, last] = await once(inner, 'request');
    last.end();
    client.end();
    await once(client, 'close');
    server.close();
  });
}

/** Asks, and reads nothing of the response. */
const ASKING = `
  setInterval(() => {}, 1000_000);
  require('node:net').connect(Number(process.argv[1]), '127.0.0.1', function () {
    this.pause().write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
  });
`;

for (const api of [oracle, subject]) {
  test(`${api.name}: a client killed in the middle of a response is a reset`, async () => {
    const { inner, server, port } = await serve(api);
    for (let i = 0; i < ROUNDS; i++) {
      const child = spawn(process.execPath, ['-e', ASKING, `${port}`], { stdio: 'inherit' });
      const [, response] = await once(inner, 'request');
      const { socket } = response;
      const events = [];
      socket.on('end', () => events.push('end'));
      socket.on('error', ({ code, syscall }) => events.push(code, syscall));
      response.on('error', () => {});
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await overfill(response, () => {});
      child.kill('SIGKILL');
      await closed;
      assert.strictEqual(events[0], 'ECONNRESET', `${events}`);
      assert.ok(!events.includes('end'), `${events}`);
    }
    server.close();
  });
}
