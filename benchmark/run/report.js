'use strict';

/** The table on the terminal. */

const Table = require('cli-table3');
const { findPeer } = require('../peers/index.js');
const { findWorkload } = require('../workloads/index.js');

const MIB = 1024 * 1024;
const COLUMNS = {
  'MB/s': (row, { megabytesPerSecond }) => speed(row, megabytesPerSecond, 0),
  'Mwrites/s': (row, { megawritesPerSecond }) => speed(row, megawritesPerSecond, 3),
  'ratio (min–max)': ratioCell,
  'CPU s': (_row, { cpuSeconds }) => cpuSeconds.toFixed(3),
  'µs a write': (_row, { cpuUsPerWrite }) => fixed(cpuUsPerWrite, 2),
  'peak MiB': (_row, { peakRssBytes }) => fixed(peakRssBytes / MIB, 0),
  'loop ms p50/p99/max': (_row, { loopDelayMs }) => joined(loopDelayMs, ['p50', 'p99', 'max']),
  'write calls': (_row, { writeCalls }) => String(writeCalls ?? ''),
  'latency µs p50/p99': (_row, { latencyUs }) => joined(latencyUs, ['p50', 'p99']),
};

/** `rows` as in a record. */
function printTable(rows) {
  const isOneNode = rows.every(({ node }) => node === rows[0].node);
  const table = makeTable(['workload', 'phase', 'stream', ...Object.keys(COLUMNS)], 3);
  for (const row of rows) {
    const title = row.title + (isOneNode ? '' : `, Node ${row.node}`);
    for (const [line, figures] of row.figures.entries()) {
      const head = line === 0 ? [title, row.phase] : ['', ''];
      const peer = findPeer(figures.peer, findWorkload(row.name)).title;
      table.push([...head, peer, ...Object.values(COLUMNS).map((cell) => cell(row, figures))]);
    }
  }
  console.log(table.toString());
}

/** All but the first `leftCount` columns are aligned right. Plain if the output is a file or a log. */
function makeTable(head, leftCount) {
  const colors = process.stdout.isTTY ? {} : { head: [], border: [] };
  return new Table({
    head,
    colAligns: head.map((_, column) => (column < leftCount ? 'left' : 'right')),
    style: { compact: true, 'padding-left': 1, 'padding-right': 1, ...colors },
  });
}

function speed({ cost }, { median }, digits) {
  if (cost === 'latency' || cost === 'load') {
    return '';
  }
  return digits === 0 ? median.toFixed(0) : median.toPrecision(digits);
}

function ratioCell({ baseline }, figures) {
  return figures.peer === baseline || figures.ratio === undefined ? '' : ratioText(figures, true);
}

function ratioText({ ratio, extraMs }, isWithRange) {
  const [before, { median, min, max }, after] =
    extraMs === undefined ? ['×', ratio, ''] : ['+', extraMs, ' ms'];
  const range = isWithRange ? ` (${short(min)}–${short(max)})` : '';
  return before + short(median) + after + range;
}

/** One decimal says nothing about a ratio near one. */
function short(value) {
  return value.toFixed(value < 2 ? 2 : 1);
}

/** Empty where the peer does not report the figure. */
function fixed(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '';
}

function joined(figures, names) {
  return figures === undefined ? '' : names.map((name) => figures[name].toFixed(1)).join('/');
}

module.exports = { printTable, makeTable, ratioText };
