'use strict';

/** What has to be on the disk: records that are waited for, and short files that are whole or not there. */

const { journals, wholeFiles } = require('../peers/durable.js');
const { readyLines } = require('./content.js');
const { shortFiles } = require('./drives.js');
const { fileRow } = require('./rows.js');

/** So many writers on one file, each of which waits until its record is on the disk. */
function recordsOf(writers) {
  return (open, { writes, chunk }, afterAll) => {
    const journal = open(0);
    let i = 0;
    const writer = async () => {
      while (i < writes) await journal.record(chunk(i++));
    };
    const all = Array.from({ length: writers }, writer);
    Promise.all(all)
      .then(() => journal.close())
      .then(() => afterAll());
  };
}

/** Records of writers at the same time have no order, so they are all the same one. */
function journalRow(name, title, writers, writes) {
  return fileRow(name, title, writes, readyLines(100, 1), {
    drive: recordsOf(writers),
    peers: journals,
  });
}

function atomicRow(name, title, atOnce, more) {
  return fileRow(name, title, 1, readyLines(1024), {
    files: 300,
    drive: shortFiles(atOnce),
    peers: wholeFiles,
    baseline: 'write-file-atomic',
    ...more,
  });
}

module.exports = [
  journalRow('sync-64', '64 writers, each record of 100 bytes synced', 64, 20_000),
  journalRow('sync-1', 'one writer, each record of 100 bytes synced', 1, 500),
  atomicRow('atomic-files', '300 short atomic files', 1),
  atomicRow('atomic-files-32', '300 short atomic files, 32 at a time', 32, { phases: ['fresh'] }),
];
