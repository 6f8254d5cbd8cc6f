'use strict';

// What is written to an idle socket is with the system when the call returns: the process may do what it
// likes, or die.

const { parityInChild } = require('../harness/child');

const WRITES = {
  'a string': (socket) => socket.write('line'),
  'a string and a callback': (socket) => socket.write('line', () => {}),
  'a Buffer': (socket) => socket.write(Buffer.from('line')),
  'a large Buffer': (socket) => socket.write(Buffer.alloc(100_000, 'line')),
  'a latin1 string': (socket) => socket.write('line\xe9', 'latin1'),
  'a hex string': (socket) => socket.write('6c696e65', 'hex'),
  'a corked vector': (socket) => {
    socket.cork();
    socket.write('one ');
    socket.write(Buffer.from('two '));
    socket.write('thr\xe9\xe9', 'latin1');
    socket.uncork();
  },
  'the last chunk': (socket) => socket.end('line'),
};

for (const [name, write] of Object.entries(WRITES)) {
  parityInChild(
    `${name} before the process kills itself`,
    // The child's source is made of this text, which knows nothing of this file.
    new Function(
      'api',
      `
      const net = require('node:net');
      const { spawn } = require('node:child_process');
      if (process.env.PORT) {
        const socket = api.connect(Number(process.env.PORT), '127.0.0.1', () => {
          setImmediate(() => {
            (${write})(socket);
            process.kill(process.pid, 'SIGKILL');
          });
        });
        return;
      }
      const server = net.createServer((peer) => {
        const chunks = [];
        peer.on('data', (chunk) => chunks.push(chunk));
        peer.on('error', () => {});
        peer.on('close', () => {
          const text = Buffer.concat(chunks).toString('latin1');
          console.log(text.length, text.slice(0, 20));
          server.close();
        });
      });
      server.listen(0, '127.0.0.1', () => {
        const env = { ...process.env, PORT: server.address().port };
        spawn(process.execPath, process.execArgv, { env, stdio: 'inherit' });
      });
      `,
    ),
    { sockets: true },
  );
}
