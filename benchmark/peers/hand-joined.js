'use strict';

const { EventEmitter } = require('node:events');
const fs = require('node:fs');

const BATCH = 64 * 1024;

/** What an expert writes today: 64 KiB joined by hand, then `fs.writeSync`, which blocks the loop. */
class HandJoined extends EventEmitter {
  #fd;
  #text = '';
  #buffers = [];
  #bufferedBytes = 0;

  constructor(path) {
    super();
    this.#fd = fs.openSync(path, 'w');
  }

  write(chunk) {
    if (typeof chunk === 'string') {
      this.#text += chunk;
    } else {
      this.#buffers.push(chunk);
      this.#bufferedBytes += chunk.length;
    }
    if (this.#text.length + this.#bufferedBytes >= BATCH) this.#flush();
    return true;
  }

  end(chunk) {
    if (chunk !== undefined) this.write(chunk);
    this.#flush();
    fs.closeSync(this.#fd);
    process.nextTick(() => this.emit('close'));
  }

  /** No workload mixes strings and Buffers. */
  #flush() {
    const bytes = this.#text === '' ? Buffer.concat(this.#buffers) : Buffer.from(this.#text);
    this.#text = '';
    this.#buffers = [];
    this.#bufferedBytes = 0;
    let written = 0;
    while (written < bytes.length) {
      written += fs.writeSync(this.#fd, bytes, written);
    }
  }
}

module.exports = { HandJoined };
