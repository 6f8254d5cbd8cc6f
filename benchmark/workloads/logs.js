'use strict';

/** Logs in parts, and `console.log` where RUSHWRITE_STDIO makes stdout ours. */

const ours = require('../peers/rushwrite.js');
const { builtLines } = require('./content.js');
const { inTurns } = require('./drives.js');
const { fileRow } = require('./rows.js');

const PART_BYTES = 10_000_000;
const LINES_A_TURN = 100;
const REGISTER = require.resolve('../../register.js');

const rotated = [
  { ...ours, name: 'plain', title: 'rushwrite, one file' },
  {
    ...ours,
    name: 'rushwrite',
    title: 'rushwrite, a file for each 10 MB',
    sink: 'rotated',
    createWriteStream: (file) => ours.createWriteStream(file, { rotate: { size: PART_BYTES } }),
  },
];

const consoles = [
  { name: 'node', title: 'Node' },
  {
    name: 'rushwrite',
    title: 'rushwrite/register, RUSHWRITE_STDIO=1',
    command: (node, script) => [
      ...['env', 'RUSHWRITE_STDIO=1'],
      ...[node, '--expose-gc', '-r', REGISTER, script],
    ],
  },
];

function logToConsole(_open, { writes, chunk }, afterAll) {
  const write = (i) => console.log(chunk(i).slice(0, -1));
  const end = () => process.stdout.write('', () => afterAll());
  inTurns({ writes, atOnce: LINES_A_TURN, write, end });
}

const consoleRow = (name, title, sink) =>
  fileRow(name, title, 200_000, builtLines, {
    ...{ sink, drive: logToConsole, writesToStdout: true, phases: ['fresh'] },
    ...{ peers: consoles, baseline: 'node' },
  });

module.exports = [
  fileRow('rotate', '100-byte lines built, rotated every 10 MB', 3_000_000, builtLines, {
    peers: rotated,
    partBytes: PART_BYTES,
    baseline: 'plain',
  }),
  consoleRow('console-file', 'console.log to a file', 'files'),
  consoleRow('console-pipe', 'console.log to a pipe', 'fifo'),
];
