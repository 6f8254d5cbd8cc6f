'use strict';

// A connection has one descriptor, Node's; one more while the system refuses bytes.

const assert = require('node:assert');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { oracle, subject } = require('../harness/subject');

const NO_PROC = process.platform === 'linux' ? false : 'only Linux shows its descriptors';

/** Counts the descriptors of `count` connections: idle, written to, stalled, drained. */
function countDescriptors({ connect }) {
  const { once } = require('node:events');
  const fs = require('node:fs');
  const net = require('node:net');
  const { Worker } = require('node:worker_threads');
  const count = 40;
  const peers = [];
  const sockets = [];
  const opened = () => fs.readdirSync('/proc/self/fd').length;
  const server = net.createServer({ pauseOnConnect: true }, (peer) => peers.push(peer));

  /** The sockets take turns of the loop until `isDone`. */
  async function until(isDone) {
    while (!isDone()) await new Promise(setImmediate);
  }

  async function main() {
    // So that the threads and what belongs to them are there from the beginning.
    const worker = new Worker('', { eval: true });
    await once(worker, 'exit');
    const seen = {};
    const before = opened();
    for (let i = 0; i < count; i++) {
      const socket = connect(server.address().port, '127.0.0.1').resume();
      await once(socket, 'connect');
      sockets.push(socket);
    }
    await until(() => peers.length === count);
    seen.connected = opened() - before;
    for (const socket of sockets) await new Promise((resolve) => socket.write('x', resolve));
    seen.written = opened() - before;
    let drained = 0;
    for (const socket of sockets) socket.write(Buffer.alloc(20_000_000), () => drained++);
    seen.stalled = opened() - before;
    for (const peer of peers) peer.resume();
    await until(() => drained === count);
    // The thread that has written closes what it had.
    const start = performance.now();
    await until(() => opened() - before <= seen.written || performance.now() - start > 10_000);
    seen.drained = opened() - before;
    for (const socket of sockets) socket.destroy();
    await until(() => peers.every((peer) => peer.destroyed || !peer.end()));
    console.log(JSON.stringify(seen));
    process.exit();
  }

  server.listen(0, '127.0.0.1', main);
}

test('descriptors of connections', { skip: NO_PROC }, async () => {
  const records = [];
  for (const api of [oracle, subject]) {
    const { stdout, stderr } = await runInChild(api, countDescriptors, { sockets: true });
    assert.notStrictEqual(stdout, '', stderr);
    records.push(JSON.parse(stdout));
  }
  const [net, own] = records;
  // What the waiting thread needs for itself: an epoll, its wake-up.
  const few = 5;
  assert.strictEqual(own.connected, net.connected);
  assert.strictEqual(own.written, net.written);
  assert.ok(own.stalled <= net.stalled + 40 + few, `${own.stalled}, not ${net.stalled} and 40`);
  assert.ok(own.drained <= net.drained + few, `${own.drained}, not ${net.drained}`);
});

parityInChild(
  'with a limit of descriptors as many connections write as with net',
  ({ connect }) => {
    const { spawn } = require('node:child_process');
    const net = require('node:net');
    // The server is another process, which has descriptors enough.
    if (!process.env.LIMITED) {
      const server = net.createServer((peer) => peer.pipe(peer).on('error', () => {}));
      return server.listen(0, '127.0.0.1', () => {
        const source = process.execArgv.at(-1) ?? process.argv[1];
        const script = `ulimit -n 200; exec "${process.execPath}" -e "$SOURCE"`;
        const env = { ...process.env, LIMITED: server.address().port, SOURCE: source };
        const child = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'inherit', 'inherit'] });
        child.on('exit', (code) => {
          // The child has said all by now: two processes that print have no order.
          console.log('exit', code);
          server.close();
        });
      });
    }
    let echoes = 0;
    const sockets = [];
    const open = () => {
      const socket = connect(Number(process.env.LIMITED), '127.0.0.1');
      socket.on('error', ({ code }) => {
        console.log(code, sockets.length > 150, echoes === sockets.length);
        process.exit();
      });
      socket.on('connect', () => socket.write('hello'));
      socket.once('data', () => {
        echoes++;
        sockets.push(socket);
        open();
      });
    };
    return open();
  },
  { sockets: true, skip: NO_PROC },
);

parityInChild(
  'with no descriptor left what the system refuses is written all the same',
  ({ connect }) => {
    const { spawn } = require('node:child_process');
    const fs = require('node:fs');
    const net = require('node:net');
    const bytes = 20_000_000;
    // The server is another process, which has descriptors enough, and reads when it is told.
    if (!process.env.LIMITED) {
      let received = 0;
      const server = net.createServer({ pauseOnConnect: true }, (peer) => {
        peer.on('data', (part) => {
          received += part.length;
        });
        peer.on('end', () => peer.end());
        peer.pause();
        child.once('message', () => peer.resume());
      });
      let child;
      return server.listen(0, '127.0.0.1', () => {
        const env = {
          ...process.env,
          LIMITED: server.address().port,
          SOURCE: process.execArgv.at(-1),
        };
        const script = `ulimit -n 60; exec "${process.execPath}" -e "$SOURCE"`;
        child = spawn('sh', ['-c', script], {
          env,
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        });
        child.on('exit', (code) => {
          // The child has said all by now: two processes that print have no order.
          console.log('exit', code, 'received', received);
          server.close();
        });
      });
    }
    const socket = connect(Number(process.env.LIMITED), '127.0.0.1');
    socket.on('connect', () => {
      try {
        for (;;) fs.openSync('/dev/null', 'r');
      } catch (error) {
        console.log(error.code);
      }
      socket.write(Buffer.alloc(bytes), (error) => console.log('write cb', error));
      socket.end(() => console.log('end cb'));
      setImmediate(() => process.send('read'));
    });
    socket.on('close', (hadError) => {
      console.log('close', hadError);
      process.disconnect();
    });
    return socket.resume();
  },
  { sockets: true, skip: NO_PROC },
);
