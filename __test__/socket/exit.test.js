'use strict';

// What a socket has written when its process ends, or hands the socket to another process.

const assert = require('node:assert');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { Peer } = require('../harness/peer');
const { oracle, subject } = require('../harness/subject');

const ENDINGS = {
  'process.exit() in the tick of a write': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      socket.write(Buffer.from('second'));
      process.exit(3);
    });
  },
  'process.exit() in the next turn': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      socket.write('second');
      setImmediate(() => process.exit(3));
    });
  },
  'process.exit() in a write callback': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.write('first,');
    socket.write('second', () => process.exit(3));
  },
  'an exit listener that corks, uncorks and writes': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      process.on('exit', () => {
        socket.cork();
        socket.write('second,');
        socket.write(Buffer.from('third,'));
        socket.uncork();
        socket.write('fourth');
      });
      setImmediate(() => process.exit(3));
    });
  },
  'an exit listener that uncorks what was corked before': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      process.on('exit', () => socket.uncork());
      socket.cork();
      socket.write('second,');
      socket.write('third');
      process.exit(3);
    });
  },
  'an exit listener that ends a corked socket': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      process.on('exit', () => socket.end('third'));
      socket.cork();
      socket.write('second,');
      process.exit(3);
    });
  },
  'flushSync() and process.exit() in the tick of a write, and last words': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      process.on('exit', () => socket.write('second'));
      socket.write('first,');
      socket.flushSync?.();
      process.exit(3);
    });
  },
  'an uncaught error in the tick of a write': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      socket.write('second');
      throw new Error('boom');
    });
  },
  'killed in the turn after a write': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('first,');
      socket.write('second');
      setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    });
  },
  'the natural end with 3 MB pending': ({ connect }) => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.write(Buffer.alloc(3_000_000, 'x'));
    socket.end();
  },
};

for (const [name, body] of Object.entries(ENDINGS)) {
  test(`${name}: the same bytes arrive`, async () => {
    const [expected, actual] = [await runAgainst(oracle, body), await runAgainst(subject, body)];
    assert.ok(expected.received.length > 0);
    assert.deepStrictEqual(actual, expected);
  });
}

async function runAgainst(api, body) {
  const peer = await new Peer().listen();
  const env = { PORT: `${peer.port}` };
  const { code, signal } = await runInChild(api, body, { sockets: true, env });
  await peer.ending();
  const [received] = await peer.finish();
  return { code, signal, received };
}

test('a socket sent to a child process: earlier writes arrive first', async () => {
  for (const api of [oracle, subject]) {
    const peer = await new Peer().listen();
    const env = { PORT: `${peer.port}` };
    const { code, stderr } = await runInChild(api, handOver, { sockets: true, env });
    assert.strictEqual(code, 0, stderr);
    await peer.ending();
    assert.deepStrictEqual(await peer.finish(), ['from the parent, from the child']);
  }
});

function handOver({ connect }, dir) {
  const { fork } = require('node:child_process');
  const source = `
    process.on('message', (_message, socket) => {
      socket.end('from the child');
      socket.on('close', () => process.disconnect());
    });
    process.send('ready');
  `;
  const file = `${dir}/child.js`;
  require('node:fs').writeFileSync(file, source);
  const child = fork(file);
  child.once('message', () => {
    const socket = connect(Number(process.env.PORT), '127.0.0.1');
    socket.on('ready', () => {
      socket.write('from the parent, ');
      child.send('take it', socket);
    });
  });
}
