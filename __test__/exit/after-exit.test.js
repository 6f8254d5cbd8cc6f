'use strict';

// The thread goes on after 'exit': a program emitted it itself, or an exit listener threw.

const { parityInChild } = require('../harness/child');

parityInChild(
  "'exit' emitted by the program: later callbacks and events still come",
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

// Node runs no ticks after this, so 'finish' never comes.
parityInChild(
  'an exit listener throws: a later write callback is called',
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
  "'exit' emitted by the program: a socket goes on",
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
  'a callback that waits in a corked stream does not keep the process alive',
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
  'a failed stream with autoClose false does not keep the process alive',
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
