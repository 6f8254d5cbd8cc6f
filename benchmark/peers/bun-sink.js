'use strict';

const { EventEmitter } = require('node:events');

/* global Bun */

const HIGH_WATER_MARK = 1024 * 1024;

/** Bun's `FileSink` behind the few methods that the drives use; runs in Bun only. */
class BunSink extends EventEmitter {
  #sink;
  #pendingBytes = 0;

  constructor(path) {
    super();
    this.#sink = Bun.file(path).writer({ highWaterMark: HIGH_WATER_MARK });
  }

  write(chunk) {
    this.#sink.write(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < HIGH_WATER_MARK) {
      return true;
    }
    this.#pendingBytes = 0;
    const flushed = this.#sink.flush();
    if (typeof flushed?.then !== 'function') {
      return true;
    }
    flushed.then(() => this.emit('drain'), this.#fail);
    return false;
  }

  end(chunk) {
    if (chunk !== undefined) {
      this.#sink.write(chunk);
    }
    Promise.resolve(this.#sink.end()).then(() => this.emit('close'), this.#fail);
  }

  #fail = (error) => this.emit('error', error);
}

module.exports = { BunSink };
