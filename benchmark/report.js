'use strict';

/** The table on the terminal. */

const Table = require('cli-table3');
const { findPeer } = require('./peers.js');

const MIB = 1024 * 1024;
const HEAD = [
  'workload',
  'stream',
  'MB/s',
  'Mwrites/s',
  'ratio (min–max)',
  'must',
  'aim',
  'CPU s',
  'peak MiB',
  'loop ms p50/p99/max',
];
const COLUMNS_ALIGNED = HEAD.map((_, column) => (column < 2 ? 'left' : 'right'));

/** `rows` are `{ workload, figures, verdict }`. */
function printTable(rows) {
  const table = new Table({ head: HEAD, colAligns: COLUMNS_ALIGNED, style: tableStyle() });
  for (const row of rows) {
    for (const [line, figures] of row.figures.entries()) {
      table.push([line === 0 ? row.workload.title : '', ...cells(row, figures)]);
    }
  }
  console.log(table.toString());
}

/** Plain when the output is a file or a log. */
function tableStyle() {
  const colors = process.stdout.isTTY ? {} : { head: [], border: [] };
  return { compact: true, 'padding-left': 1, 'padding-right': 1, ...colors };
}

function cells({ workload, verdict }, figures) {
  const marks = figures.peer === 'rushwrite' ? verdict : undefined;
  return [
    findPeer(figures.peer).title,
    figures.megabytesPerSecond.median.toFixed(0),
    figures.megawritesPerSecond.median.toPrecision(3),
    ratioCell(figures),
    marks ? barCell(workload.must, marks.must) : '',
    marks ? barCell(workload.aim, marks.aim) : '',
    figures.cpuSeconds.toFixed(2) + mark(marks?.cpu),
    memoryCell(figures) + mark(marks?.memory),
    loopCell(figures) + mark(marks?.loop),
  ];
}

function ratioCell({ peer, ratio }) {
  if (peer === 'fs' || ratio === undefined) {
    return '';
  }
  return `×${ratio.median.toFixed(1)} (${ratio.min.toFixed(1)}–${ratio.max.toFixed(1)})`;
}

function barCell(bar, isReached) {
  if (bar === undefined) {
    return '';
  }
  return (typeof bar === 'number' ? `×${bar}` : bar) + mark(isReached);
}

function memoryCell({ peakRssBytes }) {
  return peakRssBytes === undefined ? '' : (peakRssBytes / MIB).toFixed(0);
}

function loopCell({ loopDelayMs }) {
  if (loopDelayMs === undefined) {
    return '';
  }
  return [loopDelayMs.p50, loopDelayMs.p99, loopDelayMs.max].map((ms) => ms.toFixed(1)).join('/');
}

function mark(isReached) {
  if (isReached === undefined) {
    return '';
  }
  return isReached ? ' ✓' : ' ✗';
}

/** How many rows reach what, and which do not. */
function printVerdicts(rows) {
  const judged = rows.filter((row) => row.verdict !== undefined);
  for (const bar of ['must', 'aim', 'cpu', 'memory', 'loop']) {
    const withBar = judged.filter((row) => row.verdict[bar] !== undefined);
    const missed = withBar.filter((row) => !row.verdict[bar]).map((row) => row.workload.name);
    if (withBar.length > 0) {
      const reached = `${withBar.length - missed.length} of ${withBar.length}`;
      console.log(
        `${bar.padEnd(6)} ${reached}${missed.length > 0 ? `; not: ${missed.join(', ')}` : ''}`,
      );
    }
  }
}

module.exports = { printTable, printVerdicts, tableStyle };
