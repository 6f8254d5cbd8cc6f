'use strict';

// `finish` and the callback of `end()` come when the system has all, also of what waited in the queue of `Writable`
// while the buffer was full.

const assert = require('node:assert');
const fs = require('node:fs');
const { once } = require('node:events');
const { ours } = require('../harness');

/** More than one, because the driver has to be as fast as the events are for the fault to show. */
const ROUNDS = 50;

const ENDS = {
  finish: (stream) => once(stream.end(), 'finish'),
  'the callback of end()': (stream) => new Promise((resolve) => stream.end(resolve)),
};

for (const [name, end] of Object.entries(ENDS)) {
  for (const isOpen of [false, true]) {
    ours(
      `${name}, ${isOpen ? 'open' : 'opening'}, behind writes to a full buffer`,
      async (world) => {
        for (let round = 0; round < ROUNDS; round++) {
          const stream = world.create(world.file(), { bufferSize: 64 * 1024 });
          if (isOpen) await once(stream, 'open');
          stream.write('x'.repeat(140_000));
          for (let i = 0; i < 14; i++) stream.write('line\n');
          await end(stream);
          assert.strictEqual(fs.statSync(world.file()).size, 140_070);
          await world.closed(stream);
        }
      },
    );
  }
}
