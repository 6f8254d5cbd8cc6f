'use strict';

// What a standard stream of Node's has not given the system when the process exits, and how it gets there.

const fs = require('node:fs');
const environment = require('../environment.js');
const exit = require('../exit.js');
const WriteStreamClass = require('../write-stream.js');
const { now } = require('../timers.js');

/**
 * What the system has not taken of what Node was given: the rest of what its handle has, and what waits
 * behind that.
 * @param {Writable} stream
 * @param {{chunk: string | Buffer, encoding: string}[]} inFlight what Node has given the handle
 */
function restOf(stream, inFlight) {
  const bytes = bytesOf(inFlight);
  const queued = stream._handle?.writeQueueSize ?? 0;
  const started = queued > 0 ? bytes.subarray(bytes.length - queued) : Buffer.alloc(0);
  if (stream._handle == null) return started;
  return Buffer.concat([started, bytesOf(stream._writableState.getBuffer())]);
}

function bytesOf(entries) {
  const chunks = entries.map(({ chunk, encoding }) =>
    typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
  );
  return Buffer.concat(chunks);
}

/** Writes to a descriptor until the process is gone, and waits each time. */
class Rest {
  #out;
  #endMs = now() + environment.exitTimeoutMs();

  constructor(fd) {
    const { WriteStream } = WriteStreamClass;
    this.#out = new WriteStream('', { fd, autoClose: false, flushOnExit: false });
    this.#out.on('error', () => {});
  }

  /** Always returns true: no callback runs any more. */
  write(chunk, encoding) {
    if (this.#out.errored) return true;
    this.#out.write(chunk, typeof encoding === 'function' ? undefined : encoding);
    const timeout = Math.max(0, Math.ceil(this.#endMs - now()));
    try {
      this.#out.flushSync({ timeout });
    } catch (error) {
      this.#tell(error);
    }
    return true;
  }

  /** A closed reader is no loss. */
  #tell(error) {
    if (error.code === 'EPIPE') return;
    const { bytesQueued: bytes } = this.#out.stats();
    const isLate = error.code === 'ERR_RUSHWRITE_TIMEOUT';
    exit.tell({ bytes, streams: 1, error: isLate ? null : error });
  }
}

/** Node's stream for files gives up after a write that the system has cut short, and says nothing. */
function writeAll(fd, chunk) {
  let done = 0;
  do done += fs.writeSync(fd, chunk, done);
  while (done < chunk.length);
}

module.exports = { Rest, restOf, writeAll };
