'use strict';

/**
 * The registry of workloads. A workload is:
 *
 * - `name`, `title`, and `kind`: 'file' or 'socket', which `npm run bench -- file` selects by;
 *   'growth' and 'custom', measured only when named;
 * - `writes` per file or socket, and `files`, 1 by default: how much there is to do;
 * - `makeChunk()`: gives the function from chunk number to chunk (content.js);
 *
 * and where it differs from the default:
 *
 * - `phases`: ['fresh', 'steady'] by default;
 * - `sink`: where the bytes go (run/sinks.js), regular files by default;
 * - `drive`: how the chunks are written (drives.js), `respectDrain` by default;
 * - `options`: what every peer's stream is opened with;
 * - `content`: 'buffer' where chunks are Buffers;
 * - `needs`: 'writable', 'callback', 'server' or 'accept': what a peer must be able to do;
 * - `minimumNode`: the first major version that it runs on;
 * - `writesToStdout`: true where stdout is the file that is checked;
 * - `needsSource`: true where the data is read back from a file that holds all chunks;
 * - `cost`: what is compared: 'time' by default, 'cpu', 'latency' (medians of single writes) or 'load';
 * - `peers`: who is compared, instead of peers/index.js; `baseline`: the name of the peer that the
 *   others are compared with, Node's own stream by default;
 * - `measure(peer, node)`: gives a sample, instead of run/child.js;
 * - `series`, `x`: for 'growth', what grows, and how far.
 *
 * A new one is one file that exports a list, and one line here.
 */

const { respectDrain } = require('./drives.js');
const targets = require('../targets.json');

const DEFAULTS = {
  phases: ['fresh', 'steady'],
  files: 1,
  sink: 'files',
  drive: respectDrain,
  options: {},
  cost: 'time',
};
/** What no words, or 'all', select. */
const TABLES = ['file', 'socket'];

const workloads = [
  ...require('./lines.js'),
  ...require('./buffers.js'),
  ...require('./files.js'),
  ...require('./durable.js'),
  ...require('./load.js'),
  ...require('./http.js'),
  ...require('./pino.js'),
  ...require('./sonic.js'),
  ...require('./logs.js'),
  ...require('./sockets.js'),
  ...require('./growth.js'),
  ...require('./custom.js'),
].map((workload) => ({
  ...DEFAULTS,
  baseline: workload.kind === 'socket' ? 'net' : 'fs',
  ...workload,
}));

function findWorkload(name) {
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) {
    throw new Error(`no workload named ${name}`);
  }
  return workload;
}

/** The workloads that the words name, by kind, by series, by name or by having a target, each once. */
function selectWorkloads(words) {
  const selected = (words.length === 0 ? ['all'] : words).flatMap(ofWord);
  return [...new Set(selected)];
}

function ofWord(word) {
  if (word === 'all') {
    return workloads.filter(({ kind }) => TABLES.includes(kind));
  }
  if (word === 'targets') {
    const names = new Set(targets.rows.map(({ row }) => row));
    return workloads.filter(({ name }) => names.has(name));
  }
  const several = workloads.filter(({ kind, series }) => kind === word || series === word);
  return several.length > 0 ? several : [findWorkload(word)];
}

/** The same workload at a fraction of its size. */
function scaled(workload, factor) {
  const part = (count) => Math.ceil(count * factor);
  return workload.files > 1
    ? { ...workload, files: part(workload.files) }
    : { ...workload, writes: part(workload.writes) };
}

module.exports = { workloads, findWorkload, selectWorkloads, scaled };
