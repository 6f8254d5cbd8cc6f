'use strict';

// A batched sink where nothing of batches shows: what one run on the class of Node is told, the other is
// told, too, whose sink gets batches. Node's class ignores the option.

const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const util = require('node:util');
const { parity } = require('../harness');
const {
  BATCHED,
  LINES,
  REFUSE,
  REFUSE_AT_ONCE,
  collect,
  noteBytes,
} = require('../harness/collecting-sink');

parity('writes with callbacks, and an end with one', async (world) => {
  const sink = collect(world);
  for (const line of LINES) sink.write(line, world.callback('cb'));
  sink.end('end\n', 'latin1', world.callback('end cb'));
  await world.closed(sink);
  noteBytes(world, sink);
  world.note(sink.writableFinished, sink.writableLength, sink.destroyed);
});

parity('empty chunks call back in their place', async (world) => {
  const sink = collect(world);
  sink.write('', world.callback('first'));
  await nextTurn();
  sink.write('a', world.callback('a'));
  sink.write('', world.callback('empty'));
  sink.write(Buffer.alloc(0), world.callback('empty Buffer'));
  sink.end('', world.callback('end'));
  await world.closed(sink);
});

parity('what was corked', async (world) => {
  const sink = collect(world);
  sink.cork();
  for (const line of LINES) sink.write(line, world.callback('cb'));
  world.note(sink.writableLength, sink.writableCorked);
  await nextTurn();
  sink.uncork();
  sink.write('after', world.callback('after'));
  sink.end();
  await world.closed(sink);
  noteBytes(world, sink);
});

for (const [how, step] of [
  ['later', REFUSE],
  ['at once', REFUSE_AT_ONCE],
]) {
  for (const options of [{}, { autoDestroy: false }, { emitClose: false }]) {
    const title = `a sink that fails ${how}, ${JSON.stringify(options)}`;
    parity(title, async (world) => {
      const sink = collect(world, options, step);
      for (const line of LINES) sink.write(line, world.callback('cb'));
      sink.end(world.callback('end cb'));
      await once(sink, 'error').catch(() => {});
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      world.note(sink.errored, sink.destroyed, sink.writable, sink.writableFinished);
    });
  }
}

parity('a sink that fails while chunks are corked', async (world) => {
  const sink = collect(world, {}, REFUSE);
  sink.write('a'.repeat(64), world.callback('cb'));
  sink.cork();
  sink.write('b', world.callback('corked'));
  await world.closed(sink);
});

parity('destroyed with a write under way and others behind it', async (world) => {
  let finish;
  const sink = collect(world, {}, (callback) => {
    finish = callback;
  });
  sink.write('a'.repeat(64), world.callback('under way'));
  sink.write('b'.repeat(64), world.callback('behind'));
  sink.cork();
  sink.write('c', world.callback('corked'));
  await nextTurn();
  sink.destroy(new Error('enough'));
  sink.write('d', world.callback('late'));
  await world.closed(sink);
  world.note('closed, still under way');
  finish();
  await nextTurn();
});

parity('destroyed in the middle of end', async (world) => {
  let finish;
  const sink = collect(world, {}, (callback) => {
    finish = callback;
  });
  sink.write('a'.repeat(64), world.callback('under way'));
  sink.end(world.callback('end cb'));
  await nextTurn();
  sink.destroy();
  await world.closed(sink);
  finish();
  await nextTurn();
});

parity('aborted before and in the middle', async (world) => {
  const before = collect(world, { signal: AbortSignal.abort() });
  before.write('x', world.callback('cb'));
  await world.closed(before);
  const controller = new AbortController();
  const sink = collect(world, { signal: controller.signal });
  sink.cork();
  sink.write('x', world.callback('cb'));
  controller.abort();
  await world.closed(sink);
});

parity('chunks and encodings that are refused', async (world) => {
  const sink = collect(world);
  for (const chunk of [null, undefined, 7, {}, new ArrayBuffer(4)]) {
    world.attempt('write', () => sink.write(chunk, world.callback('cb')));
  }
  world.attempt('encoding', () => sink.write('x', 'no such', world.callback('cb')));
  world.attempt('default', () => sink.setDefaultEncoding('no such'));
  sink.end('done', world.callback('end cb'));
  await world.closed(sink);
  noteBytes(world, sink);
});

parity('write after end, end after end, and both after close', async (world) => {
  const sink = collect(world, {}, (callback) => callback());
  sink.end(world.callback('end cb'));
  world.attempt('write', () => sink.write('x', world.callback('late')));
  sink.end(world.callback('again'));
  await world.closed(sink);
  sink.end(world.callback('closed'));
  world.attempt('write', () => sink.write('x', world.callback('later')));
  await nextTurn();
});

parity('a sink that calls back twice', async (world) => {
  const sink = collect(world, {}, (callback) => {
    setImmediate(() => {
      callback();
      callback();
    });
  });
  sink.write('x', world.callback('cb'));
  await world.closed(sink);
});

parity('without _write', async (world) => {
  const sink = world.watch(new world.api.Writable(BATCHED));
  world.attempt('write', () => sink.write('x'));
  sink.destroy();
  await world.closed(sink);
  const silent = world.watch(new world.api.Writable(BATCHED));
  silent.end(world.callback('end'));
  await world.closed(silent);
});

parity('all ways to bring a _write', async (world) => {
  const { Writable } = world.api;
  const take = (label) =>
    function write(chunk, encoding, callback) {
      world.note(label, `${chunk}`, encoding, this instanceof Writable);
      callback();
    };
  class Method extends Writable {}
  Method.prototype._write = take('method');
  class Field extends Writable {
    _write = take('field');
    _final = (callback) => {
      world.note('field _final');
      callback();
    };
  }
  function Old(options) {
    Writable.call(this, options);
  }
  util.inherits(Old, Writable);
  Old.prototype._write = take('old');
  const assigned = new Writable(BATCHED);
  assigned._write = take('assigned');
  const bare = Writable({ ...BATCHED, write: take('without new') });
  const many = new Writable({
    ...BATCHED,
    writev(chunks, callback) {
      world.note('writev', `${chunks[0].chunk}`, chunks[0].encoding);
      callback();
    },
  });
  const sinks = [new Method(BATCHED), new Field(BATCHED), new Old(BATCHED), assigned, bare, many];
  for (const sink of sinks) {
    world.watch(sink);
    sink.end('text', world.callback('end cb'));
    await world.closed(sink);
  }
});

parity('_construct, _final and _destroy, and their failures', async (world) => {
  for (const failing of ['none', '_construct', '_final', '_destroy']) {
    class Steps extends world.api.Writable {
      _write(_chunk, _encoding, callback) {
        setImmediate(callback);
      }
    }
    for (const name of ['_construct', '_final', '_destroy']) {
      Steps.prototype[name] = (...args) => {
        world.note(name);
        setImmediate(args.at(-1), failing === name ? new Error(`no ${name}`) : null);
      };
    }
    const steps = world.watch(new Steps(BATCHED), failing);
    steps.write('a', world.callback('cb'));
    steps.end('b', world.callback('end cb'));
    await world.closed(steps);
  }
});

parity('a _final that throws', async (world) => {
  const sink = collect(world, {
    final() {
      throw new Error('no');
    },
  });
  sink.end(world.callback('end cb'));
  await world.closed(sink);
});
