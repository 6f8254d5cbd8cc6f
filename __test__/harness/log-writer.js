'use strict';

// Writes numbered records to a log at full speed, and says on stdout how many the system has, until it is
// killed or has written all.
//
//   node log-writer.js <log> <name> <first> <count> <options as JSON>
//
// With SIGUSR2 it reopens the log.

const { createWriteStream } = require('../..');

const [log, name, first, count, options] = process.argv.slice(2);
const stream = createWriteStream(log, { flags: 'a', ...JSON.parse(options) });
const end = Number(first) + Number(count);
let next = Number(first);

process.on('SIGUSR2', () => stream.reopen().catch((error) => stream.destroy(error)));

function recordOf(n) {
  return `${name} ${n} ${'.'.repeat((n * 7919) % 97)}\n`;
}

/** What follows a flush is known to be with the system: it is told in one write of the parent's pipe. */
function run() {
  for (let i = 0; i < 200 && next < end; i++) stream.write(recordOf(next++));
  stream.flushSync();
  process.stdout.write(`${next}\n`);
  if (next < end) setImmediate(run);
  else stream.end(() => process.exit());
}

stream.on('ready', run);
