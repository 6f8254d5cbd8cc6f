'use strict';

/** Buffers of one size each, taken from a small pool of random ones, and a file piped through. */

const { randomBuffers } = require('./content.js');
const { pipeSource } = require('./drives.js');
const { fileRow } = require('./rows.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const content = 'buffer';

module.exports = [
  fileRow('buffers-100', 'Buffers of 100 B', 3_000_000, randomBuffers(100, 1024), { content }),
  fileRow('buffers-4k', 'Buffers of 4 KiB', 100_000, randomBuffers(4 * KIB, 256), { content }),
  fileRow('buffers-64k', 'Buffers of 64 KiB', 8_000, randomBuffers(64 * KIB, 32), { content }),
  fileRow('buffers-1m', 'Buffers of 1 MiB', 600, randomBuffers(MIB, 4), { content }),
  // The reader hands over 64 KiB at a time, its own default, whatever the size of our chunks.
  fileRow(
    'pipeline',
    'pipeline(fs.createReadStream, …), 512 MiB',
    8_192,
    randomBuffers(64 * KIB, 32),
    {
      content,
      drive: pipeSource,
      needs: 'writable',
      needsSource: true,
    },
  ),
];
