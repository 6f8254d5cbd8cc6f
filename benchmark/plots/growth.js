'use strict';

/** One thing grows; what becomes of throughput, memory and loop delay. */

const { pairOf, titleOf, whoColor } = require('./theme.js');

const MIB = 1024 * 1024;

const SERIES = {
  streams: { title: 'Files at once', x: 'files (log)' },
  'chunk-bytes': { title: 'Size of Buffers', x: 'bytes in a Buffer (log)' },
  'string-length': { title: 'Length of strings', x: 'characters in a string (log)' },
  'reader-pause': {
    title: 'A slow reader: 100-byte lines into a FIFO',
    x: 'pause after each 64 KiB, ms',
    isOrdinal: true,
  },
};

const FIGURES = [
  {
    name: 'throughput, MB/s (log)',
    of: (figures) => figures.megabytesPerSecond.median,
    scale: { type: 'log', padding: 8 },
  },
  { name: 'peak memory, MiB', of: (figures) => figures.peakRssBytes / MIB },
  { name: 'loop delay p99, ms', of: (figures) => figures.loopDelayMs.p99 },
];

/** By name, a chart for each series in the record. */
function growthCharts(record) {
  const entries = Object.entries(SERIES).map(([series, look]) => {
    const rows = record.rows.filter((row) => row.series === series);
    return rows.length === 0 ? undefined : [`growth-${series}`, chart(record, rows, look)];
  });
  return Object.fromEntries(entries.filter((entry) => entry !== undefined));
}

function chart(record, rows, look) {
  return {
    title: titleOf(look.title, record, 'Memory and delay start at zero.'),
    hconcat: FIGURES.map((figure) => panel(rows, look, figure)),
    spacing: 28,
    resolve: { scale: { color: 'shared' } },
  };
}

function panel(rows, { x, isOrdinal }, { name, of, scale = { zero: true } }) {
  const values = rows.flatMap((row) =>
    pairOf(row).map(({ who, figures }) => ({ x: row.x, who, value: of(figures) })),
  );
  const across = isOrdinal
    ? { type: 'ordinal', axis: { labelAngle: 0 } }
    : {
        type: 'quantitative',
        scale: { type: 'log', nice: false, padding: 8 },
        axis: { tickCount: 5, format: '~s' },
      };
  return {
    data: { values },
    width: 230,
    height: 200,
    mark: { type: 'line', point: { size: 60, filled: true }, strokeWidth: 2 },
    encoding: {
      x: { field: 'x', title: x, ...across },
      y: {
        field: 'value',
        type: 'quantitative',
        title: name,
        scale,
        axis: { tickCount: 5, format: '~r' },
      },
      color: whoColor,
    },
  };
}

module.exports = { growthCharts };
