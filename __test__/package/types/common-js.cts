// The types as a CommonJS module sees them: `import … = require(…)`, and named imports.

import rushwrite = require('rushwrite');

import type fs = require('node:fs');

import { createWriteStream, type WriteStream } from 'rushwrite';

const stream: rushwrite.WriteStream = rushwrite.createWriteStream('out.txt', { bufferSize: 0 });
const same: WriteStream = createWriteStream('out.txt');
const nodes: fs.WriteStream[] = [stream, same];
nodes.forEach((each) => void each.end());

class Sink extends rushwrite.Writable {
  override _write(_chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void) {
    callback();
  }
}
stream.pipe(new Sink());

// @ts-expect-error There is no such export.
rushwrite.createReadStream('out.txt');
// @ts-expect-error The module itself is no function.
rushwrite('out.txt');
