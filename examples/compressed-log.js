'use strict';

// A log that is compressed while it is written: 64 KiB at a time instead of each line, which the
// compressor, on a thread of its own, has to be asked for. zstd where Node has it, else gzip.
//
//   node examples/compressed-log.js [file]

const { once } = require('node:events');
const os = require('node:os');
const path = require('node:path');
const { finished } = require('node:stream/promises');
const zlib = require('node:zlib');
const { createWriteStream, Writable } = require('rushwrite');

const LINES = 50_000;

/** What is written goes through `compressor` into `target`. */
class Compressed extends Writable {
  #compressor;
  #target;

  constructor(compressor, target, options) {
    super({ batchSize: 64 * 1024, ...options });
    this.#compressor = compressor;
    this.#target = target;
    compressor.pipe(target);
    for (const stream of [compressor, target]) {
      stream.on('error', (error) => this.destroy(error));
    }
  }

  _write(batch, _encoding, callback) {
    this.#compressor.write(batch, callback);
  }

  _final(callback) {
    finished(this.#target).then(() => callback(), callback);
    this.#compressor.end();
  }

  _destroy(error, callback) {
    this.#compressor.destroy();
    this.#target.destroy();
    callback(error);
  }
}

async function main(file) {
  const compressor = zlib.createZstdCompress?.() ?? zlib.createGzip();
  const log = new Compressed(compressor, createWriteStream(file));
  for (let id = 1; id <= LINES; id++) {
    const line = `${JSON.stringify({ id, level: 'info', message: 'request served' })}\n`;
    if (!log.write(line)) await once(log, 'drain');
  }
  log.end();
  await finished(log);
  console.log(`${LINES} lines compressed in ${file}`);
}

if (require.main === module) main(process.argv[2] ?? path.join(os.tmpdir(), 'app.log.zst'));
module.exports = Compressed;
