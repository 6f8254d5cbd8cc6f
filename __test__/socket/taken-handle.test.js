'use strict';

// A handle that somebody takes while bytes wait: they are cancelled, and TLS comes behind them.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');
const { NO_OPENSSL, makeCertificate } = require('../harness/certificate');
const { parityInChild } = require('../harness/child');
const { ours, parity } = require('../harness/sockets');
const { rounds } = require('../harness/scale');

function flood(socket, told) {
  const block = Buffer.alloc(20_000_000, 'x');
  for (let i = 0; i < 5; i++) socket.write(block, told?.(`write cb ${i}`));
}

parity('the handle is closed while bytes wait: each callback, error, close', async (world) => {
  const { socket, other } = await world.pair({ reads: false });
  other.pause();
  flood(socket, (label) => (error) => world.note(label, error?.code));
  socket.end((error) => world.note('end cb', error?.code));
  const handle = socket._handle;
  socket._handle = null;
  handle.close();
  await world.closed(socket);
});

parityInChild(
  'a socket is sent to another process while bytes wait',
  ({ connect }, dir) => {
    const { fork } = require('node:child_process');
    const net = require('node:net');
    const file = `${dir}/child.js`;
    require('node:fs').writeFileSync(
      file,
      `process.once('message', (_message, socket) => {
        socket.destroy();
        process.disconnect();
      });`,
    );
    const child = fork(file);
    const server = net.createServer({ pauseOnConnect: true }, (other) => {
      other.on('error', () => {}).on('close', () => server.close());
      child.once('exit', () => other.destroy());
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1', () => {
        const block = Buffer.alloc(20_000_000);
        for (let i = 0; i < 3; i++) {
          socket.write(block, (error) => console.log('write cb', i, error?.code));
        }
        socket.end((error) => console.log('end cb', error?.code));
        child.send('take it', socket);
      });
      socket.on('error', ({ code, syscall }) => console.log('error', code, syscall));
      socket.on('close', (hadError) => console.log('close', hadError));
    });
  },
  { sockets: true },
);

/** A server that reads `bytes` plain bytes of a connection, and then speaks TLS on it. */
function upgrading(bytes, keys) {
  return net.createServer((socket) => {
    let received = 0;
    const read = () => {
      const chunk = socket.read(Math.min(bytes - received, socket.readableLength));
      if (chunk === null) return;
      received += chunk.length;
      if (received < bytes) return read();
      socket.removeListener('readable', read);
      const secure = new tls.TLSSocket(socket, { isServer: true, ...keys });
      secure.on('error', () => socket.destroy());
      secure.on('data', (part) => secure.write(part));
    };
    socket.on('readable', read);
    socket.on('error', () => {});
  });
}

for (const bytes of [1000, 300_000, 5_000_000]) {
  ours(
    `STARTTLS in the middle of ${bytes} plain bytes`,
    async (world) => {
      const keys = makeCertificate();
      const server = upgrading(bytes, keys).listen(0, '127.0.0.1');
      await once(server, 'listening');
      for (let round = 0; round < rounds(8, 100); round++) {
        const socket = world.api.connect(server.address().port, '127.0.0.1');
        await once(socket, 'connect');
        for (let sent = 0; sent < bytes; sent += bytes / 10) {
          socket.write(Buffer.alloc(bytes / 10, 'p'));
        }
        const secure = tls.connect({ socket, ca: keys.cert, servername: 'localhost' });
        secure.write('secret');
        const [echo] = await once(secure, 'data');
        assert.strictEqual(`${echo}`, 'secret');
        secure.destroy();
        await once(secure, 'close');
      }
      server.close();
    },
    { skip: NO_OPENSSL },
  );
}

ours('writableLength counts what waits in Rust, and drain follows', async (world) => {
  const { socket, other } = await world.pair({ reads: false });
  other.pause();
  let written = 0;
  while (socket.writableLength === 0) {
    for (let i = 0; i < 10; i++) socket.write('a line of some length\n'.repeat(20));
    written += 10;
    if (written % 1000 === 0) await new Promise(setImmediate);
  }
  assert.strictEqual(socket.bufferSize, socket.writableLength);
  other.resume();
  await once(socket, 'drain');
  assert.strictEqual(socket.writableLength, 0);
});

parity(
  'writableLength of what the system has taken is 0, before and after a tick',
  async (world) => {
    const { socket } = await world.pair();
    socket.write('one');
    world.note(socket.writableLength, socket.bufferSize, socket.writableNeedDrain);
    socket.cork();
    socket.write('four');
    world.note(socket.writableLength);
    socket.uncork();
    await new Promise(setImmediate);
    world.note(socket.writableLength);
    socket.end();
    await world.closed(socket);
  },
);

ours(
  'the handle of TLS is not taken for the socket below it',
  async (world) => {
    const keys = makeCertificate();
    const server = tls.createServer(keys, (other) => other.pipe(other)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const secure = tls.connect({ port, ca: keys.cert, servername: 'localhost' });
    await once(secure, 'secureConnect');
    const socket = new world.api.Socket({ handle: secure._handle });
    socket.write('secret');
    const [echo] = await once(socket, 'data');
    assert.strictEqual(`${echo}`, 'secret');
    socket.destroy();
    server.close();
  },
  { skip: NO_OPENSSL },
);
