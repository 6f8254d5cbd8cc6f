'use strict';

/** Which charts there are, and how each is drawn. */

const { machineLine } = require('../run/machine.js');
const { OURS, baselineOf, freshRows, newestNode, oursOf } = require('./figures.js');

const MIB = 1024 * 1024;
/** What the clocks of the measurement resolve; less is no difference. */
const LEAST_LOOP_MS = 0.5;

const FASTER = '#d9480f';
const SLOWER = '#6b7280';
const WHO = {
  domain: ['Node', 'sonic-boom', 'Bun', OURS],
  range: [SLOWER, '#2563eb', '#7c3aed', FASTER],
};
const NAMES = { fs: 'Node', bun: 'Bun', 'sonic-boom': 'sonic-boom', [OURS]: OURS };

/** Ten rows that say what a reader may expect, and where it loses. */
const RATIO_ROWS = [
  ...['lines', 'lines-ready', 'csv', 'callbacks', 'pino'],
  ...['buffers-64k', 'buffers-1m', 'pipeline', 'short-files-32', 'socket-lines'],
];
const PEER_ROWS = ['lines-ready', 'lines', 'csv', 'buffers-100', 'buffers-64k'];

const SHARES = {
  'CPU time': ({ cpuSeconds }) => cpuSeconds,
  'peak memory': ({ peakRssBytes }) => peakRssBytes,
  'loop delay p99': ({ loopDelayMs }) => loopDelayMs && Math.max(LEAST_LOOP_MS, loopDelayMs.p99),
};
const LATENCY_SHARES = {
  'median time of one write': ({ latencyUs }) => latencyUs?.p50,
  '99th percentile': ({ latencyUs }) => latencyUs?.p99,
};
/** One axis for all shares, in whichever chart. */
const SHARE_VALUES = [0.1, 0.25, 0.5, 1, 2, 4];

const GROWTH = {
  streams: { title: 'Files at once', name: 'files (log)' },
  'chunk-bytes': { title: 'Size of Buffers', name: 'bytes in a Buffer (log)' },
  'string-length': { title: 'Length of strings', name: 'characters in a string (log)' },
  'reader-pause': {
    title: 'A slow reader: 100-byte lines into a FIFO',
    name: 'pause after each 64 KiB, ms',
    note: 'Pause 0: the reader never waits.',
    isOrdinal: true,
  },
};
const GROWTH_PANELS = {
  'MB/s (log)': ({ megabytesPerSecond }) => megabytesPerSecond.median,
  'peak memory, MiB': ({ peakRssBytes }) => peakRssBytes / MIB,
  'loop delay p99, ms': ({ loopDelayMs }) => loopDelayMs?.p99,
};

/** `[name, specification]` of each chart for which there are rows. */
function chartsOf(rows) {
  const shown = newestNode(freshRows(rows.filter(({ kind }) => kind !== 'growth')));
  const growing = newestNode(rows.filter(({ kind }) => kind === 'growth'));
  const timed = shown.filter(({ figures }) => figures.some(({ latencyUs }) => latencyUs));
  const list = (names) => shown.filter(({ name }) => names.includes(name));
  return [
    ['ratio', ratio(list(RATIO_ROWS))],
    ['peers', peers(list(PEER_ROWS))],
    ['cost', shares('The cost of rushwrite divided by that of Node', list(RATIO_ROWS), SHARES)],
    [
      'latency',
      shares(
        'The time of one write with rushwrite divided by that with Node',
        timed,
        LATENCY_SHARES,
      ),
    ],
    ...Object.keys(GROWTH).map((series) => [
      `growth-${series}`,
      growth(
        series,
        growing.filter((row) => row.series === series),
      ),
    ]),
  ].filter(([, chart]) => chart !== undefined);
}

/** Undefined without rows. */
function titled(rows, title, notes, spec) {
  if (rows.length === 0) return undefined;
  const [{ machine, pairs, isQuick, node }] = rows;
  const source = [
    machineLine({ ...machine, versions: { ...machine.versions, node } }),
    pairs === 1 ? 'one run each' : `medians of ${pairs} runs in turn`,
    ...(isQuick ? ['made with --quick: no result'] : []),
  ];
  return { title: { text: title, subtitle: [notes, source.join(' · ')] }, ...spec };
}

