'use strict';

/**
 * The registry of workloads. One is:
 *
 * - `name`, `title`, and `kind`: 'file' or 'socket', which is what `npm run bench -- file` selects
 *   by ('demo' is in no table);
 * - `files` and `writes` per file: how much there is to do;
 * - `makeChunk()`: gives the function from chunk number to chunk;
 * - `drive`: how the chunks are written (drives.js);
 * - `options`: what every peer's stream is opened with;
 * - `content`: 'buffer' where chunks are Buffers;
 * - `needs`: 'writable' or 'callback', for peers that are not a true Writable;
 * - `needsSource`: true where the data is read back from a file holding all chunks;
 * - `must`, `aim`: speed relative to Node's own stream; 'source' is the speed of the generator
 *   or the reader alone; `memoryMust`, `memoryAim`: peak memory relative to Node's;
 * - `loopFigure`: 'max' where one turn makes all writes, so that a percentile of turns says nothing.
 */

const workloads = [...require('./lines.js'), ...require('./buffers.js'), ...require('./files.js')];

function findWorkload(name) {
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) {
    throw new Error(`no workload named ${name}`);
  }
  return workload;
}

/** The workloads that the words name, by kind or by name; no words are all tables. */
function selectWorkloads(words) {
  const wanted = words.length === 0 ? ['file', 'socket'] : words;
  return wanted.flatMap((word) => {
    const ofKind = workloads.filter((one) => one.kind === word);
    return ofKind.length > 0 || word === 'socket' ? ofKind : [findWorkload(word)];
  });
}

/** The same workload at a fraction of its size, for warming up and for `--quick`. */
function scaled(workload, factor) {
  const part = (count) => Math.max(1, Math.ceil(count * factor));
  return workload.files > 1
    ? { ...workload, files: part(workload.files) }
    : { ...workload, writes: part(workload.writes) };
}

module.exports = { workloads, findWorkload, selectWorkloads, scaled };
