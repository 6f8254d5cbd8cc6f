'use strict';

const fs = require('node:fs');
const path = require('node:path');
const winston = require('winston');

const folder = process.argv[2];
const filename = path.join(folder, 'winston.log');
const file = new winston.transports.File({ filename, maxsize: 20_000 });
const logger = winston.createLogger({ format: winston.format.json(), transports: [file] });

let i = 0;
(function next() {
  if (i === 1000) return logger.end();
  logger.info(`message ${i++}`, { i });
  if (i % 50 === 0) setTimeout(next, 5);
  else next();
})();

// In winston the number of files and their boundaries depend on time; their joined content does
// not.
process.on('exit', () => {
  const parts = fs.readdirSync(folder).sort((a, b) => number(a) - number(b));
  const texts = parts.map((name) => fs.readFileSync(path.join(folder, name)));
  for (const name of parts) fs.rmSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'all.log'), Buffer.concat(texts));
});

function number(name) {
  return Number(/\d*(?=\.log)/.exec(name)[0] || 0);
}
