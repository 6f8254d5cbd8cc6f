'use strict';

// winston over a stream that is rotated at 64 KiB, of which the last three files are kept.
//
//   node examples/winston-log.js [file]

const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const winston = require('winston');
const { createWriteStream } = require('rushwrite');

async function main(file) {
  const stream = createWriteStream(file, { rotate: { size: 64 * 1024, keep: 3 } });
  const logger = winston.createLogger({
    format: winston.format.json(),
    transports: [new winston.transports.Stream({ stream })],
  });
  for (let id = 1; id <= 5000; id++) logger.info('something happened', { id });
  logger.end();
  await once(logger, 'finish');
  stream.end();
  await once(stream, 'close');
  console.log('5000 records, the last of them in', path.basename(file));
}

main(process.argv[2] ?? path.join(os.tmpdir(), `winston-${process.pid}.log`));
