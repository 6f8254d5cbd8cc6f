'use strict';

/** The data of `npm run demo`; in no table. */

const { flat, integerBelow, pick, ready, word } = require('./content.js');
const { fileRow } = require('./rows.js');

const LEVELS = ['debug', 'info', 'warn', 'error'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 201, 204, 304, 404, 500];
const START_MS = Date.UTC(2025, 5, 14, 9, 30);

/**
 * NDJSON log records of about 150 bytes. The time and the sequence number are new in each record;
 * the rest comes from a pool, so that generating costs little beside writing.
 */
function logRecords() {
  const body = ready(4096, logBody)();
  const millis = Array.from({ length: 1000 }, (_, ms) =>
    flat(`.${String(ms).padStart(3, '0')}Z","seq":`),
  );
  let second = -1;
  let head = '';
  return (i) => {
    const now = Math.floor(i / 1000);
    if (now !== second) {
      second = now;
      head = `{"time":"${new Date(START_MS + now * 1000).toISOString().slice(0, 19)}`;
    }
    return head + millis[i % 1000] + i + body(i);
  };
}

function logBody(random) {
  const path = `/api/${pick(random, ['orders', 'users', 'carts', 'items'])}/${word(random, 8)}`;
  const level = pick(random, LEVELS);
  const ms = integerBelow(random, 900);
  return `,"level":"${level}","req":"${word(random, 12)}","method":"${pick(random, METHODS)}","path":"${path}","status":${pick(random, STATUSES)},"ms":${ms}}\n`;
}

module.exports = [
  fileRow('log-records', 'NDJSON log records', 1_000_000, logRecords, { kind: 'demo' }),
];
