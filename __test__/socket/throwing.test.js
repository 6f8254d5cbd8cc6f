'use strict';

// A callback or a listener of a socket that throws is the program's own fault: it arrives once, as
// an uncaughtException.

const { parityInChild } = require('../harness/child');

parityInChild(
  'a write callback throws',
  ({ connect }) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const server = require('node:net').createServer((other) => other.pipe(other));
    server.listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1');
      server.unref();
      socket.on('ready', () => {
        socket.write('a', () => {
          console.log('cb');
          setImmediate(() => socket.end('b', () => console.log('end cb')));
          throw new Error('boom');
        });
      });
      socket.on('data', () => {});
      socket.on('close', (hadError) => console.log('close', hadError));
    });
  },
  { sockets: true },
);

parityInChild(
  'a write callback writes and throws: later callbacks come in their order',
  ({ connect }) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const server = require('node:net').createServer((other) => other.resume());
    server.listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1');
      server.unref();
      socket.on('connect', () => {
        socket.write('a', () => {
          socket.write('d', () => {
            console.log('cb d');
            socket.end();
          });
          throw new Error('boom');
        });
        socket.write('b', () => console.log('cb b'));
        socket.write('c', () => console.log('cb c'));
      });
    });
  },
  { sockets: true },
);

for (const event of ['ready', 'data', 'finish', 'end', 'close']) {
  parityInChild(
    `a listener of ${event} throws`,
    ({ connect }) => {
      const { WHICH: event } = process.env;
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const server = require('node:net').createServer((other) => other.pipe(other));
      server.listen(0, '127.0.0.1', () => {
        const socket = connect(server.address().port, '127.0.0.1');
        server.unref();
        socket.on('data', (part) => console.log('data', `${part}`));
        socket.once(event, () => {
          throw new Error(`boom in ${event}`);
        });
        socket.end('x', () => console.log('end cb'));
        socket.on('close', (hadError) => console.log('close', hadError));
      });
      process.on('exit', (code) => console.log('exit', code));
    },
    { sockets: true, env: { WHICH: event } },
  );
}

parityInChild(
  'a listener of error throws',
  ({ connect }) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const socket = connect(`${__dirname}/no/such/socket`);
    socket.on('error', (error) => {
      console.log(error.code);
      throw new Error('boom');
    });
    socket.on('close', (hadError) => console.log('close', hadError));
  },
  { sockets: true },
);

parityInChild(
  'sockets beside a throwing one are not hurt',
  ({ connect }) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const server = require('node:net').createServer((other) => other.resume());
    const closed = [];
    server.listen(0, '127.0.0.1', () => {
      for (let i = 0; i < 5; i++) {
        const socket = connect(server.address().port, '127.0.0.1');
        socket.write('x', () => {
          socket.end();
          if (i === 2) throw new Error('boom');
        });
        socket.on('close', () => closed.push(i));
      }
      server.unref();
    });
    process.on('exit', () => console.log(closed.sort().join()));
  },
  { sockets: true },
);

// Node goes no further than this with such a connection: it neither reads nor ends.
parityInChild(
  'a listener of connect throws',
  ({ connect }) => {
    let socket;
    process.on('uncaughtException', (error) => {
      console.log('uncaught', error.message);
      socket.destroy();
    });
    const server = require('node:net').createServer((other) => other.resume());
    server.listen(0, '127.0.0.1', () => {
      socket = connect(server.address().port, '127.0.0.1');
      socket.on('connect', () => {
        throw new Error('boom');
      });
      socket.on('close', () => console.log('close'));
      server.unref();
    });
  },
  { sockets: true },
);

parityInChild(
  'nobody catches: exit code 1',
  ({ connect }) => {
    process.on('exit', (code) => console.log('exit', code));
    const server = require('node:net').createServer((other) => other.resume());
    server.listen(0, '127.0.0.1', () => {
      connect(server.address().port, '127.0.0.1').write('x', () => {
        throw new Error('boom');
      });
    });
  },
  { sockets: true },
);
