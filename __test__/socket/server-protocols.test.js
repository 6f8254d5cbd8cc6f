'use strict';

// http, https, http2 and ws over accepted sockets of ours: by our own server, which hands each connection
// to theirs, and by a listener of `adopt()` in front of theirs.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { before, test } = require('node:test');
const { WebSocket, WebSocketServer } = require('ws');
const { NO_OPENSSL, makeCertificate } = require('../harness/certificate');
const { Digest, blocks } = require('../harness/digest');
const { subject } = require('../harness/subject');

const { Socket, adopt, createServer } = subject;
let keys;

before(() => {
  if (!NO_OPENSSL) keys = makeCertificate();
});

/** How a server of a protocol comes to sockets of ours. */
const WAYS = {
  'a server of ours in front': (inner) => {
    inner.on('connection', (socket) => assert.ok(socket instanceof Socket));
    return createServer((socket) => inner.emit('connection', socket));
  },
  'adopt() in a listener': (inner) => {
    inner.prependListener('connection', (socket) => {
      if (adopt) adopt(socket);
    });
    return inner;
  },
};

async function textOf(readable) {
  let text = '';
  for await (const part of readable) text += part.toString('utf8');
  return text;
}

/** Answers that are under way: a client may have all bytes of one before its server knows that they are sent. */
const answers = new Set();

async function answer(request, response) {
  const answered = respond(request, response);
  answers.add(answered);
  await answered;
  answers.delete(answered);
}

async function respond(request, response) {
  if (request.url === '/large') {
    await pipeline(Readable.from(blocks(20_000_000, new Digest())), response);
  } else if (request.url === '/digest') {
    response.end(await Digest.of(request));
  } else {
    response.write(`${request.method} `);
    response.end(await textOf(request));
  }
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

function send(module, options, chunks = []) {
  const request = module.request({ host: '127.0.0.1', method: 'POST', ...options });
  const sent = pipeline(Readable.from(chunks), request);
  return Promise.all([once(request, 'response'), sent]).then(([[response]]) => response);
}

async function talk(module, options) {
  const agent = new module.Agent({ keepAlive: true, maxSockets: 1 });
  const all = { agent, ...options };
  for (let i = 0; i < 50; i++) {
    assert.strictEqual(await textOf(await send(module, all, [`body ${i}`])), `POST body ${i}`);
  }
  const sent = new Digest();
  const upload = blocks(20_000_000, sent);
  const digest = await textOf(await send(module, { ...all, path: '/digest' }, upload));
  assert.strictEqual(digest, sent.end());
  const expected = new Digest();
  for (const _block of blocks(20_000_000, expected));
  const received = await Digest.of(await send(module, { ...all, path: '/large' }));
  assert.strictEqual(received, expected.end());
  await Promise.all(answers);
  agent.destroy();
}

for (const [way, over] of Object.entries(WAYS)) {
  test(`http: ${way}`, async () => {
    const inner = http.createServer(answer);
    const server = over(inner);
    await talk(http, { port: await listening(server) });
    inner.closeAllConnections?.();
    server.close();
    await once(server, 'close');
  });

  test(`https: ${way}`, { skip: NO_OPENSSL }, async () => {
    const server = over(https.createServer(keys, answer));
    const options = { port: await listening(server), ca: keys.cert, servername: 'localhost' };
    await talk(https, options);
    server.close();
    await once(server, 'close');
  });

  test(`http2: ${way}`, async () => {
    const server = over(http2.createServer(answer));
    const session = http2.connect(`http://127.0.0.1:${await listening(server)}`);
    for (let i = 0; i < 50; i++) {
      const stream = session.request({ ':path': '/', ':method': 'POST' });
      stream.end(`body ${i}`);
      assert.strictEqual(await textOf(stream), `POST body ${i}`);
    }
    const expected = new Digest();
    for (const _block of blocks(20_000_000, expected));
    const stream = session.request({ ':path': '/large' });
    assert.strictEqual(await Digest.of(stream), expected.end());
    await Promise.all(answers);
    session.close();
    await once(session, 'close');
    server.close();
    await once(server, 'close');
  });

  test(`ws: ${way}`, async () => {
    const inner = http.createServer();
    const sockets = new WebSocketServer({ server: inner });
    sockets.on('connection', (peer) => {
      peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
    });
    const server = over(inner);
    const client = new WebSocket(`ws://127.0.0.1:${await listening(server)}`);
    await once(client, 'open');
    for (const length of [0, 1, 125, 126, 65_536, 3_000_000]) {
      const data = Buffer.alloc(length, 'x');
      client.send(data);
      const [echo] = await once(client, 'message');
      assert.ok(data.equals(echo));
    }
    client.close();
    await once(client, 'close');
    sockets.close();
    server.close();
    await once(server, 'close');
  });
}
