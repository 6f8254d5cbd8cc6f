'use strict';

/**
 * Rows of text. Each `makeChunk` builds its pool once and returns the function that gives the i-th
 * chunk, so the parent can compute the expected checksum from the code that the child writes with.
 * Pools are powers of two long: the index is then a mask, which costs the loop nothing.
 */

const { flat, seededRandom, integerBelow, pick, word } = require('./random.js');
const { respectDrain, countCallbacks, ignoreDrain, lineByLine } = require('./drives.js');

const KIB = 1024;
const MIB = 1024 * KIB;

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

function pooled(size, make) {
  const random = seededRandom(size);
  const pool = Array.from({ length: size }, () => flat(make(random)));
  const mask = size - 1;
  return (i) => pool[i & mask];
}

function hundredByteLines() {
  return pooled(1024, (random) => `${word(random, 99)}\n`);
}

function threeByteStrings() {
  return pooled(1024, (random) => `${word(random, 2)}\n`);
}

function nonAsciiRows() {
  return pooled(1024, (random) => {
    const row = [word(random, 8), pick(random, PHRASES), pick(random, PHRASES), word(random, 24)];
    return `${row.join(';')}\n`;
  });
}

/** Rows concatenated at the moment of the write, as an export does it. */
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

/**
 * NDJSON log records of about 150 bytes. The time and the sequence number are new in each record;
 * the rest comes from a pool, so that generating costs little beside writing.
 */
function logRecords() {
  const random = seededRandom(4096);
  const bodies = Array.from({ length: 4096 }, () => flat(logBody(random)));
  const millis = Array.from(
    { length: 1000 },
    (_, ms) => `.${String(ms).padStart(3, '0')}Z","seq":`,
  );
  const startMs = Date.UTC(2025, 5, 14, 9, 30);
  let second = -1;
  let head = '';
  return (i) => {
    const now = Math.floor(i / 1000);
    if (now !== second) {
      second = now;
      head = `{"time":"${new Date(startMs + now * 1000).toISOString().slice(0, 19)}`;
    }
    return head + millis[i % 1000] + i + bodies[i & 4095];
  };
}

function logBody(random) {
  const level = pick(random, LEVELS);
  const method = pick(random, ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE']);
  const path = `/api/${pick(random, ['orders', 'users', 'carts', 'items'])}/${word(random, 8)}`;
  const status = pick(random, [200, 200, 200, 201, 204, 304, 404, 500]);
  const ms = integerBelow(random, 900);
  return `,"level":"${level}","req":"${word(random, 12)}","method":"${method}","path":"${path}","status":${status},"ms":${ms}}\n`;
}

module.exports = [
  {
    name: 'lines',
    title: '100-byte lines',
    writes: 5_000_000,
    makeChunk: hundredByteLines,
    must: 12,
    aim: 25,
  },
  {
    name: 'lines-64k',
    title: '100-byte lines, highWaterMark 64 KiB',
    writes: 5_000_000,
    makeChunk: hundredByteLines,
    options: { highWaterMark: 64 * KIB },
    must: 5,
    aim: 10,
  },
  {
    name: 'lines-1m',
    title: '100-byte lines, highWaterMark 1 MiB',
    writes: 5_000_000,
    makeChunk: hundredByteLines,
    options: { highWaterMark: MIB },
    must: 4,
    aim: 8,
  },
  {
    name: 'csv',
    title: 'CSV rows built per write',
    writes: 2_000_000,
    makeChunk: csvRows,
    must: 7,
    aim: 12,
  },
  {
    name: 'tiny',
    title: '3-byte strings',
    writes: 10_000_000,
    makeChunk: threeByteStrings,
    must: 5,
    aim: 10,
  },
  {
    name: 'unicode',
    title: 'non-ASCII rows',
    writes: 3_000_000,
    makeChunk: nonAsciiRows,
    must: 4,
    aim: 8,
  },
  {
    name: 'json',
    title: 'JSON.stringify rows',
    writes: 1_000_000,
    makeChunk: jsonRows,
    must: 3,
    aim: 'source',
  },
  {
    name: 'callbacks',
    title: 'a callback on every write',
    writes: 3_000_000,
    makeChunk: hundredByteLines,
    drive: countCallbacks,
    needs: 'callback',
    must: 3,
    aim: 8,
  },
  {
    name: 'ignored',
    title: 'backpressure ignored, 2 M CSV rows',
    writes: 2_000_000,
    makeChunk: csvRows,
    drive: ignoreDrain,
    must: 6,
    aim: 10,
    memoryMust: 1 / 5,
    memoryAim: 1 / 10,
    loopFigure: 'max',
  },
  {
    name: 'latency',
    title: 'a line into an idle stream, until a reader sees it',
    writes: 5_000,
    makeChunk: hundredByteLines,
    sink: 'watched',
    drive: lineByLine,
    needs: 'callback',
    isLatency: true,
  },
  {
    // The data of `npm run demo`; no row of the tables.
    name: 'log-records',
    title: 'NDJSON log records',
    kind: 'demo',
    writes: 1_000_000,
    makeChunk: logRecords,
  },
].map((workload) => ({ kind: 'file', files: 1, drive: respectDrain, ...workload }));
