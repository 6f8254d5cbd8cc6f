// The types as an ES module sees them. A line under `@ts-expect-error` must not compile.

import fs from 'node:fs';
import { open } from 'node:fs/promises';
import {
  type Writable as NodeWritable,
  pipeline as pipelineWithCallback,
  Readable,
} from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { expectTypeOf } from 'expect-type';
import rushwrite, {
  createWriteStream,
  type DiagnosticsMessage,
  type Dropped,
  flushAllSync,
  type RetryOptions,
  type Stall,
  type Stats,
  Writable,
  WriteStream,
  type WriteStreamEventMap,
  type WriteStreamOptions,
} from 'rushwrite';

// The default import is the module itself.
expectTypeOf(rushwrite.createWriteStream).toEqualTypeOf(createWriteStream);
expectTypeOf(rushwrite.WriteStream).toEqualTypeOf(WriteStream);

const stream = createWriteStream('out.txt');
expectTypeOf(stream).toEqualTypeOf<WriteStream>();

// A drop-in: it goes wherever fs.WriteStream or a Writable is asked for.
function takesNodeStream(_: fs.WriteStream): void {}
const dropIn: typeof fs.createWriteStream = createWriteStream;
function takesWritable(_: NodeWritable): void {}
function takesInterface(_: NodeJS.WritableStream): void {}
takesNodeStream(stream);
takesWritable(stream);
takesInterface(stream);
dropIn('out.txt');
const streams: fs.WriteStream[] = [stream, fs.createWriteStream('out.txt')];
expectTypeOf(streams).toEqualTypeOf<fs.WriteStream[]>();

// Paths.
createWriteStream(Buffer.from('out.txt'));
createWriteStream(pathToFileURL('/tmp/out.txt'));
new WriteStream('out.txt', { flags: 'a' });
// @ts-expect-error The path is required.
createWriteStream();
// @ts-expect-error A path is no number.
createWriteStream(1);

// Options.
createWriteStream('out.txt', 'latin1');
createWriteStream('out.txt', null);
createWriteStream('out.txt', {
  flags: 'r+',
  mode: 0o600,
  encoding: 'utf8',
  fd: 1,
  autoClose: false,
  emitClose: false,
  start: 10,
  signal: AbortSignal.timeout(1000),
  highWaterMark: 65536,
  flush: true,
  bufferSize: 4 * 1024 * 1024,
  flushOnExit: false,
  maxBuffered: Infinity,
  overflow: 'drop',
});
createWriteStream('out.txt', { fs });
createWriteStream('', { fd: await open('out.txt', 'w') });
const everyOptionMayBeAbsent: WriteStreamOptions = {};
createWriteStream('out.txt', everyOptionMayBeAbsent);
createWriteStream('out.txt', { bufferSize: undefined, start: undefined });
// @ts-expect-error No such encoding.
createWriteStream('out.txt', 'utf-9');
// @ts-expect-error A size is a number of bytes.
createWriteStream('out.txt', { bufferSize: '1MB' });
// @ts-expect-error Null is no position; Node throws.
createWriteStream('out.txt', { start: null });
// @ts-expect-error An option with a typing error.
createWriteStream('out.txt', { buferSize: 1 });

// Members.
expectTypeOf(stream.bytesWritten).toEqualTypeOf<number>();
expectTypeOf(stream.path).toEqualTypeOf<string | Buffer>();
expectTypeOf(stream.pending).toEqualTypeOf<boolean>();
expectTypeOf(stream.fd).toEqualTypeOf<number | null>();
expectTypeOf(stream.autoClose).toEqualTypeOf<boolean>();
expectTypeOf(stream.writableHighWaterMark).toEqualTypeOf<number>();
expectTypeOf(stream.close).toBeCallableWith((error) => {
  expectTypeOf(error).toEqualTypeOf<NodeJS.ErrnoException | null | undefined>();
});
// @ts-expect-error The stream alone counts.
stream.bytesWritten = 0;
stream.close();
stream.destroySoon();
// @ts-expect-error No such member.
stream.bytesRead;

