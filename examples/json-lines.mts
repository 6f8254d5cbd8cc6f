// A typed file of JSON lines: what does not fit the type does not compile, and whoever awaits
// `write()` goes at the pace of the disk.
//
//   npx tsc --module nodenext --target es2023 examples/json-lines.mts && node examples/json-lines.mjs [file]

import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createWriteStream, type WriteStream, type WriteStreamOptions } from 'rushwrite';

class JsonLines<Entry extends object> {
  readonly #out: WriteStream;

  constructor(file: string, options: WriteStreamOptions = {}) {
    this.#out = createWriteStream(file, { flags: 'a', ...options });
  }

  async write(entry: Entry): Promise<void> {
    if (!this.#out.write(`${JSON.stringify(entry)}\n`)) await once(this.#out, 'drain');
  }

  /** Resolves when the file is complete, with its length in bytes; rejects if a write failed. */
  async close(): Promise<number> {
    this.#out.end();
    await finished(this.#out);
    return this.#out.bytesWritten;
  }
}

interface Measurement {
  readonly sensor: string;
  readonly celsius: number;
}

const file = process.argv[2] ?? path.join(os.tmpdir(), 'measurements.jsonl');
const lines = new JsonLines<Measurement>(file, { flags: 'w', flush: true });
for (let i = 0; i < 50_000; i += 1) {
  await lines.write({ sensor: `s${i % 10}`, celsius: 20 + (i % 7) / 2 });
}
console.log(`50000 measurements, ${await lines.close()} bytes in ${file}`);
