'use strict';

/** What a row costs beside time: CPU, memory, event-loop delay; and the latency of single writes. */

const { pairOf, rowAxis, titleOf, whoColor } = require('./theme.js');

const MIB = 1024 * 1024;
const ROW_PX = 20;
/** A logarithm has no zero. */
const LEAST_MS = 0.1;

const CPU = { name: 'CPU seconds (log)', of: (figures) => figures.cpuSeconds };
const MEMORY = { name: 'peak memory, MiB (log)', of: (figures) => figures.peakRssBytes / MIB };
const LOOP = {
  name: 'loop delay p99, ms (log, 0.1 at least)',
  of: (figures) => Math.max(LEAST_MS, figures.loopDelayMs.p99),
};
const P50 = { name: 'median, µs (log)', of: (figures) => figures.latencyUs.p50 };
const P99 = { name: '99th percentile, µs (log)', of: (figures) => figures.latencyUs.p99 };

function costChart(record) {
  return {
    title: titleOf('What it costs: CPU, memory, event-loop delay', record, 'Less is better.'),
    ...panels(record.rows, [CPU, MEMORY, LOOP]),
  };
}

/** Only rows that time single writes; undefined if there are none. */
function latencyChart(record) {
  const rows = record.rows.filter(({ figures }) => figures.some((one) => one.latencyUs));
  if (rows.length === 0) {
    return undefined;
  }
  const title = titleOf('How long one write takes', record, 'Less is better.');
  return { title, ...panels(rows, [P50, P99]) };
}

function panels(rows, figures) {
  return {
    hconcat: figures.map((figure, i) => panel(rows, figure, i === 0)),
    spacing: 24,
    resolve: { scale: { color: 'shared' } },
  };
}

/** Node's dot and ours on one line, the distance between them drawn. */
function panel(rows, { name, of }, hasTitles) {
  const values = rows.flatMap((row) =>
    pairOf(row).map(({ who, figures }) => ({ title: row.title, who, value: of(figures) })),
  );
  const x = {
    field: 'value',
    type: 'quantitative',
    title: name,
    scale: { type: 'log', nice: false, padding: 10 },
    axis: { tickCount: 5, format: '~g' },
  };
  const axis = { labels: hasTitles, ticks: hasTitles };
  return {
    data: { values },
    width: 230,
    height: { step: ROW_PX },
    encoding: { y: rowAxis(rows, axis) },
    layer: [
      {
        mark: { type: 'rule', color: '#d1d5db', strokeWidth: 2 },
        encoding: { x: { ...x, aggregate: 'min' }, x2: { field: 'value', aggregate: 'max' } },
      },
      { mark: { type: 'circle', size: 80, opacity: 1 }, encoding: { x, color: whoColor } },
    ],
  };
}

module.exports = { costChart, latencyChart };
