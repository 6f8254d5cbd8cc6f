'use strict';

/** How cost grows: one thing grows along a series, and as much else as possible stays the same. */

const { builtLines, randomBuffers, readyLines } = require('./content.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const WRITES = 500_000;

/** Beside the chunks themselves, no more than this in one run. */
const TEXT_BYTES = 100 * MIB;
const BUFFER_BYTES = 256 * MIB;
/** How much memory a pool of large chunks may take; text is made letter by letter. */
const BUFFER_POOL_BYTES = 32 * MIB;
const TEXT_POOL_BYTES = 4 * MIB;

/** As many chunks as make a run long enough, and not too long. */
function writesOf(bytes, limitBytes) {
  return Math.min(WRITES, Math.floor(limitBytes / bytes));
}

function poolLength(bytes, limitBytes) {
  return Math.min(1024, 2 ** Math.floor(Math.log2(limitBytes / bytes)));
}

/** One workload for each of `points`, which `look(x)` describes. */
function grow(series, points, look) {
  return points.map((x) => ({
    kind: 'growth',
    phases: ['steady'],
    name: `${series}-${x}`,
    series,
    x,
    ...look(x),
  }));
}

/** The slower the reader, the less there is for it to read. */
const WRITES_BY_PAUSE = { 0: 500_000, 1: 500_000, 5: 150_000, 20: 60_000 };

module.exports = [
  ...grow('streams', [1, 10, 100, 500, 1000, 2000], (files) => ({
    title: `${files} files at once, ${WRITES} lines of 100 bytes in all`,
    files,
    writes: WRITES / files,
    makeChunk: builtLines,
  })),
  ...grow('chunk-bytes', [1, 16, 256, 4 * KIB, 64 * KIB, MIB, 16 * MIB], (bytes) => ({
    title: `Buffers of ${bytes} B`,
    writes: writesOf(bytes, BUFFER_BYTES),
    makeChunk: randomBuffers(bytes, poolLength(bytes, BUFFER_POOL_BYTES)),
    content: 'buffer',
  })),
  ...grow('string-length', [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000], (length) => ({
    title: `strings of ${length} characters`,
    writes: writesOf(length, TEXT_BYTES),
    makeChunk: readyLines(length, poolLength(length, TEXT_POOL_BYTES)),
  })),
  ...grow('reader-pause', [0, 1, 5, 20], (pauseMs) => ({
    title: `100-byte lines into a FIFO, ${pauseMs} ms pause after each 64 KiB`,
    writes: WRITES_BY_PAUSE[pauseMs],
    makeChunk: builtLines,
    sink: 'fifo',
    pauseMs,
  })),
];
