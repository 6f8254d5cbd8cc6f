'use strict';

/**
 * `npm run bench:tables [-- --check]`: writes the tables of README.md and docs/numbers.md anew from the
 * newest rows in benchmark/record, or only says whether they are the same. A table stands between
 * `<!-- bench:NAME -->` and `<!-- /bench -->`.
 */

const fs = require('node:fs');
const path = require('node:path');
const { machineLine } = require('../run/machine.js');
const { newestRows } = require('../run/record.js');
const { ratioText } = require('../run/report.js');
const { baselineOf, freshRows, majorOf, newestNode, oursOf, peerOf } = require('./figures.js');

const MIB = 1024 * 1024;
/** Rows with less are given in writes, or files, a second. */
const LEAST_MB = 10;
const ROOT = path.join(__dirname, '..', '..');
const FILES = ['README.md', path.join('docs', 'numbers.md')];
const BLOCK = /(<!-- bench:([\w-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g;

/** The rows of the README's table. */
const SUMMARY = ['pino', 'csv', 'lines-ready', 'buffers-64k', 'pipeline', 'socket-lines'];

const TABLES = { summary, rows: allRows, losses, nodes, machine };

/** Six rows, fresh, on the newest Node. */
function summary(rows) {
  const shown = newestNode(freshRows(rows));
  const lines = SUMMARY.flatMap((name) => shown.filter((row) => row.name === name)).map((row) => {
    const speeds = ['Node', 'sonic-boom', 'rushwrite'].map((who) => speed(row, streamOf(row, who)));
    const delays = loopDelays(row).map((pair) => pair.replace('/', '→'));
    return [row.title, ...speeds, `${row.baseline} ${ratio(oursOf(row))}`, ...delays];
  });
  const head = [
    ...['fs or net', 'sonic-boom', 'rushwrite', 'rushwrite against'],
    ...['loop delay p99, ms', 'longest loop delay, ms'],
  ];
  return table([`fresh process, Node ${shown[0]?.node}`, ...head], lines);
}

function allRows(rows) {
  const newest = newestNode(rows);
  const lines = freshRows(newest).map((row) => {
    const [theirs, ours] = [baselineOf(row), oursOf(row)];
    if (theirs === undefined || ours === undefined) return [row.title, 'failed'];
    const steady = newest.find(({ name, phase }) => name === row.name && phase === 'steady');
    return [
      row.title,
      ...[theirs, ours].map((one) => speed(row, one)),
      row.phase === 'steady' ? '' : ratio(ours, true),
      steady === undefined ? '' : ratio(oursOf(steady)),
      `${theirs.cpuSeconds.toFixed(2)} / ${ours.cpuSeconds.toFixed(2)}`,
      `${(theirs.peakRssBytes / MIB).toFixed(0)} / ${(ours.peakRssBytes / MIB).toFixed(0)}`,
      loopDelays(row)[0],
    ];
  });
  const head = ['workload', 'baseline', 'rushwrite', 'ratio, fresh', 'ratio, steady'];
  return table([...head, 'CPU s', 'peak MiB', 'loop delay p99, ms'], lines);
}

/** Where a reader is better off without. */
function losses(rows) {
  const ofRow = ({ title, phase, ...row }) => ({ title, phase, ratio: oursOf(row)?.ratio?.median });
  const lost = newestNode(rows)
    .map(ofRow)
    .filter((row) => row.ratio < 0.95);
  return lost.map((row) => `- ${row.title}, ${row.phase}: ×${row.ratio.toFixed(2)}\n`).join('');
}

/** The ratios on each Node, fresh. */
function nodes(rows) {
  const fresh = freshRows(rows);
  const majors = [...new Set(fresh.map(majorOf))].sort((a, b) => b - a);
  const titles = new Map(fresh.map(({ name, title }) => [name, title]));
  const lines = [...titles].map(([name, title]) => [
    title,
    ...majors.map((major) =>
      ratio(oursOf(fresh.find((row) => row.name === name && majorOf(row) === major) ?? NONE)),
    ),
  ]);
  return table(['workload', ...majors.map((major) => `Node ${major}`)], lines);
}

const NONE = { figures: [] };

/** What was measured with. */
function machine(rows) {
  const [row] = newestNode(freshRows(rows));
  if (row === undefined) return '';
  return `${machineLine(row.machine)}; medians of ${row.pairs} runs, in turn.\n`;
}

/** 'Node' is what the row is compared with, unless that is somebody else's. */
function streamOf(row, who) {
  if (who !== 'Node') return peerOf(row, who);
  return peerOf(row, row.kind === 'socket' ? 'net' : 'fs');
}

function speed({ cost, figures: all }, figures) {
  if (figures === undefined) return '–';
  if (cost === 'latency') return `${figures.latencyUs.p50.toFixed(1)} µs`;
  if (cost === 'load') return `${(figures.seconds.median * 1000).toFixed(0)} ms`;
  if (cost === 'cpu') return `${figures.cpuUsPerWrite.toFixed(2)} µs CPU`;
  const isFast = all.every(({ megabytesPerSecond }) => megabytesPerSecond.median >= LEAST_MB);
  return isFast
    ? `${figures.megabytesPerSecond.median.toFixed(0)} MB/s`
    : `${(figures.megawritesPerSecond.median * 1000).toPrecision(3)} k/s`;
}

function ratio(figures, isWithRange = false) {
  return figures?.ratio === undefined ? '–' : ratioText(figures, isWithRange);
}

/** p99 and the greatest, as "Node / ours". */
function loopDelays(row) {
  const both = [baselineOf(row), oursOf(row)].map((one) => one?.loopDelayMs);
  return ['p99', 'max'].map((name) =>
    both.map((delays) => delays?.[name].toFixed(1) ?? '–').join(' / '),
  );
}

function table(head, lines) {
  const all = [head, ['---', ...head.slice(1).map(() => '---:')], ...lines];
  return all.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function main() {
  const isCheck = process.argv.includes('--check');
  const rows = newestRows().filter(({ kind, phase }) => kind !== 'growth' && phase !== undefined);
  for (const name of FILES) {
    const file = path.join(ROOT, name);
    const text = fs.readFileSync(file, 'utf8');
    const made = text.replace(BLOCK, (_, begin, block, end) => begin + TABLES[block](rows) + end);
    if (made === text) continue;
    if (isCheck) {
      console.error(`${name} does not show the newest record: npm run bench:tables`);
      process.exitCode = 1;
    } else {
      fs.writeFileSync(file, made);
      console.log(`${name} is written anew`);
    }
  }
}

if (require.main === module) main();
module.exports = { TABLES };