// Writing.
expectTypeOf(stream.write('line\n')).toEqualTypeOf<boolean>();
stream.write('line\n', 'latin1', (error) => {
  expectTypeOf(error).toEqualTypeOf<Error | null | undefined>();
});
stream.write(new Uint8Array(8));
stream.write(new DataView(new ArrayBuffer(8)));
expectTypeOf(stream.end('last', 'utf8', () => {})).toEqualTypeOf<WriteStream>();
// @ts-expect-error No such encoding.
stream.write('line\n', 'utf-9');

// Events.
stream
  .on('open', (fd) => expectTypeOf(fd).toEqualTypeOf<number>())
  .once('ready', () => {})
  .addListener('drain', () => {})
  .prependListener('finish', () => {})
  .prependOnceListener('close', () => {})
  .on('error', (error) => expectTypeOf(error).toEqualTypeOf<Error>())
  .on('pipe', (source) => expectTypeOf(source).toEqualTypeOf<Readable>())
  .off('drain', () => {})
  .on('own', (..._args: unknown[]) => {})
  .removeListener('own', () => {});
stream.emit('own', 1, 2);
expectTypeOf<WriteStreamEventMap['open']>().toEqualTypeOf<[fd: number]>();

// In Node's own machinery.
await pipeline(Readable.from(['a', 'b']), createWriteStream('out.txt'));
await finished(stream);
Readable.from(['a'])
  .pipe(createWriteStream('out.txt'))
  .on('ready', () => {});
pipelineWithCallback(Readable.from(['a']), stream, (error) => {
  expectTypeOf(error).toEqualTypeOf<NodeJS.ErrnoException | null>();
});
Writable.toWeb(stream);

// Subclasses.
class CountingStream extends WriteStream {
  lines = 0;
  override _write(
    chunk: unknown,
    encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.lines += 1;
    super._write(chunk, encoding, callback);
  }
}
takesNodeStream(new CountingStream('out.txt'));

class Collector extends Writable {
  readonly chunks: Buffer[] = [];
  override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void) {
    this.chunks.push(chunk);
    callback();
  }
}
takesWritable(new Collector({ highWaterMark: 1024 }));

// Guarantees.
expectTypeOf(stream.flushSync()).toEqualTypeOf<void>();
stream.flushSync({ timeout: 1000 });
expectTypeOf(flushAllSync(1000)).toEqualTypeOf<number>();
expectTypeOf(rushwrite.flushAllSync).toEqualTypeOf(flushAllSync);
stream.on('drop', (dropped) => expectTypeOf(dropped).toEqualTypeOf<Dropped>());
// @ts-expect-error There are two ways to refuse a write.
createWriteStream('out.txt', { overflow: 'wait' });
// @ts-expect-error The timeout stands in an object.
stream.flushSync(1000);

// Durable writes.
const durable = createWriteStream('out.txt', {
  atomic: true,
  mkdir: true,
  retry: { on: ['ENOSPC'], delay: 10, limit: Number.POSITIVE_INFINITY } satisfies RetryOptions,
  stallTimeout: 500,
});
expectTypeOf(durable.sync()).toEqualTypeOf<Promise<void>>();
expectTypeOf(durable.sync({ metadata: true })).toEqualTypeOf<Promise<void>>();
expectTypeOf(durable.stats()).toEqualTypeOf<Stats>();
expectTypeOf(durable.stats().maxSyncMicros).toBeNumber();
durable.on('stall', (stall) => expectTypeOf(stall).toEqualTypeOf<Stall>());
durable.on('recover', () => {});
expectTypeOf<DiagnosticsMessage['stats']>().toEqualTypeOf<Stats>();
// @ts-expect-error
durable.sync({ metadata: 1 });
// @ts-expect-error
createWriteStream('out.txt', { atomic: 'yes' });
// @ts-expect-error
createWriteStream('out.txt', { retry: true });
