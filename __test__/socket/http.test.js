'use strict';

// Node's own HTTP client over our socket, by `createConnection`.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const { Readable } = require('node:stream');
const { text: textOf } = require('node:stream/consumers');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const { Digest, blocks } = require('../harness/digest');
const { subject } = require('../harness/subject');

class OurAgent extends http.Agent {
  /** The sockets of all connections. */
  made = [];

  createConnection(options) {
    const socket = subject.connect(options);
    this.made.push(socket);
    return socket;
  }
}

/** Runs `body` with a server; an error of `handle` gives status 500. */
async function withServer(handle, body) {
  const server = http.createServer((request, response) => {
    handle(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(error.stack);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await body({ host: '127.0.0.1', port: server.address().port }, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sends `chunks` and resolves with the answer and its text. */
async function send(options, chunks = []) {
  const request = http.request(options);
  const [[response]] = await Promise.all([
    once(request, 'response'),
    pipeline(Readable.from(chunks), request),
  ]);
  return { response, text: await textOf(response) };
}

async function echo(request, response) {
  response.end(`${request.method} ${request.url}: ${await textOf(request)}`);
}

async function tellDigest(request, response) {
  response.end(await Digest.of(request));
}

test('a request by createConnection', async () => {
  await withServer(echo, async (where) => {
    const sockets = [];
    const createConnection = (options) => {
      sockets.push(subject.connect(options));
      return sockets[0];
    };
    const options = { ...where, path: '/a', method: 'POST', createConnection };
    const { text } = await send(options, ['some ', 'text']);
    assert.strictEqual(text, 'POST /a: some text');
    assert.ok(sockets[0] instanceof subject.Socket);
  });
});

test('a keep-alive agent uses one socket for many requests', async () => {
  await withServer(echo, async (where) => {
    const agent = new OurAgent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 100; i++) {
      const { text } = await send({ ...where, agent, path: `/${i}`, method: 'PUT' }, [`body ${i}`]);
      assert.strictEqual(text, `PUT /${i}: body ${i}`);
    }
    assert.strictEqual(agent.made.length, 1);
    agent.destroy();
  });
});

test('an agent with many sockets at once', async () => {
  await withServer(echo, async (where) => {
    const agent = new OurAgent({ keepAlive: true, maxSockets: 20 });
    const texts = await Promise.all(
      Array.from({ length: 200 }, async (_unused, i) => {
        const options = { ...where, agent, path: `/${i}`, method: 'POST' };
        return (await send(options, [`body ${i}`])).text;
      }),
    );
    assert.deepStrictEqual(
      texts,
      Array.from(texts, (_unused, i) => `POST /${i}: body ${i}`),
    );
    assert.ok(agent.made.length <= 20);
    agent.destroy();
  });
});

for (const headers of [{}, { 'content-length': 200_000_000 }]) {
  const name = headers['content-length'] ? 'of known length' : 'in chunks';
  test(`an upload of 200 MB ${name}`, async () => {
    await withServer(tellDigest, async (where) => {
      const expected = new Digest();
      const request = { ...where, method: 'POST', agent: new OurAgent(), headers };
      const { text } = await send(request, upTo(200_000_000, expected));
      assert.strictEqual(text, expected.end());
    });
  });
}

/** Blocks of exactly `length` bytes in all. */
function* upTo(length, digest) {
  let left = length;
  for (const block of blocks(length, new Digest())) {
    const part = block.subarray(0, left);
    left -= part.length;
    digest.update(part);
    yield part;
  }
}

test('an answer of 20 MB while the request is still sent', async () => {
  const expected = new Digest();
  const handle = async (request, response) => {
    request.resume();
    await pipeline(Readable.from(blocks(20_000_000, expected)), response);
  };
  await withServer(handle, async (where) => {
    const request = http.request({ ...where, method: 'POST', agent: new OurAgent() });
    request.write('begin');
    const [response] = await once(request, 'response');
    const received = await Digest.of(response);
    request.end('end');
    assert.strictEqual(received, expected.end());
  });
});

test('expect: 100-continue', async () => {
  await withServer(echo, async (where) => {
    const request = http.request({
      ...where,
      method: 'POST',
      agent: new OurAgent(),
      headers: { expect: '100-continue' },
    });
    request.flushHeaders();
    await once(request, 'continue');
    request.end('the body');
    const [response] = await once(request, 'response');
    assert.strictEqual(await textOf(response), 'POST /: the body');
  });
});

test('an upgrade returns our socket', async () => {
  await withServer(echo, async (where, server) => {
    server.on('upgrade', (_request, other) => {
      other.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      );
      other.pipe(other);
    });
    const headers = { connection: 'Upgrade', upgrade: 'echo' };
    const request = http.request({ ...where, agent: new OurAgent(), headers }).end();
    const [response, socket] = await once(request, 'upgrade');
    assert.strictEqual(response.statusCode, 101);
    assert.ok(socket instanceof subject.Socket);
    socket.end('through the tunnel');
    assert.strictEqual(await textOf(socket), 'through the tunnel');
  });
});

test('an aborted upload: the server gets ECONNRESET', async () => {
  const aborted = deferred();
  const handle = async (request) => {
    request.resume();
    request.on('error', (error) => aborted.resolve(error.code));
  };
  await withServer(handle, async (where) => {
    const request = http.request({ ...where, method: 'POST', agent: new OurAgent() });
    request.on('error', () => {});
    request.write(Buffer.alloc(100_000));
    const [socket] = await once(request, 'socket');
    await once(socket, 'connect');
    request.write(Buffer.alloc(3_000_000));
    setImmediate(() => request.destroy());
    assert.strictEqual(await aborted.promise, 'ECONNRESET');
  });
});

function deferred() {
  let resolve;
  const promise = new Promise((resolveIt) => {
    resolve = resolveIt;
  });
  return { promise, resolve };
}
