'use strict';

/** Rows of text into one file. "Built" rows are concatenated for each write, "ready" ones flat. */

const content = require('./content.js');
const { countCallbacks, ignoreDrain, awaitEach } = require('./drives.js');
const { builtLines, pick, ready, readyLines, word } = content;

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

const marked = (text, highWaterMark) => ({
  title: `100-byte lines built, highWaterMark ${text}`,
  writes: 2_000_000,
  makeChunk: builtLines,
  options: { highWaterMark },
});

/** A process that writes a little: what V8 has not compiled yet is most of the time. */
const first = (writes) => ({
  name: `first-${writes / 1000}k`,
  title: `the first ${writes.toLocaleString('en')} lines of a process`,
  phases: ['fresh'],
  writes,
  makeChunk: builtLines,
});

module.exports = [
  { name: 'lines', title: '100-byte lines built', writes: 3_000_000, makeChunk: builtLines },
  {
    name: 'lines-ready',
    title: '100-byte lines ready',
    writes: 5_000_000,
    makeChunk: readyLines(100),
  },
  { name: 'lines-64k', ...marked('64 KiB', 64 * KIB) },
  { name: 'lines-1m', ...marked('1 MiB', KIB * KIB) },
  { name: 'csv', title: 'CSV rows built per write', writes: 2_000_000, makeChunk: csvRows },
  { name: 'json', title: 'JSON.stringify rows', writes: 1_000_000, makeChunk: jsonRows },
  { name: 'unicode', title: 'non-ASCII rows', writes: 3_000_000, makeChunk: nonAsciiRows },
  { name: 'tiny', title: '3-byte strings', writes: 10_000_000, makeChunk: readyLines(3) },
  {
    name: 'callbacks',
    title: 'a callback on every write',
    writes: 3_000_000,
    makeChunk: builtLines,
    drive: countCallbacks,
    needs: 'callback',
  },
  {
    name: 'ignored',
    title: 'backpressure ignored, 2 M CSV rows',
    writes: 2_000_000,
    makeChunk: csvRows,
    drive: ignoreDrain,
  },
  first(1_000),
  first(10_000),
  first(100_000),
  {
    name: 'awaited',
    title: 'a line that is waited for, one after another',
    writes: 20_000,
    makeChunk: builtLines,
    drive: awaitEach(0),
    needs: 'callback',
    cost: 'latency',
  },
  {
    name: 'idle',
    title: 'a line that is waited for, in an idle stream',
    writes: 5_000,
    makeChunk: builtLines,
    drive: awaitEach(IDLE_MS),
    needs: 'callback',
    cost: 'latency',
  },
].map((workload) => ({ kind: 'file', ...workload }));
