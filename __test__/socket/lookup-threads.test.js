'use strict';

// Names are looked up on threads of our own, not libuv's. They do not delay the end of a worker or
// of the process.

const assert = require('node:assert');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { NO_FIFO } = require('../harness/fifo');
const { rounds } = require('../harness/scale');
const { isSelfTest, subject } = require('../harness/subject');

parityInChild('a lookup alone keeps the process alive', lookUpAlone, { sockets: true });

function lookUpAlone({ connect }) {
  const socket = connect(80, 'nobody.invalid');
  socket.unref();
  socket.on('error', ({ message }) => console.log(message));
}

test("libuv's pool is not used", { skip: NO_FIFO || isSelfTest }, async () => {
  const options = { sockets: true, env: { UV_THREADPOOL_SIZE: '1' } };
  const { code, stdout, stderr } = await runInChild(subject, connectWithBusyPool, options);
  assert.deepStrictEqual(
    { code, stdout },
    { code: 0, stdout: 'connected\nNode is answered\n' },
    stderr,
  );
});

function connectWithBusyPool({ connect }, dir) {
  const fs = require('node:fs');
  const fifo = `${dir}/fifo`;
  require('node:child_process').execFileSync('mkfifo', [fifo]);
  // Waits for a writer, and blocks the only thread of the pool.
  fs.open(fifo, 'r', (_error, fd) => fs.closeSync(fd));
  require('node:dns').lookup('localhost', () => console.log('Node is answered'));
  const server = require('node:net').createServer((peer) => peer.pipe(peer));
  server.listen(0, '127.0.0.1', () => {
    const socket = connect({ port: server.address().port, host: 'localhost', family: 4 });
    socket.on('connect', () => {
      console.log('connected');
      fs.closeSync(fs.openSync(fifo, 'r+'));
      fs.unlinkSync(fifo);
      socket.end();
      server.close();
    });
  });
}

const ROUNDS = rounds(10, 200);

test(`${ROUNDS} workers are terminated while they look names up`, async () => {
  const options = { sockets: true, env: { ROUNDS: `${ROUNDS}` } };
  const { code, stdout, stderr } = await runInChild(subject, terminateLookups, options);
  assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: 'done\n', stderr: '' });
});

async function terminateLookups() {
  const { once } = require('node:events');
  const { Worker } = require('node:worker_threads');
  const work = () => {
    const { connect } = require(process.env.SUBJECT_MODULE);
    const ask = (i) => connect(1, i % 2 ? 'localhost' : `n${i}.invalid`).on('error', () => {});
    for (let i = 0; i < 50; i++) ask(i);
    require('node:worker_threads').parentPort.postMessage('asked');
  };
  for (let round = 0; round < Number(process.env.ROUNDS); round++) {
    const worker = new Worker(`(${work})()`, { eval: true });
    await once(worker, 'message');
    await worker.terminate();
  }
  console.log('done');
}

test('the process exits while names are looked up', async () => {
  const leave = ({ connect }) => {
    for (let i = 0; i < 50; i++) connect(1, `n${i}.invalid`).on('error', () => {});
    setImmediate(() => process.exit(7));
  };
  const { code, signal, stderr } = await runInChild(subject, leave, { sockets: true });
  assert.deepStrictEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' });
});

parityInChild('an answer that throws does not stop the others', throwAtAnswer, { sockets: true });

function throwAtAnswer({ connect }) {
  const thrown = [];
  process.on('uncaughtException', ({ message }) => thrown.push(message));
  for (const name of ['first', 'second', 'third']) {
    const socket = connect({ port: 1, host: 'localhost', family: 4 });
    socket.on('error', () => {});
    socket.on('lookup', () => {
      socket.destroy();
      throw new Error(name);
    });
  }
  // The answers come in any order.
  process.on('exit', () => console.log(thrown.sort().join()));
}

test('each copy of the package hears its own answers', { skip: isSelfTest }, async () => {
  const { code, stdout, stderr } = await runInChild(subject, connectWithCopies);
  assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'connected 9\n' }, stderr);
});

function connectWithCopies(first) {
  const load = () => {
    for (const file of Object.keys(require.cache)) delete require.cache[file];
    return require(process.env.SUBJECT_MODULE);
  };
  const copies = [first, load(), load()];
  let connected = 0;
  let accepted = 0;
  const server = require('node:net').createServer((peer) => {
    peer.pipe(peer);
    if (++accepted === 9) server.close();
  });
  server.listen(0, '127.0.0.1', () => {
    const where = { port: server.address().port, host: 'localhost', family: 4 };
    for (const { connect } of [...copies, ...copies, ...copies]) {
      connect(where, () => connected++).end();
    }
  });
  process.on('exit', () => console.log('connected', connected));
}
