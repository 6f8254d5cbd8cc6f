'use strict';

// Servers across processes: cluster workers under both policies, and a descriptor that was inherited.

const { NO_UNIX_SOCKET } = require('../harness/peer');
const { parityInChild } = require('../harness/child');

for (const policy of ['rr', 'none']) {
  parityInChild(
    `cluster workers, scheduled by "${policy}"`,
    ({ Socket }, dir) => {
      const cluster = require('node:cluster');
      const net = require('node:net');
      const exec = `${dir}/worker.js`;
      const source = `
        const { createServer, Socket } = require(process.env.SUBJECT_MODULE);
        createServer((socket) => {
          socket.end('worker ' + (socket instanceof Socket));
        }).listen(0, '127.0.0.1');
      `;
      require('node:fs').writeFileSync(exec, source);
      cluster.setupPrimary({ exec });

      const textOf = async (readable) => {
        let text = '';
        for await (const part of readable) text += part;
        return text;
      };
      const workers = [cluster.fork(), cluster.fork()];
      let ready = 0;
      for (const worker of workers) {
        worker.on('exit', (code, signal) => console.log('exit', code, signal));
        worker.on('listening', async ({ port }) => {
          if (++ready < workers.length) return;
          for (let i = 0; i < 4; i++) {
            const client = net.connect(port, '127.0.0.1');
            console.log('client', await textOf(client), typeof Socket);
          }
          for (const each of workers) each.disconnect();
        });
      }
    },
    { sockets: true, env: { NODE_CLUSTER_SCHED_POLICY: policy } },
  );
}

parityInChild(
  'a listening descriptor that was inherited',
  ({ createServer, Socket }) => {
    const { spawn } = require('node:child_process');
    const net = require('node:net');
    const source = `
      const { createServer, Socket } = require(process.env.SUBJECT_MODULE);
      const server = createServer((socket) => {
        socket.end('child ' + (socket instanceof Socket));
        server.close();
      });
      server.listen({ fd: 3 });
    `;
    const listener = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      const stdio = ['ignore', 'inherit', 'inherit', listener._handle.fd];
      const child = spawn(process.execPath, ['-e', source], { stdio });
      child.on('exit', (code, signal) => console.log('exit', code, signal));
      listener.close();
      net.connect(port, '127.0.0.1').on('data', (part) => console.log(`${part}`));
      console.log(typeof createServer, typeof Socket);
    });
  },
  { sockets: true, skip: NO_UNIX_SOCKET },
);

parityInChild(
  'an accepted socket goes to another process, the server counts on',
  ({ createServer }, dir) => {
    const { fork } = require('node:child_process');
    const net = require('node:net');
    const file = `${dir}/child.js`;
    require('node:fs').writeFileSync(
      file,
      `process.once('message', (_message, socket) => {
        socket.end('from the child');
        socket.on('close', () => process.disconnect());
      });`,
    );
    const child = fork(file);
    const server = createServer((socket) => {
      socket.write('from the parent, ', () => child.send('take it', socket));
    });
    server.listen(0, '127.0.0.1', () => {
      let text = '';
      net
        .connect(server.address().port, '127.0.0.1')
        .on('data', (part) => {
          text += part;
        })
        .on('end', function () {
          console.log(text);
          this.end();
          server.close(() => console.log('closed', server._connections));
        });
    });
    child.on('exit', (code) => console.log('exit', code));
  },
  { sockets: true },
);
