'use strict';

// The same in pipes and pipelines, and for who waits for the end.

const assert = require('node:assert');
const { finished, Readable, pipeline } = require('node:stream');
const { ours, parity } = require('../harness');
const { REFUSE, collect } = require('../harness/collecting-sink');

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
