'use strict';

/**
 * The registry of workloads. One is:
 *
 * - `name`, `title`, and `kind`: 'file' or 'socket', which is what `npm run bench -- file` selects
 *   by; 'growth', which is measured only when named; 'demo', which is in no table;
 * - `files` and `writes` per file, or per socket: how much there is to do;
 * - `makeChunk()`: gives the function from chunk number to chunk;
 * - `sink`: where the bytes go (sinks.js), regular files unless said otherwise;
 * - `drive`: how the chunks are written (drives.js);
 * - `options`: what every peer's stream is opened with;
 * - `content`: 'buffer' where chunks are Buffers;
 * - `baseline`: the peer that the others are compared with, Node's own unless said otherwise;
 * - `needs`: 'writable' or 'callback', for peers that are not a true Writable;
 * - `needsSource`: true where the data is read back from a file holding all chunks;
 * - `must`, `aim`: speed relative to the baseline; 'source' is the speed of the generator or the
 *   reader alone; `memoryMust`, `memoryAim`: peak memory relative to the baseline's;
 * - `isLatency`: true where the time of each write is the result, and neither its median nor its
 *   99th percentile must be greater than the baseline's;
 * - `loopFigure`: 'max' where one turn makes all writes, so that a percentile of turns says nothing;
 * - `series`, `x`: for 'growth', what grows, and how far.
 */

const DEFAULTS = { sink: 'files', options: {} };
const BASELINES = { file: 'fs', socket: 'net', growth: 'fs', demo: 'fs' };
/** What no words, or 'all', select. */
const TABLES = ['file', 'socket'];

const workloads = [
  ...require('./lines.js'),
  ...require('./buffers.js'),
  ...require('./files.js'),
  ...require('./sockets.js'),
  ...require('./growth.js'),
].map((workload) => ({ ...DEFAULTS, baseline: BASELINES[workload.kind], ...workload }));

function findWorkload(name) {
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) {
    throw new Error(`no workload named ${name}`);
  }
  return workload;
}

/** The workloads that the words name, by kind, by series or by name, each once. */
function selectWorkloads(words) {
  const selected = words.length === 0 ? selectWorkloads(['all']) : words.flatMap(ofWord);
  return [...new Set(selected)];
}

function ofWord(word) {
  if (word === 'all') {
    return workloads.filter(({ kind }) => TABLES.includes(kind));
  }
  const several = workloads.filter(({ kind, series }) => kind === word || series === word);
  return several.length > 0 ? several : [findWorkload(word)];
}

/** The same workload at a fraction of its size, for warming up and for `--quick`. */
function scaled(workload, factor) {
  const part = (count) => Math.max(1, Math.ceil(count * factor));
  return workload.files > 1
    ? { ...workload, files: part(workload.files) }
    : { ...workload, writes: part(workload.writes) };
}

module.exports = { workloads, findWorkload, selectWorkloads, scaled };
