'use strict';

const path = require('node:path');
const winston = require('winston');

const file = new winston.transports.File({
  filename: path.join(process.argv[2], 'winston.log'),
  maxsize: 20_000,
});
const logger = winston.createLogger({ format: winston.format.json(), transports: [file] });

let i = 0;
(function next() {
  if (i === 1000) return logger.end();
  logger.info(`message ${i++}`, { i });
  if (i % 50 === 0) setTimeout(next, 5);
  else next();
})();
