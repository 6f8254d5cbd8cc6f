'use strict';

// A transport of pino's: a thread of its own writes what loggers send it to a file.
//
//   pino({ transport: { target: 'rushwrite/pino', options: { file: 'app.log' } } })

const { once } = require('node:events');
const fs = require('node:fs');
const { assertOneOf, assertType, conflictError } = require('./errors.js');
const { createWriteStream } = require('./write-stream.js');

/** Where a record is when the transport takes the next one; the first is the default. */
const DURABILITIES = ['buffered', 'written', 'synced'];

/**
 * @param {object} options
 * @param {string} options.file or `destination`, as in pino's own transport
 * @param {boolean} [options.mkdir]
 * @param {boolean} [options.append]
 * @param {string | number} [options.mode]
 * @param {object} [options.rotate] and `follow`: as for `createWriteStream()`
 * @param {boolean} [options.sync] short for `durability: 'written'`
 * @param {'buffered' | 'written' | 'synced'} [options.durability]
 * @returns {Promise<WriteStream>}
 */
async function transport(options = {}) {
  const {
    file = options.destination,
    mkdir = false,
    append = true,
    mode,
    rotate,
    follow,
  } = options;
  const { sync = false, durability = sync ? 'written' : DURABILITIES[0] } = options;
  if (typeof file !== 'string') throw conflictError('file', 'must be a path');
  assertType(mkdir, 'mkdir', 'boolean');
  assertOneOf(durability, 'durability', DURABILITIES);
  const flags = append ? 'a' : 'w';
  const stream = createWriteStream(file, { flags, mode, mkdir, rotate, follow });
  if (rotate?.size !== undefined) writeLines(stream, rotate.size);
  if (durability !== 'buffered') writeThrough(stream, durability === 'synced');
  await once(stream, 'open');
  return stream;
}

/**
 * What comes from the other thread is many records at once, and may end within one. A file ends between
 * two writes, so that they are written line by line, or in small parts of a file.
 */
function writeLines(stream, fileSize) {
  const { write, end } = stream;
  const length = Math.ceil(fileSize / 64);
  let rest = '';
  stream.write = function writeWhole(chunk, ...args) {
    const text = rest + chunk;
    const runs = runsOf(text, length);
    rest = runs.pop();
    const last = runs.pop();
    for (const run of runs) write.call(this, run);
    return write.call(this, last ?? '', ...args);
  };
  stream.end = function endWhole(...args) {
    if (rest !== '') write.call(this, rest);
    rest = '';
    return end.apply(this, args);
  };
}

/** Whole lines, together about so long, and what is left behind the last of them. */
function runsOf(text, length) {
  const runs = [];
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start + length - 1) + 1 || text.lastIndexOf('\n') + 1;
    if (end <= start) break;
    runs.push(text.slice(start, end));
    start = end;
  }
  runs.push(text.slice(start));
  return runs;
}

/** Each `write()` returns when the system has the bytes, or with `syncs` the device. */
function writeThrough(stream, syncs) {
  const { write } = stream;
  stream.write = function writeNow(...args) {
    write.apply(this, args);
    // A stream that has failed says so with an event.
    if (this.destroyed || this.errored) return false;
    this.flushSync();
    if (syncs) fs.fdatasyncSync(this.fd);
    return true;
  };
}

module.exports = transport;
