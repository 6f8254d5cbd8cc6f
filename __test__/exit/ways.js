'use strict';

// The ways in which a process or a worker ends after it has written `line 0` to `line 2999` to a
// file: what flush-on-exit.test.js runs in children. `code` is the exit code of the process.

const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { createWriteStream } = require('../..');

const LINES = 3000;

function writeLines(stream, from = 0, to = LINES) {
  for (let i = from; i < to; i++) stream.write(`line ${i}\n`);
}

function textOfLines() {
  return Array.from({ length: LINES }, (_unused, i) => `line ${i}\n`).join('');
}

/** Calls `leave` when the stream is open and has nothing to do, so that no flush is due. */
function whenIdle(stream, leave) {
  stream.on('ready', () => setImmediate(leave));
}

/** Runs this file in a worker, which ends in the given way. */
function inWorker(way, file) {
  return new Worker(__filename, { workerData: { way, file } });
}

const ways = {
  'process.exit()': {
    code: 7,
    run(file) {
      writeLines(createWriteStream(file));
      process.exit(7);
    },
  },
  'process.exit() after the open': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file, { bufferSize: 1000 });
      stream.on('ready', () => {
        writeLines(stream);
        process.exit();
      });
    },
  },
  'process.exit() with a corked stream': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      stream.cork();
      writeLines(stream);
      process.exit();
    },
  },
  'process.exit() after end() of text in another encoding': {
    code: 0,
    run(file) {
      createWriteStream(file).end(textOfLines(), 'latin1');
      process.exit();
    },
  },
  'an uncaught exception': {
    code: 1,
    run(file) {
      writeLines(createWriteStream(file));
      throw new Error('uncaught');
    },
  },
  'an unhandled rejection': {
    code: 1,
    run(file) {
      writeLines(createWriteStream(file));
      Promise.reject(new Error('unhandled'));
    },
  },
  'the natural end with a corked stream': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      stream.on('ready', () => {
        stream.cork();
        writeLines(stream);
      });
    },
  },
  'SIGTERM with the documented recipe': {
    code: 143,
    run(file) {
      const stream = createWriteStream(file);
      process.once('SIGTERM', () => process.exit(128 + 15));
      writeLines(stream);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    },
  },
  'an exit listener that writes': {
    code: 0,
    run(file) {
      let stream;
      process.on('exit', () => writeLines(stream, 1, 2));
      stream = createWriteStream(file, { bufferSize: 10 });
      writeLines(stream, 0, 1);
      process.on('exit', () => {
        writeLines(stream, 2, 2000);
        stream.cork();
        for (let i = 2000; i < 2500; i++) stream.write(Buffer.from(`line ${i}\n`));
        stream.uncork();
        for (let i = 2500; i < LINES; i++) stream.write(`line ${i}\n`, 'latin1');
      });
      process.exit();
    },
  },
  'an exit listener that uncorks': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => stream.uncork());
      whenIdle(stream, () => {
        stream.cork();
        writeLines(stream);
        process.exit();
      });
    },
  },
  'an exit listener that corks and uncorks': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => {
        for (let i = 0; i < LINES; i += 100) {
          stream.cork();
          writeLines(stream, i, i + 100);
          stream.uncork();
        }
      });
      whenIdle(stream, () => process.exit());
    },
  },
  'an exit listener that ends a corked stream': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => stream.end('line 2999\n'));
      whenIdle(stream, () => {
        stream.cork();
        writeLines(stream, 0, LINES - 1);
        process.exit();
      });
    },
  },
  'an exit listener that calls end() on a stream corked with one chunk': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => stream.end());
      whenIdle(stream, () => {
        stream.cork();
        stream.write(textOfLines());
        process.exit();
      });
    },
  },
  'an exit listener that writes with a callback to a corked stream, and ends it': {
    code: 0,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => {
        stream.write('line 2998\n', () => {});
        stream.end('line 2999\n', 'latin1');
      });
      whenIdle(stream, () => {
        stream.cork();
        for (let i = 0; i < 2998; i++) stream.write(Buffer.from(`line ${i}\n`));
        process.exit();
      });
    },
  },
  'an exit listener that writes after flushSync() in the tick of a write': {
    code: 1,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => stream.write('line 2999\n'));
      stream.on('ready', () => {
        writeLines(stream, 0, LINES - 1);
        stream.flushSync();
        process.exit(1);
      });
    },
  },
  'an exit listener that writes before the open': {
    code: 1,
    run(file) {
      const stream = createWriteStream(file);
      process.on('exit', () => stream.write('line 2999\n'));
      writeLines(stream, 0, LINES - 1);
      process.exit(1);
    },
  },
  'an exit listener that makes the stream': {
    code: 0,
    run(file) {
      process.on('exit', () => {
        const stream = createWriteStream(file, { highWaterMark: 10 });
        writeLines(stream, 0, LINES - 1);
        stream.end('line 2999\n');
      });
      createWriteStream(`${file}.other`).write('x');
    },
  },
  'process.exit() in a worker': {
    code: 7,
    run(file) {
      inWorker('process.exit()', file).on('exit', (code) => process.exit(code));
    },
  },
  'an uncaught exception in a worker': {
    code: 0,
    run(file) {
      inWorker('an uncaught exception', file).on('error', ({ message }) => {
        if (message !== 'uncaught') process.exit(1);
      });
    },
  },
};

if (!isMainThread && workerData?.way) ways[workerData.way].run(workerData.file);

module.exports = { textOfLines, ways };
