'use strict';

/**
 * The ways to write a workload. A drive gets `open(k)`, which opens the k-th output stream, the work
 * to do, and `afterAll(details)`, called once when every stream has emitted 'close'; `details()`,
 * where a drive has any, adds to the result. Only events and callbacks are used: a promise per wait
 * would be a cost of the benchmark, not of the stream.
 */

const fs = require('node:fs');
const { pipeline } = require('node:stream');
const { percentiles } = require('../run/statistics.js');

/** Long enough for whatever looks for more work to have gone to sleep. */
const IDLE_MS = 1;

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

/** One line at a time, each into a stream that has been idle for a while. */
function lineByLine(open, { writes, chunk }, afterAll) {
  const writtenAtUs = [];
  const stream = opened(open, 0, () => afterAll(() => ({ writtenAtUs })));
  const afterWrite = () => setTimeout(next, IDLE_MS);
  function next() {
    if (writtenAtUs.length === writes) {
      stream.end();
      return;
    }
    const line = chunk(writtenAtUs.length);
    writtenAtUs.push(nowUs());
    stream.write(line, afterWrite);
  }
  stream.once('ready', next);
}

/** A request, and the next one when as many bytes have come back. */
function requestReply(open, { writes, chunk }, afterAll) {
  const latenciesUs = new Float64Array(writes);
  const details = () => ({ latencyUs: percentiles(latenciesUs) });
  const stream = opened(open, 0, () => afterAll(details));
  let trips = 0;
  let missingBytes = 0;
  let sentAtUs = 0;
  function send() {
    const request = chunk(trips);
    missingBytes = request.length;
    sentAtUs = nowUs();
    stream.write(request);
  }
  function afterData(reply) {
    missingBytes -= reply.length;
    if (missingBytes > 0) {
      return;
    }
    latenciesUs[trips++] = nowUs() - sentAtUs;
    if (trips < writes) {
      send();
    } else {
      stream.end();
    }
  }
  stream.on('data', afterData);
  stream.once('connect', send);
}

/** Of the clock that all processes share. */
function nowUs() {
  return Number(process.hrtime.bigint()) / 1000;
}

function opened(open, file, afterClose) {
  const stream = open(file);
  stream.on('error', rethrow);
  stream.on('close', () => afterClose());
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

module.exports = {
  respectDrain,
  countCallbacks,
  ignoreDrain,
  pipeSource,
  shortFiles,
  lineByLine,
  requestReply,
};
