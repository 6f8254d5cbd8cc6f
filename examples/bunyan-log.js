'use strict';

// bunyan over a stream that is rotated at 64 KiB, of which the last three files are kept. It stands in the place of
// bunyan's own `type: 'rotating-file'`.
//
//   node examples/bunyan-log.js [file]

const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const bunyan = require('bunyan');
const { createWriteStream } = require('rushwrite');

async function main(file) {
  const stream = createWriteStream(file, { rotate: { size: 64 * 1024, keep: 3 } });
  const logger = bunyan.createLogger({ name: 'example', streams: [{ stream }] });
  for (let id = 1; id <= 5000; id++) logger.info({ id }, 'something happened');
  // The logger does not end a stream that it was given.
  stream.end();
  await once(stream, 'close');
  console.log('5000 records, the last of them in', path.basename(file));
}

main(process.argv[2] ?? path.join(os.tmpdir(), `bunyan-${process.pid}.log`));
