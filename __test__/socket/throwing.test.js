'use strict';

// A callback or listener of a socket that throws causes one uncaughtException.

const { parityInChild } = require('../harness/child');

parityInChild(
  'a write callback throws',
  ({ connect }, _dir, port) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const socket = connect(port, '127.0.0.1');
    socket.on('ready', () => {
      socket.write('a', () => {
        console.log('cb');
        setImmediate(() => socket.end('b', () => console.log('end cb')));
        throw new Error('boom');
      });
    });
    socket.on('data', () => {});
    socket.on('close', (hadError) => console.log('close', hadError));
  },
  { onConnection: (other) => other.pipe(other) },
);

parityInChild(
  'a write callback writes and throws: later callbacks are called in order',
  ({ connect }, _dir, port) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const socket = connect(port, '127.0.0.1');
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
  },
  { onConnection: (other) => other.resume() },
);

for (const event of ['ready', 'data', 'finish', 'end', 'close']) {
  parityInChild(
    `a listener of ${event} throws`,
    ({ connect }, _dir, port) => {
      const { WHICH: event } = process.env;
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const socket = connect(port, '127.0.0.1');
      socket.on('data', (part) => console.log('data', `${part}`));
      socket.once(event, () => {
        throw new Error(`boom in ${event}`);
      });
      socket.end('x', () => console.log('end cb'));
      socket.on('close', (hadError) => console.log('close', hadError));
      process.on('exit', (code) => console.log('exit', code));
    },
    { onConnection: (other) => other.pipe(other), env: { WHICH: event } },
  );
}

parityInChild(
  'a listener of error throws',
  ({ connect }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const socket = connect(`${dir}/no/such/socket`);
    socket.on('error', (error) => {
      console.log(error.code);
      throw new Error('boom');
    });
    socket.on('close', (hadError) => console.log('close', hadError));
  },
  { sockets: true },
);

parityInChild(
  'a callback that throws does not affect other sockets',
  ({ connect }, _dir, port) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const closed = [];
    for (let i = 0; i < 5; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.write('x', () => {
        socket.end();
        if (i === 2) throw new Error('boom');
      });
      socket.on('close', () => closed.push(i));
    }
    process.on('exit', () => console.log(closed.sort().join()));
  },
  { onConnection: (other) => other.resume() },
);

// After this Node neither reads from the connection nor ends it.
parityInChild(
  'a listener of connect throws',
  ({ connect }, _dir, port) => {
    let socket;
    process.on('uncaughtException', (error) => {
      console.log('uncaught', error.message);
      socket.destroy();
    });
    socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      throw new Error('boom');
    });
    socket.on('close', () => console.log('close'));
  },
  { onConnection: (other) => other.resume() },
);

parityInChild(
  'a callback throws without a handler: exit code 1',
  ({ connect }, _dir, port) => {
    process.on('exit', (code) => console.log('exit', code));
    connect(port, '127.0.0.1').write('x', () => {
      throw new Error('boom');
    });
  },
  { onConnection: (other) => other.resume() },
);