/** Bars from 1, the fastest row on top. Those that win have one color, those that lose the other. */
function ratio(rows) {
  const values = rows
    .map((row) => ({ at: row.title, value: oursOf(row)?.ratio?.median }))
    .filter(({ value }) => value !== undefined)
    .map((point) => ({ ...point, label: `×${point.value.toPrecision(2)}` }));
  const y = { field: 'at', type: 'nominal', sort: '-x', title: null };
  const x = {
    field: 'value',
    type: 'quantitative',
    title: 'times as fast (log)',
    scale: { type: 'log', domain: [0.4, 25], nice: false },
    axis: { values: [0.5, 1, 2, 5, 10, 20], format: '~r' },
  };
  const color = {
    condition: { test: 'datum.value >= 1', value: FASTER },
    value: SLOWER,
  };
  const label = { align: { expr: "datum.value >= 1 ? 'left' : 'right'" }, dx: 4 };
  return titled(
    rows,
    'Throughput of rushwrite divided by that of Node',
    'A new process. Orange: rushwrite is faster. Grey: slower.',
    {
      data: { values },
      width: 480,
      height: { step: 26 },
      layer: [
        { mark: { type: 'bar', height: 14 }, encoding: { y, x, x2: { datum: 1 }, color } },
        {
          mark: { type: 'text', ...label, dx: { expr: 'datum.value >= 1 ? 5 : -5' } },
          encoding: { y, x, text: { field: 'label' } },
        },
      ],
    },
  );
}

/** A bar for each stream in each row. */
function peers(rows) {
  const values = rows.flatMap(({ title, figures }) =>
    figures
      .filter(({ peer }) => NAMES[peer] !== undefined)
      .map(({ peer, megabytesPerSecond }) => ({
        at: title,
        who: NAMES[peer],
        value: megabytesPerSecond.median,
      })),
  );
  return titled(rows, 'Throughput in megabytes per second', 'A new process. Longer is better.', {
    data: { values },
    width: 480,
    height: { step: 14 },
    mark: 'bar',
    encoding: {
      y: { field: 'at', type: 'nominal', title: null, sort: null, scale: { paddingInner: 0.3 } },
      yOffset: { field: 'who', sort: WHO.domain },
      x: { field: 'value', type: 'quantitative', title: 'MB/s' },
      color: { field: 'who', type: 'nominal', scale: WHO, legend: { orient: 'top' } },
    },
  });
}

/** A dot for each row and figure, linked with the line on which Node is. The axes are the same everywhere. */
function shares(title, rows, panels) {
  const [least, most] = [SHARE_VALUES[0], SHARE_VALUES.at(-1)];
  const draw = ([name, of], i) => {
    const values = rows.flatMap((row) => {
      const [theirs, ours] = [baselineOf(row), oursOf(row)].map((one) => one && of(one));
      const value = Math.min(most, Math.max(least, ours / theirs));
      return Number.isNaN(value) ? [] : [{ at: row.title, value }];
    });
    const y = {
      field: 'at',
      type: 'nominal',
      sort: null,
      title: null,
      axis: { labels: i === 0, ticks: i === 0, grid: true },
    };
    const x = {
      field: 'value',
      type: 'quantitative',
      title: `${name} (log)`,
      scale: { type: 'log', domain: [least, most], nice: false },
      axis: { values: SHARE_VALUES, format: '~r' },
    };
    const color = { condition: { test: 'datum.value <= 1', value: FASTER }, value: SLOWER };
    return {
      data: { values },
      width: 220,
      height: { step: 22 },
      layer: [
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { datum: 1 } } },
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { y, x, x2: { datum: 1 }, color } },
        { mark: { type: 'circle', size: 80, opacity: 1 }, encoding: { y, x, color } },
      ],
    };
  };
  const notes = 'The line at 1 is Node. Left of it, rushwrite takes less; grey: it takes more.';
  return titled(rows, title, notes, { hconcat: Object.entries(panels).map(draw), spacing: 24 });
}

/** What grows goes across. */
function growth(series, rows) {
  const { title, name, note = '', isOrdinal } = GROWTH[series];
  const across = isOrdinal
    ? { type: 'ordinal', axis: { labelAngle: 0 } }
    : {
        type: 'quantitative',
        scale: { type: 'log', nice: false, padding: 8 },
        axis: { tickCount: 5, format: '~s' },
      };
  const draw = ([figure, of]) => ({
    data: {
      values: rows.flatMap((row) => [
        { at: row.x, who: 'Node', value: of(baselineOf(row)) },
        { at: row.x, who: OURS, value: of(oursOf(row)) },
      ]),
    },
    width: 240,
    height: 200,
    mark: { type: 'line', point: { size: 60, filled: true }, strokeWidth: 2 },
    encoding: {
      x: { field: 'at', title: name, ...across },
      y: {
        field: 'value',
        type: 'quantitative',
        title: figure,
        scale: figure.endsWith('(log)') ? { type: 'log' } : { zero: true },
        axis: { tickCount: 5, format: '~r' },
      },
      color: {
        field: 'who',
        type: 'nominal',
        scale: { domain: ['Node', OURS], range: [SLOWER, FASTER] },
        legend: { orient: 'top' },
      },
    },
  });
  const notes = `Steady. Loop delay 0: no timer was late by more than the clock resolves. ${note}`;
  return titled(rows, title, notes, {
    hconcat: Object.entries(GROWTH_PANELS).map(draw),
    spacing: 24,
  });
}

module.exports = { chartsOf };
