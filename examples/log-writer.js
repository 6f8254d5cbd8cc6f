'use strict';

// A logger: one JSON line per record, appended to a file. The stream takes each line at once, so
// logging costs the program next to nothing.
//
//   node examples/log-writer.js [file]

const os = require('node:os');
const path = require('node:path');
const { createWriteStream } = require('rushwrite');

class Logger {
  #out;

  constructor(file) {
    this.#out = createWriteStream(file, { flags: 'a' });
    this.#out.on('error', (error) => console.error(`the log is lost: ${error.message}`));
  }

  log(level, message, fields) {
    const time = new Date().toISOString();
    this.#out.write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
  }

  /** Calls back when every line so far has reached the operating system. */
  close(callback) {
    this.#out.end(callback);
  }
}

const file = process.argv[2] ?? path.join(os.tmpdir(), 'app.log');
const logger = new Logger(file);
for (let id = 1; id <= 1000; id += 1) {
  logger.log('info', 'request served', { id, path: `/items/${id}`, status: 200 });
}
logger.close((error) => {
  if (!error) console.log(`1000 lines appended to ${file}`);
});
