'use strict';

/** Which charts there are of a record. */

const { chart } = require('./panels.js');

const MIB = 1024 * 1024;
/** A logarithm has no zero. */
const LEAST_MS = 0.1;
const OURS = 'rushwrite';

const RATIO = {
  name: 'times Node’s speed',
  of: ({ ratio, extraMs }) => (extraMs === undefined ? ratio?.median : undefined),
  values: [0.25, 0.5, 1, 2, 5, 10, 20, 50],
  one: true,
};
const SPEED = { name: 'MB/s', of: ({ megabytesPerSecond }) => megabytesPerSecond.median };
const CPU = { name: 'CPU seconds', of: ({ cpuSeconds }) => cpuSeconds };
const MEMORY = { name: 'peak memory, MiB', of: ({ peakRssBytes }) => peakRssBytes / MIB };
const LOOP = {
  name: 'loop delay p99, ms',
  of: ({ loopDelayMs }) => loopDelayMs && Math.max(LEAST_MS, loopDelayMs.p99),
};
const P50 = { name: 'median, µs', of: ({ latencyUs }) => latencyUs?.p50 };
const P99 = { name: '99th percentile, µs', of: ({ latencyUs }) => latencyUs?.p99 };

const PAIR_LOOKS = [
  ['Node', '#6b7280', 'circle'],
  [OURS, '#d9480f', 'circle'],
];
const PHASE_LOOKS = [
  ['fresh process', '#d9480f', 'circle'],
  ['steady', '#f59e0b', 'diamond'],
];
const NODE_COLORS = ['#d9480f', '#2563eb', '#059669', '#7c3aed'];
const NODE_SHAPES = ['circle', 'square', 'triangle-up', 'diamond'];
/** The generator alone writes nothing, and is left out. */
const PEER_LOOKS = [
  ['fs', '#6b7280', 'circle'],
  ['net', '#6b7280', 'circle'],
  [OURS, '#d9480f', 'circle'],
  ['fs-1m', '#9ca3af', 'square'],
  ['net-256k', '#9ca3af', 'square'],
  ['net-corked', '#111827', 'square'],
  ['sonic-boom', '#2563eb', 'triangle-up'],
  ['write-sync', '#7c3aed', 'triangle-down'],
  ['bun', '#db2777', 'diamond'],
  ['limit', '#059669', 'cross'],
];

const SERIES = {
  streams: { title: 'Files at once', name: 'files (log)' },
  'chunk-bytes': { title: 'Size of Buffers', name: 'bytes in a Buffer (log)' },
  'string-length': { title: 'Length of strings', name: 'characters in a string (log)' },
  'reader-pause': {
    title: 'A slow reader: 100-byte lines into a FIFO',
    name: 'pause after each 64 KiB, ms',
    isOrdinal: true,
  },
};

/** `[name, specification]` of each. All but `nodes` show the first Node, and a row's first phase. */
function chartsOf(record) {
  const [{ node: firstNode, kind }] = record.rows;
  const ofNode = record.rows.filter(({ node }) => node === firstNode);
  const shown = ofNode.filter((row) => ofNode.find(({ name }) => name === row.name) === row);
  const isShown = ({ name, phase }) =>
    shown.some((row) => row.name === name && row.phase === phase);
  const charts =
    kind === 'growth'
      ? growthCharts(ofNode)
      : [...tableCharts(ofNode, shown), ...nodesChart(record.rows.filter(isShown))];
  return charts
    .filter(([, { points }]) => points.length > 0)
    .map(([name, { notes = [], ...look }]) => {
      const phases = name === 'ratio' ? [] : [`Measured: ${phaseTitle(shown[0])}.`];
      return [name, chart(record, { ...look, notes: [...notes, ...phases] })];
    });
}

function tableCharts(rows, shown) {
  const pairs = shown.flatMap((row) => pair(row));
  const ratio = {
    title: 'How many times as fast as Node',
    points: rows.flatMap((row) => ours(row, phaseTitle(row))),
    panels: [RATIO],
    looks: PHASE_LOOKS,
  };
  const cost = {
    title: 'What it costs: CPU, memory, event-loop delay',
    notes: ['Less is better.'],
    points: pairs,
    panels: [CPU, MEMORY, LOOP],
    looks: PAIR_LOOKS,
  };
  const latency = {
    title: 'How long one write takes',
    notes: ['Less is better.'],
    points: pairs.filter(({ figures }) => figures.latencyUs !== undefined),
    panels: [P50, P99],
    looks: PAIR_LOOKS,
  };
  const peers = {
    title: 'Throughput of all that were measured',
    notes: ['More is better.'],
    points: shown.filter(isThroughput).flatMap(everybody),
    panels: [SPEED],
    looks: PEER_LOOKS,
  };
  return Object.entries({ ratio, cost, latency, peers });
}

/** None if there is only one Node in the record. */
function nodesChart(rows) {
  const nodes = [...new Set(rows.map(({ node }) => `Node ${node}`))];
  const look = {
    title: 'How many times as fast as the same Node',
    points: rows.flatMap((row) => ours(row, `Node ${row.node}`)),
    panels: [RATIO],
    looks: nodes.map((node, i) => [node, NODE_COLORS[i], NODE_SHAPES[i]]),
  };
  return nodes.length > 1 ? [['nodes', look]] : [];
}

function growthCharts(rows) {
  return Object.entries(SERIES).map(([series, { title, ...across }]) => {
    const points = rows.filter((row) => row.series === series).flatMap((row) => pair(row, row.x));
    const panels = [SPEED, { ...MEMORY, isLinear: true }, { ...LOOP, isLinear: true }];
    return [`growth-${series}`, { title, points, panels, looks: PAIR_LOOKS, across }];
  });
}

function isThroughput({ bytes, figures }) {
  return bytes > 0 && figures.every(({ latencyUs }) => latencyUs === undefined);
}

/** Records from before there were phases are steady. */
function phaseTitle({ phase = 'steady' }) {
  return phase === 'fresh' ? 'fresh process' : phase;
}

function ours({ title, figures }, who) {
  return figures
    .filter(({ peer }) => peer === OURS)
    .map((one) => ({ who, at: title, figures: one }));
}

function pair({ title, baseline, figures }, at = title) {
  return figures
    .filter(({ peer }) => peer === baseline || peer === OURS)
    .map((one) => ({ who: one.peer === OURS ? OURS : 'Node', at, figures: one }));
}

function everybody({ title, figures }) {
  return figures
    .filter(({ peer }) => PEER_LOOKS.some(([who]) => who === peer))
    .map((one) => ({ who: one.peer, at: title, figures: one }));
}

module.exports = { chartsOf };
