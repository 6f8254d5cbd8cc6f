'use strict';

/**
 * The ways to write a workload. A drive gets `open(k)`, which opens the k-th output stream, the work
 * to do, and `afterAll`, called once when every stream has emitted 'close'. Only events and
 * callbacks are used: a promise per wait would be a cost of the benchmark, not of the stream.
 */

const fs = require('node:fs');
const { pipeline } = require('node:stream');

/** Every file at once; each waits for 'drain' when `write()` returns false. */
function respectDrain(open, { files, writes, chunk }, afterAll) {
  const afterClose = countdown(files, afterAll);
  for (let file = 0; file < files; file += 1) {
    writeRange(opened(open, file, afterClose), chunk, file * writes, (file + 1) * writes);
  }
}

function writeRange(stream, chunk, from, to) {
  let i = from;
  function fill() {
    while (i < to) {
      if (!stream.write(chunk(i++))) {
        stream.once('drain', fill);
        return;
      }
    }
    stream.end();
  }
  fill();
}

/** As above for one file, with a callback on each write; all of them must have run. */
function countCallbacks(open, { writes, chunk }, afterAll) {
  let completed = 0;
  const stream = opened(open, 0, () => {
    if (completed !== writes) {
      throw new Error(`${completed} of ${writes} write callbacks ran`);
    }
    afterAll();
  });
  const afterWrite = (error) => {
    if (error) {
      throw error;
    }
    completed += 1;
  };
  let i = 0;
  function fill() {
    while (i < writes) {
      if (!stream.write(chunk(i++), afterWrite)) {
        stream.once('drain', fill);
        return;
      }
    }
    stream.end();
  }
  fill();
}

/** Writes everything in one turn, whatever `write()` returns. */
function ignoreDrain(open, { writes, chunk }, afterAll) {
  const stream = opened(open, 0, afterAll);
  for (let i = 0; i < writes; i += 1) {
    stream.write(chunk(i));
  }
  stream.end();
}

/** Pipes the file of all chunks, as far as the work goes. */
function pipeSource(open, { writes, chunk, source }, afterAll) {
  const bytes = writes * chunk(0).length;
  const stream = opened(open, 0, afterAll);
  pipeline(fs.createReadStream(source, { end: bytes - 1 }), stream, (error) => {
    if (error) {
      throw error;
    }
  });
}

/** One write and the end of it per file, with at most `atOnce` files open. */
function shortFiles(atOnce) {
  return (open, { files, chunk }, afterAll) => {
    const afterClose = countdown(files, afterAll);
    let file = 0;
    function next() {
      if (file < files) {
        const current = file++;
        opened(open, current, () => {
          afterClose();
          next();
        }).end(chunk(current));
      }
    }
    for (let lane = 0; lane < atOnce; lane += 1) {
      next();
    }
  };
}

function opened(open, file, afterClose) {
  const stream = open(file);
  stream.on('error', rethrow);
  stream.on('close', afterClose);
  return stream;
}

function rethrow(error) {
  throw error;
}

function countdown(count, afterLast) {
  let left = count;
  return () => {
    left -= 1;
    if (left === 0) {
      afterLast();
    }
  };
}

module.exports = { respectDrain, countCallbacks, ignoreDrain, pipeSource, shortFiles };
