'use strict';

/** Many files: all open at once, or short ones in turn. Chunk numbers run on from file to file. */

const { builtLines, readyLines } = require('./content.js');
const { shortFiles } = require('./drives.js');

module.exports = [
  {
    name: 'many-files',
    title: '500 files at once, 2000 lines each',
    files: 500,
    writes: 2_000,
    makeChunk: builtLines,
  },
  {
    name: 'short-files',
    title: '3000 short files of 1 KiB, one after another',
    files: 3_000,
    writes: 1,
    makeChunk: readyLines(1024),
    drive: shortFiles(1),
  },
  {
    name: 'short-files-32',
    title: '3000 short files of 1 KiB, 32 at a time',
    files: 3_000,
    writes: 1,
    makeChunk: readyLines(1024),
    drive: shortFiles(32),
  },
].map((workload) => ({ kind: 'file', ...workload }));
