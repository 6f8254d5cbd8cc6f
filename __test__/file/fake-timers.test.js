'use strict';

// Streams go on when a test library replaces the timers.

const { parityInChild } = require('../harness/child');

parityInChild(
  'setImmediate is replaced after loading: a long write ends',
  ({ createWriteStream }, dir) => {
    globalThis.setImmediate = () => ({});
    const stream = createWriteStream(`${dir}/out`);
    let i = 0;
    const write = () => {
      while (i++ < 1000) {
        if (!stream.write('x'.repeat(10_000))) return stream.once('drain', write);
      }
      stream.end(() => console.log('end cb'));
    };
    write();
    for (const event of ['finish', 'close']) stream.on(event, () => console.log(event));
  },
);
