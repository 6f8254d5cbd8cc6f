'use strict';

// Lines into a stream of Redis: an entry for each line, and a pipeline for each batch, so that one answer
// is waited for instead of thousands.
//
//   node examples/redis-stream.js key < lines

const { pipeline } = require('node:stream/promises');
const { Redis } = require('ioredis');
const { Writable } = require('rushwrite');

const NEWLINE = 10;

/** Each line that is written becomes an entry `{ line }` of the stream `key`. */
class RedisStream extends Writable {
  #redis;
  #key;
  /** The beginning of a line whose end comes with the next batch. */
  #rest = Buffer.alloc(0);

  constructor(redis, key, options) {
    super({ batchSize: 64 * 1024, ...options });
    this.#redis = redis;
    this.#key = key;
  }

  _write(batch, _encoding, callback) {
    const end = batch.lastIndexOf(NEWLINE) + 1;
    const lines = Buffer.concat([this.#rest, batch.subarray(0, end)]);
    // A batch is ours until we call back: what is kept is copied.
    this.#rest = Buffer.from(batch.subarray(end));
    if (end === 0) this.#rest = Buffer.concat([lines, this.#rest]);
    this.#append(end === 0 ? '' : lines.toString()).then(() => callback(), callback);
  }

  _final(callback) {
    this.#append(this.#rest.toString()).then(() => callback(), callback);
  }

  async #append(text) {
    if (text === '') return;
    const entries = this.#redis.pipeline();
    const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
    for (const line of lines.split('\n')) entries.xadd(this.#key, '*', 'line', line);
    for (const [error] of await entries.exec()) if (error) throw error;
  }
}

async function main(key) {
  const redis = new Redis();
  await pipeline(process.stdin, new RedisStream(redis, key));
  await redis.quit();
}

if (require.main === module) main(process.argv[2]);
module.exports = RedisStream;
