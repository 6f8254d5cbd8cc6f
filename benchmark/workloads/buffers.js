'use strict';

/** Buffers of one size each, taken from a small pool of random ones, and a file piped through. */

const { randomBuffers } = require('./content.js');
const { pipeSource } = require('./drives.js');

const KIB = 1024;
const MIB = 1024 * KIB;

module.exports = [
  {
    name: 'buffers-100',
    title: 'Buffers of 100 B',
    writes: 5_000_000,
    makeChunk: randomBuffers(100, 1024),
  },
  {
    name: 'buffers-4k',
    title: 'Buffers of 4 KiB',
    writes: 150_000,
    makeChunk: randomBuffers(4 * KIB, 256),
  },
  {
    name: 'buffers-64k',
    title: 'Buffers of 64 KiB',
    writes: 16_000,
    makeChunk: randomBuffers(64 * KIB, 32),
  },
  {
    name: 'buffers-1m',
    title: 'Buffers of 1 MiB',
    writes: 1_000,
    makeChunk: randomBuffers(MIB, 4),
  },
  {
    // The reader hands over 64 KiB at a time, its own default, whatever the size of our chunks.
    name: 'pipeline',
    title: 'pipeline(fs.createReadStream, …), 512 MiB',
    writes: 8_192,
    makeChunk: randomBuffers(64 * KIB, 32),
    drive: pipeSource,
    needs: 'writable',
    needsSource: true,
  },
].map((workload) => ({ kind: 'file', content: 'buffer', ...workload }));
