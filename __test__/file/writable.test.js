'use strict';

// The exported Writable: a base class for the user's own sinks, as in node:stream.

const stream = require('node:stream');
const { parity } = require('../harness');

parity('a class that extends Writable with _write', async (world) => {
  class Upper extends world.api.Writable {
    text = '';
    _write(chunk, encoding, callback) {
      this.text += chunk.toString().toUpperCase();
      world.note('_write', encoding, Buffer.isBuffer(chunk));
      callback();
    }
  }
  const upper = world.watch(new Upper());
  upper.write('one ', world.callback('cb'));
  upper.write(Buffer.from('two '));
  upper.end('three', world.callback('end cb'));
  await world.closed(upper);
  world.note(upper.text, upper instanceof stream.Writable);
});

parity('_construct, _final and _destroy are called in order', async (world) => {
  class Steps extends world.api.Writable {
    _construct(callback) {
      world.note('_construct');
      setImmediate(callback);
    }
    _write(chunk, _encoding, callback) {
      world.note('_write', chunk);
      setImmediate(callback);
    }
    _final(callback) {
      world.note('_final');
      setImmediate(callback);
    }
    _destroy(error, callback) {
      world.note('_destroy', error);
      callback(error);
    }
  }
  const steps = world.watch(new Steps());
  steps.write('a', world.callback('cb'));
  steps.end('b', world.callback('end cb'));
  await world.closed(steps);
});

parity('_writev takes what was corked', async (world) => {
  class Batches extends world.api.Writable {
    _writev(chunks, callback) {
      world.note('_writev', Buffer.concat(chunks.map(({ chunk }) => chunk)));
      callback();
    }
  }
  const batches = world.watch(new Batches());
  batches.cork();
  for (const text of ['a', 'b', 'c']) batches.write(text, world.callback(text));
  batches.uncork();
  batches.end(world.callback('end cb'));
  await world.closed(batches);
});

parity('options instead of methods, decodeStrings false, objectMode', async (world) => {
  for (const options of [{}, { decodeStrings: false }, { objectMode: true }]) {
    const sink = world.watch(
      new world.api.Writable({
        ...options,
        write(chunk, encoding, callback) {
          world.note('write', chunk, encoding);
          callback();
        },
      }),
    );
    sink.write('text', 'latin1');
    if (options.objectMode) sink.write({ an: 'object' });
    sink.end(Buffer.from('bytes'));
    await world.closed(sink);
  }
});

parity('an error of _write reaches callback, event and pipeline', async (world) => {
  const failing = world.watch(
    new world.api.Writable({
      write(_chunk, _encoding, callback) {
        callback(new RangeError('no'));
      },
    }),
  );
  await stream.promises
    .pipeline(['a', 'b'], failing)
    .catch((error) => world.note('rejected', error));
  await world.closed(failing);
});

parity('backpressure of a slow sink', async (world) => {
  const sink = world.watch(
    new world.api.Writable({
      highWaterMark: 3,
      write(_chunk, _encoding, callback) {
        setImmediate(callback);
      },
    }),
  );
  world.note(sink.write('ab'), sink.write('c'), sink.writableLength, sink.writableNeedDrain);
  await new Promise((resolve) => sink.once('drain', resolve));
  world.note(sink.writableLength, sink.writableNeedDrain);
  sink.end();
  await world.closed(sink);
});

parity('without _write it is not implemented', async (world) => {
  const sink = world.watch(new world.api.Writable());
  world.attempt('write', () => sink.write('x'));
  sink.destroy();
  await world.closed(sink);
});
