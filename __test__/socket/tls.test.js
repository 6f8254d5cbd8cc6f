'use strict';

// TLS takes the socket's handle and writes to it directly; earlier writes must arrive first.

const assert = require('node:assert');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const { Readable } = require('node:stream');
const { text: textOf } = require('node:stream/consumers');
const { pipeline } = require('node:stream/promises');
const { before, test } = require('node:test');
const tls = require('node:tls');
const { NO_OPENSSL, makeCertificate } = require('../harness/certificate');
const { Digest, blocks } = require('../harness/digest');
const { subject } = require('../harness/subject');

const options = { skip: NO_OPENSSL };
const TRUST = { servername: 'localhost' };
let keys;

before(() => {
  if (NO_OPENSSL) return;
  keys = makeCertificate();
  TRUST.ca = keys.cert;
});

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

test('tls.connect({ socket }): an echo of 20 MB', options, async () => {
  const server = tls.createServer(keys, (other) => other.pipe(other));
  const socket = subject.connect(await listening(server), '127.0.0.1');
  const secure = tls.connect({ socket, ...TRUST });
  const expected = new Digest();
  const [received] = await Promise.all([
    Digest.of(secure),
    pipeline(Readable.from(blocks(20_000_000, expected)), secure),
  ]);
  assert.strictEqual(received, expected.end());
  assert.ok(secure.authorized);
  server.close();
});

test('tls.connect({ socket }) on a connected socket, small messages in turn', options, async () => {
  const server = tls.createServer(keys, (other) => other.pipe(other));
  const socket = subject.connect(await listening(server), '127.0.0.1');
  await once(socket, 'connect');
  const secure = tls.connect({ socket, ...TRUST });
  await once(secure, 'secureConnect');
  for (let i = 0; i < 100; i++) {
    secure.write(`${i}`);
    const [reply] = await once(secure, 'data');
    assert.strictEqual(`${reply}`, `${i}`);
  }
  secure.end();
  await once(secure, 'close');
  assert.ok(socket.destroyed);
  server.close();
});

/** Reads one line in plain text, answers if told to, and continues in TLS. */
function upgrader(lines, answer) {
  const context = tls.createSecureContext(keys);
  return net.createServer((plain) => {
    plain.once('readable', () => {
      const head = plain.read();
      const end = head.indexOf('\n') + 1;
      lines.push(head.toString('latin1', 0, end));
      if (end < head.length) plain.unshift(head.subarray(end));
      if (answer) plain.write(answer);
      const secure = new tls.TLSSocket(plain, { isServer: true, secureContext: context });
      secure.on('error', (error) => lines.push(error.code));
      secure.pipe(secure);
    });
  });
}

for (const corked of [false, true]) {
  const how = corked ? 'corked' : 'plain';
  test(`STARTTLS in the tick of a ${how} line: the line comes first`, options, async () => {
    for (let round = 0; round < 20; round++) {
      const lines = [];
      const server = upgrader(lines);
      const socket = subject.connect(await listening(server), '127.0.0.1');
      await once(socket, 'connect');
      if (corked) socket.cork();
      socket.write('STARTTLS');
      socket.write(Buffer.from('\n'));
      if (corked) socket.uncork();
      const secure = tls.connect({ socket, ...TRUST });
      secure.end('in secret');
      assert.strictEqual(await textOf(secure), 'in secret');
      assert.deepStrictEqual(lines, ['STARTTLS\n']);
      server.close();
    }
  });
}

test('STARTTLS after the answer, as in SMTP', options, async () => {
  const lines = [];
  const server = upgrader(lines, '220 go ahead\r\n');
  const socket = subject.connect(await listening(server), '127.0.0.1');
  socket.write('STARTTLS\n');
  const [answer] = await once(socket, 'data');
  assert.strictEqual(`${answer}`, '220 go ahead\r\n');
  const secure = tls.connect({ socket, ...TRUST });
  secure.end('in secret');
  assert.strictEqual(await textOf(secure), 'in secret');
  assert.deepStrictEqual(lines, ['STARTTLS\n']);
  server.close();
});

test('an untrusted certificate: an error, and the socket is closed', options, async () => {
  const server = tls.createServer(keys, (other) => other.on('error', () => {}));
  server.on('tlsClientError', () => {});
  const socket = subject.connect(await listening(server), '127.0.0.1');
  const secure = tls.connect({ socket, servername: 'localhost' });
  const [error] = await once(secure, 'error');
  assert.strictEqual(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  server.close();
});

test('https: an upload of 50 MB', options, async () => {
  const server = https.createServer(keys, async (request, response) => {
    response.end(await Digest.of(request));
  });
  const port = await listening(server);
  const createConnection = () =>
    tls.connect({ socket: subject.connect(port, '127.0.0.1'), ...TRUST });
  const request = https.request({ port, method: 'POST', createConnection });
  const expected = new Digest();
  const [[response]] = await Promise.all([
    once(request, 'response'),
    pipeline(Readable.from(blocks(50_000_000, expected)), request),
  ]);
  assert.strictEqual(await textOf(response), expected.end());
  server.close();
});

/** Many streams of one session at once, each echoed. */
async function talkHttp2(session) {
  const texts = await Promise.all(
    Array.from({ length: 100 }, async (_unused, i) => {
      const stream = session.request({ ':method': 'POST', ':path': `/${i}` });
      stream.end(`body ${i} `.repeat(1000));
      return textOf(stream);
    }),
  );
  for (const [i, text] of texts.entries()) {
    assert.strictEqual(text, `body ${i} `.repeat(1000));
  }
  session.close();
  await once(session, 'close');
}

test('http2 over TLS by createConnection', options, async () => {
  const server = http2.createSecureServer(keys);
  server.on('stream', (stream) => stream.pipe(stream));
  const port = await listening(server);
  const session = http2.connect('https://localhost', {
    createConnection: () =>
      tls.connect({
        socket: subject.connect(port, '127.0.0.1'),
        ALPNProtocols: ['h2'],
        ...TRUST,
      }),
  });
  await talkHttp2(session);
  server.close();
});

test('http2 in the clear by createConnection', async () => {
  const server = http2.createServer();
  server.on('stream', (stream) => stream.pipe(stream));
  const port = await listening(server);
  const session = http2.connect('http://localhost', {
    createConnection: () => subject.connect(port, '127.0.0.1'),
  });
  await talkHttp2(session);
  server.close();
});
