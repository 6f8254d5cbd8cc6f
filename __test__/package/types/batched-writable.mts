// The types of a sink of one's own. A line under `@ts-expect-error` must not compile.

import type { Writable as NodeWritable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expectTypeOf } from 'expect-type';
import { type BatchedWritableOptions, type BatchOptions, Writable } from 'rushwrite';

class Sink extends Writable {
  constructor(options?: BatchedWritableOptions) {
    super({ batchSize: 1024, ...options });
  }

  override _write(
    chunk: Buffer,
    encoding: BufferEncoding,
    callback: (error?: Error) => void,
  ): void {
    expectTypeOf(chunk.length).toBeNumber();
    expectTypeOf(encoding).toEqualTypeOf<BufferEncoding>();
    callback();
  }
}

const sink = new Sink({ highWaterMark: 1024, batchDelay: Infinity, concurrency: 4 });
const node: NodeWritable = sink;
expectTypeOf(sink.flush()).toEqualTypeOf<Promise<void>>();
expectTypeOf(sink.write('text')).toBeBoolean();
await pipeline(['a', 'b'], sink);
await pipeline(['a', 'b'], node);

new Writable({
  batchSize: 64,
  write(chunk, _encoding, callback) {
    expectTypeOf(this).toEqualTypeOf<Writable>();
    callback(chunk.length > 0 ? null : new Error('empty'));
  },
});
Writable.toWeb(sink);

const options: BatchOptions = { batchDelay: 10 };
new Writable(options);
// @ts-expect-error A size is a number.
new Writable({ batchSize: '64' });
// @ts-expect-error A delay is a number.
new Writable({ batchDelay: null });
