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

/** Every stream at once; each waits for 'drain' when `write()` returns false. */
function respectDrain(open, { files, writes, chunk }, afterAll) {
  const afterClose = countdown(files, afterAll);
  for (let file = 0; file < files; file += 1) {
    const stream = opened(open, file, afterClose);
    const to = (file + 1) * writes;
    let i = file * writes;
    const fill = () => {
      while (i < to) {
        if (!stream.write(chunk(i++))) {
          stream.once('drain', fill);
          return;
        }
      }
      stream.end();
    };
    fill();
  }
}

/** As above for one stream, with a callback on each write; all of them must have run. */
function countCallbacks(open, { writes, chunk }, afterAll) {
  let completed = 0;
  const afterWrite = (error) => {
    if (error) throw error;
    completed += 1;
  };
  const stream = opened(open, 0, () => {
    if (completed !== writes) throw new Error(`${completed} of ${writes} write callbacks ran`);
    afterAll();
  });
  let i = 0;
  const fill = () => {
    while (i < writes) {
      if (!stream.write(chunk(i++), afterWrite)) {
        stream.once('drain', fill);
        return;
      }
    }
    stream.end();
  };
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
  // `opened` tells of errors.
  pipeline(fs.createReadStream(source, { end: bytes - 1 }), stream, () => {});
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

/** One line at a time, timed until its callback; the next one follows it at once, or after a pause. */
function awaitEach(pauseMs) {
  return (open, { writes, chunk }, afterAll) => {
    const latencies = new Latencies();
    const stream = opened(open, 0, () => afterAll(latencies.details));
    const next = () => {
      if (latencies.count === writes) {
        stream.end();
        return;
      }
      const line = chunk(latencies.count);
      latencies.begin();
      stream.write(line, afterWrite);
    };
    const afterWrite = (error) => {
      if (error) throw error;
      latencies.end();
      if (pauseMs === 0) next();
      else setTimeout(next, pauseMs);
    };
    stream.once('ready', next);
  };
}

/**
 * Calls `write(i)` for each `i` below `writes`, `atOnce` times in a turn of the event loop, and then `end()`.
 * Between two turns waits for 'drain' of one of `streams` if it needs that.
 */
function inTurns({ writes, atOnce, write, end, streams = [] }) {
  let i = 0;
  const turn = () => {
    const to = Math.min(writes, i + atOnce);
    while (i < to) write(i++);
    const behind = streams.find(({ writableNeedDrain }) => writableNeedDrain);
    if (i === writes) end();
    else if (behind) behind.once('drain', turn);
    else setImmediate(turn);
  };
  turn();
}

/** In each turn a cork, `size` writes, and the uncork. */
function corkGroups(size) {
  return (open, { writes, chunk }, afterAll) => {
    const stream = opened(open, 0, afterAll);
    const write = (group) => {
      const end = Math.min(writes, (group + 1) * size);
      stream.cork();
      for (let i = group * size; i < end; i += 1) stream.write(chunk(i));
      stream.uncork();
    };
    const groups = Math.ceil(writes / size);
    const end = () => stream.end();
    stream.once('connect', () =>
      inTurns({ writes: groups, atOnce: 1, write, end, streams: [stream] }),
    );
  };
}

/** A request, and the next one when as many bytes have come back. */
function requestReply(open, { writes, chunk }, afterAll) {
  const latencies = new Latencies();
  const stream = opened(open, 0, () => afterAll(latencies.details));
  let missingBytes = 0;
  function send() {
    const request = chunk(latencies.count);
    missingBytes = request.length;
    latencies.begin();
    stream.write(request);
  }
  stream.on('data', (reply) => {
    missingBytes -= reply.length;
    if (missingBytes > 0) return;
    latencies.end();
    if (latencies.count < writes) send();
    else stream.end();
  });
  stream.once('connect', send);
}

/** How long each of a number of single writes took. */
class Latencies {
  #us = [];
  #beganMs = 0;

  get count() {
    return this.#us.length;
  }

  begin() {
    this.#beganMs = performance.now();
  }

  end() {
    this.#us.push((performance.now() - this.#beganMs) * 1000);
  }

  details = () => ({ latencyUs: percentiles(this.#us) });
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
    if (left === 0) afterLast();
  };
}

module.exports = {
  ...{ respectDrain, ignoreDrain, countCallbacks, pipeSource, shortFiles },
  ...{ awaitEach, corkGroups, inTurns, requestReply, opened },
};
