'use strict';

/** Rows of text into one file. "Built" rows are concatenated for each write, "ready" ones flat. */

const { builtLines, pick, ready, readyLines, word } = require('./content.js');
const { countCallbacks, ignoreDrain, awaitEach } = require('./drives.js');
const { fileRow } = require('./rows.js');

const KIB = 1024;
/** Long enough for a thread that looks for more work to have gone to sleep. */
const IDLE_MS = 1;

const LEVELS = ['debug', 'info', 'warn', 'error'];
const CITIES = ['Lisbon', 'Oslo', 'Nairobi', 'Lima', 'Hanoi', 'Quito', 'Perth', 'Turin'];
const STATES = ['open', 'paid', 'shipped', 'returned'];
const PHRASES = [
  'Grüße aus Köln',
  '東京の天気は晴れ',
  'Привет, мир',
  'καλημέρα κόσμε',
  '🚀 gestartet 🎉',
];

const nonAsciiRows = ready(1024, (random) => {
  const row = [word(random, 8), pick(random, PHRASES), pick(random, PHRASES), word(random, 24)];
  return `${row.join(';')}\n`;
});

/** As an export makes them. */
function csvRows() {
  return (i) =>
    `${i},${CITIES[i & 7]},${(i * 7919) % 100003},${STATES[i & 3]},2025-06-14T09:30:00Z,EUR,standard\n`;
}

function jsonRows() {
  return (i) =>
    `${JSON.stringify({
      id: i,
      level: LEVELS[i & 3],
      city: CITIES[i & 7],
      amount: (i * 7919) % 100003,
      isPaid: (i & 1) === 0,
      tags: ['export', 'daily'],
    })}\n`;
}

const marked = (name, text, highWaterMark) =>
  fileRow(name, `100-byte lines built, highWaterMark ${text}`, 3_000_000, builtLines, {
    options: { highWaterMark },
  });

/** A process that writes a little: most of the time goes to what V8 has not compiled yet. */
const first = (writes) => {
  const title = `the first ${writes.toLocaleString('en')} lines of a process`;
  return fileRow(`first-${writes / 1000}k`, title, writes, builtLines, { phases: ['fresh'] });
};

const latency = (drive) => ({ drive, needs: 'callback', cost: 'latency' });

module.exports = [
  fileRow('lines', '100-byte lines built', 3_000_000, builtLines),
  fileRow('lines-ready', '100-byte lines ready', 3_000_000, readyLines(100)),
  marked('lines-64k', '64 KiB', 64 * KIB),
  marked('lines-1m', '1 MiB', KIB * KIB),
  fileRow('csv', 'CSV rows built per write', 2_000_000, csvRows),
  fileRow('json', 'JSON.stringify rows', 1_000_000, jsonRows),
  fileRow('unicode', 'non-ASCII rows', 2_000_000, nonAsciiRows),
  fileRow('tiny', '3-byte strings', 7_000_000, readyLines(3)),
  fileRow('callbacks', 'a callback on every write', 3_000_000, builtLines, {
    drive: countCallbacks,
    needs: 'callback',
  }),
  fileRow('ignored', 'backpressure ignored, 2 M CSV rows', 2_000_000, csvRows, {
    drive: ignoreDrain,
  }),
  first(1_000),
  first(10_000),
  first(100_000),
  fileRow('awaited', 'a line that is waited for', 20_000, builtLines, latency(awaitEach(0))),
  fileRow('idle', 'a line into an idle stream', 1_000, builtLines, latency(awaitEach(IDLE_MS))),
];
