'use strict';

/** Many files: all open at once, or short ones in turn. Chunk numbers run on from file to file. */

const { builtLines, readyLines } = require('./content.js');
const { shortFiles } = require('./drives.js');
const { fileRow } = require('./rows.js');

const kibibytes = readyLines(1024);
const short = (drive) => ({ files: 3_000, drive });

module.exports = [
  fileRow('many-files', '500 files at once, 2000 lines each', 2_000, builtLines, { files: 500 }),
  fileRow('short-files', '3000 short files of 1 KiB', 1, kibibytes, short(shortFiles(1))),
  fileRow('short-files-32', '3000 short files, 32 at a time', 1, kibibytes, short(shortFiles(32))),
];
