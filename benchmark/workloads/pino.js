'use strict';

/** A logger: pino over ours against pino over sonic-boom, as it comes. */

const { destinations, transports } = require('../peers/pino.js');
const { inTurns, opened } = require('./drives.js');
const { fileRow } = require('./rows.js');

/** A server logs a few lines in a turn. */
const LINES_A_TURN = 100;

/** What pino makes of `record(i)`. */
function logLines() {
  return (i) => `${JSON.stringify({ level: 30, ...record(i), msg: 'request completed' })}\n`;
}

function record(i) {
  return { id: i, method: 'GET', path: '/orders/42', status: 200, ms: i % 900 };
}

function log(open, { writes }, afterAll) {
  const stream = opened(open, 0, afterAll);
  const logger = require('pino')({ base: null, timestamp: false }, stream);
  const write = (i) => logger.info(record(i), 'request completed');
  inTurns({ writes, atOnce: LINES_A_TURN, write, end: () => stream.end() });
}

const row = (name, title, peers, more) =>
  fileRow(name, title, 100_000, logLines, { drive: log, peers, baseline: peers[0].name, ...more });

module.exports = [
  row('pino', 'pino, against sonic-boom', destinations),
  row('pino-transport', 'pino in a thread, against pino/file', transports, { phases: ['fresh'] }),
];
