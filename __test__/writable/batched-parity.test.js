'use strict';

// A batched sink where nothing of batches shows: what one run on the class of Node is told, the other is
// told, too, whose sink gets batches. Node's class ignores the option.

const assert = require('node:assert');
const { finished, Readable, pipeline } = require('node:stream');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const util = require('node:util');
const { ours, parity } = require('../harness');

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

const REFUSE = (callback) => setImmediate(callback, new RangeError('no'));
const REFUSE_AT_ONCE = (callback) => callback(new RangeError('no'));

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

parity('pipeline, pipe and Web streams', async (world) => {
  const text = 'żółw '.repeat(10_000);
  const piped = collect(world);
  await new Promise((resolve) => {
    pipeline(Readable.from([text, text]), piped, (error) => {
      world.note('pipeline', error);
      resolve();
    });
  });
  const sink = collect(world);
  Readable.from([Buffer.from(text), Buffer.from(text)]).pipe(sink);
  await world.closed(sink);
  const web = collect(world);
  const writer = world.api.Writable.toWeb(web).getWriter();
  await writer.write(Buffer.from(text));
  await writer.close();
  for (const one of [piped, sink, web]) world.note(Buffer.concat(one.bytes).length);
});

parity('a pipeline whose sink fails', async (world) => {
  const sink = collect(world, {}, REFUSE);
  const source = Readable.from(['a'.repeat(100), 'b']);
  await new Promise((resolve) => {
    pipeline(source, sink, (error) => {
      world.note('pipeline', error, source.destroyed);
      resolve();
    });
  });
});

parity('finished() and asyncDispose', async (world) => {
  const sink = collect(world);
  finished(sink, world.callback('finished'));
  sink.end('x');
  await world.closed(sink);
  const disposed = collect(world);
  // A whole batch is handed over at once, as Node does with everything.
  disposed.write('x'.repeat(64), world.callback('cb'));
  finished(disposed, world.callback('finished'));
  if (Symbol.asyncDispose) await disposed[Symbol.asyncDispose]();
  else disposed.destroy();
});

ours('a callback that throws keeps no other from being called', async (world) => {
  const sink = collect(world);
  const told = [];
  const thrown = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error.message));
  try {
    sink.write('a', () => {
      throw new Error('first');
    });
    sink.write('b', () => told.push('b'));
    sink.write('c', () => {
      throw new Error('third');
    });
    sink.end('d', () => told.push('end'));
    await world.closed(sink);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  assert.deepStrictEqual(told, ['b', 'end']);
  assert.deepStrictEqual(thrown, ['first', 'third']);
});
