'use strict';

/** The table on the terminal. */

const Table = require('cli-table3');
const { findPeer } = require('../peers/index.js');

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
  'write calls',
  'latency µs p50/p99',
];
const COLUMNS_ALIGNED = HEAD.map((_, column) => (column < 2 ? 'left' : 'right'));

/** `rows` are `{ workload, node, figures, verdict }`. */
function printTable(rows) {
  const isOneNode = rows.every(({ node }) => node === rows[0].node);
  const table = new Table({ head: HEAD, colAligns: COLUMNS_ALIGNED, style: tableStyle() });
  for (const row of rows) {
    const title = row.workload.title + (isOneNode ? '' : `, Node ${row.node}`);
    for (const [line, figures] of row.figures.entries()) {
      table.push([line === 0 ? title : '', ...cells(row, figures)]);
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
    workload.isLatency ? '' : figures.megabytesPerSecond.median.toFixed(0),
    workload.isLatency ? '' : figures.megawritesPerSecond.median.toPrecision(3),
    ratioCell(workload, figures),
    marks ? barCell(workload.must, marks.must) : '',
    marks ? barCell(workload.aim, marks.aim) : '',
    figures.cpuSeconds.toFixed(2) + mark(marks?.cpu),
    memoryCell(figures) + mark(marks?.memory),
    percentilesCell(figures.loopDelayMs, ['p50', 'p99', 'max']) + mark(marks?.loop),
    callsCell(figures),
    percentilesCell(figures.latencyUs, ['p50', 'p99']) + mark(marks?.latency),
  ];
}

function ratioCell({ baseline }, { peer, ratio }) {
  if (peer === baseline || ratio === undefined) {
    return '';
  }
  return `×${short(ratio.median)} (${short(ratio.min)}–${short(ratio.max)})`;
}

/** One decimal says nothing about a ratio near one. */
function short(ratio) {
  return ratio.toFixed(ratio < 2 ? 2 : 1);
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

function percentilesCell(figures, names) {
  return figures === undefined ? '' : names.map((name) => figures[name].toFixed(1)).join('/');
}

/** What the system counted; in parentheses what the driver did. */
function callsCell({ writeCalls, driverWrites }) {
  const parts = [writeCalls ?? '', driverWrites === undefined ? '' : `(${driverWrites})`];
  return parts.join(' ').trim();
}

function mark(isReached) {
  if (isReached === undefined) {
    return '';
  }
  return isReached ? ' ✓' : ' ✗';
}

const BARS = ['must', 'aim', 'cpu', 'memory', 'loop', 'latency'];

/** How many rows reach what, and which do not. */
function printVerdicts(rows) {
  const judged = rows.filter((row) => row.verdict !== undefined);
  for (const bar of BARS) {
    const withBar = judged.filter((row) => row.verdict[bar] !== undefined);
    const missed = withBar.filter((row) => !row.verdict[bar]).map(nameOf);
    if (withBar.length > 0) {
      const reached = `${withBar.length - missed.length} of ${withBar.length}`;
      console.log(
        `${bar.padEnd(8)} ${reached}${missed.length > 0 ? `; not: ${missed.join(', ')}` : ''}`,
      );
    }
  }
}

function nameOf({ workload, node }, _index, rows) {
  return rows.every((row) => row.node === node) ? workload.name : `${workload.name} (${node})`;
}

module.exports = { printTable, printVerdicts, tableStyle };
