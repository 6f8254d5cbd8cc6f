'use strict';

// A sink that keeps what it gets, in batches or, on the class of Node, as it was written.

const BATCHED = { batchSize: 64 };
const LINES = ['one\n', 'zwei\n', 'drei żółw\n', Buffer.from('four\n'), 'fünf\n'];

/** A sink that keeps what it gets. */
function collect(world, options, step = (callback) => setImmediate(callback)) {
  const sink = new world.api.Writable({
    ...BATCHED,
    ...options,
    write(chunk, _encoding, callback) {
      sink.bytes.push(Buffer.from(chunk));
      step(callback);
    },
  });
  sink.bytes = [];
  return world.watch(sink);
}

function noteBytes(world, sink) {
  world.note('bytes', Buffer.concat(sink.bytes).toString());
}

/** How a sink refuses what it gets. */
const REFUSE = (callback) => setImmediate(callback, new RangeError('no'));
const REFUSE_AT_ONCE = (callback) => callback(new RangeError('no'));

module.exports = { BATCHED, LINES, REFUSE, REFUSE_AT_ONCE, collect, noteBytes };
