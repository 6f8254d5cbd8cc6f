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
      if (this.#text.length >= BATCH) {
        this.#flush();
      }
    } else {
      this.#buffers.push(chunk);
      this.#bufferedBytes += chunk.length;
      if (this.#bufferedBytes >= BATCH) {
        this.#flush();
      }
    }
    return true;
  }

  end(chunk) {
    if (chunk !== undefined) {
      this.write(chunk);
    }
    this.#flush();
    fs.closeSync(this.#fd);
    process.nextTick(() => this.emit('close'));
  }

  #flush() {
    if (this.#text !== '') {
      this.#writeAll(Buffer.from(this.#text));
      this.#text = '';
    }
    if (this.#bufferedBytes > 0) {
      this.#writeAll(this.#buffers.length === 1 ? this.#buffers[0] : Buffer.concat(this.#buffers));
      this.#buffers = [];
      this.#bufferedBytes = 0;
    }
  }

  #writeAll(bytes) {
    let written = 0;
    while (written < bytes.length) {
      written += fs.writeSync(this.#fd, bytes, written);
    }
  }
}

module.exports = { HandJoined };
