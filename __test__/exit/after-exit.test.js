'use strict';

// 'exit' was emitted, and the thread lives on: a test emits it by hand, or a listener throws.

const { parityInChild } = require('../harness/child');

parityInChild(
  "'exit' emitted by hand: callbacks and events come as before",
  ({ createWriteStream }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    stream.on('open', () => {
      process.emit('exit', 0);
      stream.write('a', () => console.log('cb a'));
      stream.write(Buffer.from('b'), () => console.log('cb b'));
      stream.end('c', () => console.log('end cb'));
    });
    for (const event of ['finish', 'close']) stream.on(event, () => console.log(event));
  },
);

// Node runs no ticks any more, so that 'finish' never comes.
parityInChild(
  'an exit listener that throws: a write callback comes',
  ({ createWriteStream }, dir) => {
    const stream = createWriteStream(`${dir}/out`);
    process.on('exit', () => {
      throw new Error('veto');
    });
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    stream.on('open', () => {
      try {
        process.exit();
      } catch (error) {
        console.log('caught', error.message);
      }
      stream.write('x', () => console.log('write cb'));
    });
  },
);

parityInChild(
  "a socket after an 'exit' emitted by hand",
  ({ connect }, _dir, port) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('ready', () => {
      process.emit('exit', 0);
      socket.write('a', () => console.log('cb a'));
      socket.write(Buffer.from('b'), () => socket.end('c', () => console.log('end cb')));
    });
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('close', () => console.log('close', text));
  },
  { onConnection: (other) => other.pipe(other) },
);

parityInChild(
  'a callback that a corked stream keeps does not keep the process',
  ({ createWriteStream }, dir) => {
    const stream = createWriteStream(`${dir}/file`, { flushOnExit: false });
    stream.on('ready', () => {
      stream.write('a', () => {
        stream.cork();
        stream.write('b', () => console.log('never'));
      });
    });
  },
);

parityInChild(
  'a failure without autoClose does not keep the process',
  ({ createWriteStream }) => {
    const stream = createWriteStream('/dev/full', { autoClose: false, highWaterMark: 10 });
    stream.on('error', ({ code }) => console.log('error', code));
    stream.on('ready', () => {
      for (let i = 0; i < 20; i++)
        stream.write('0123456789', (error) => console.log(i, error?.code));
    });
  },
  { skip: process.platform !== 'linux' && 'needs /dev/full' },
);
