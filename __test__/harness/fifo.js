'use strict';

// A named pipe with its reading end in this process: a reader that stalls until it is told to read.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
const NO_FIFO = process.platform === 'win32' ? 'Windows has no named pipes of this kind' : false;

class Fifo {
  #fd;
  #block = Buffer.alloc(64 * 1024);

  constructor(file) {
    execFileSync('mkfifo', [file]);
    this.file = file;
    this.received = [];
    this.receivedBytes = 0;
    // Non-blocking: the call returns although no writer is there yet.
    this.#fd = fs.openSync(file, O_RDONLY | O_NONBLOCK);
  }

  /** A descriptor of the writing end; writing to a full pipe fails with EAGAIN. */
  openNonBlockingWriter() {
    return fs.openSync(this.file, O_WRONLY | O_NONBLOCK);
  }

  /** Reads what is in the pipe now; returns the number of bytes. */
  readOnce() {
    let bytesRead = 0;
    try {
      bytesRead = fs.readSync(this.#fd, this.#block);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
    if (bytesRead > 0) this.#keep(bytesRead);
    return bytesRead;
  }

  /** Reads until `isDone()`, then whatever is left. */
  async readUntil(isDone) {
    while (!isDone()) {
      if (this.readOnce() === 0) await nextTurn();
    }
    while (this.readOnce() > 0);
  }

  bytes() {
    return Buffer.concat(this.received);
  }

  close() {
    fs.closeSync(this.#fd);
  }

  #keep(bytesRead) {
    this.received.push(Buffer.from(this.#block.subarray(0, bytesRead)));
    this.receivedBytes += bytesRead;
  }
}

module.exports = { Fifo, NO_FIFO };
