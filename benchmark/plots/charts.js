'use strict';

/** Which charts there are of a record. */

const { chart } = require('./panels.js');

const MIB = 1024 * 1024;
/** A logarithm has no zero. */
const LEAST_MS = 0.1;
const OURS = 'rushwrite';

const RATIO = {
  name: 'times Node’s speed',
  of: ({ ratio }) => ratio?.median,
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
const P50 = { name: 'median, µs', of: ({ latencyUs }) => latencyUs.p50 };
const P99 = { name: '99th percentile, µs', of: ({ latencyUs }) => latencyUs.p99 };
const linear = (panel) => ({ ...panel, isLinear: true });

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

/** Specifications by name. All but `nodes` show the first Node; a row's first phase is shown. */
function chartsOf(record) {
  const ofNode = record.rows.filter(({ node }) => node === record.rows[0].node);
  const shown = ofNode.filter((row) => ofNode.find(({ name }) => name === row.name) === row);
  const [measured, latencies] = [shown.filter(isThroughput), shown.filter(hasLatency)];
  return record.rows[0].kind === 'growth'
    ? growthCharts(record, ofNode)
    : {
        ratio: draw(record, {
          title: 'How many times as fast as Node',
          points: ofNode.flatMap((row) => ours(row, phaseTitle(row))),
          panels: [RATIO],
          looks: PHASE_LOOKS,
        }),
        cost: draw(record, {
          title: 'What it costs: CPU, memory, event-loop delay',
          notes: ['Less is better.'],
          points: shown.flatMap((row) => pair(row)),
          panels: [CPU, MEMORY, LOOP],
          looks: PAIR_LOOKS,
        }),
        latency: draw(record, {
          title: 'How long one write takes',
          notes: ['Less is better.'],
          points: latencies.flatMap((row) => pair(row)),
          panels: [P50, P99],
          looks: PAIR_LOOKS,
        }),
        peers: draw(record, {
          title: 'Throughput of all that were measured',
          notes: ['More is better.'],
          points: measured.flatMap(everybody),
          panels: [SPEED],
          looks: PEER_LOOKS,
        }),
        nodes: draw(record, {
          title: 'How many times as fast as the same Node',
          points: record.rows
            .filter(({ name, phase }) =>
              shown.some((one) => one.name === name && one.phase === phase),
            )
            .flatMap((row) => ours(row, `Node ${row.node}`)),
          panels: [RATIO],
          looks: nodeLooks(record),
        }),
      };
}

function growthCharts(record, rows) {
  const charts = Object.entries(SERIES).map(([series, { title, ...across }]) => {
    const points = rows.filter((row) => row.series === series).flatMap((row) => pair(row, row.x));
    const panels = [SPEED, linear(MEMORY), linear(LOOP)];
    const look = { title, points, panels, looks: PAIR_LOOKS, across };
    return [`growth-${series}`, draw(record, look)];
  });
  return Object.fromEntries(charts);
}

/** Undefined if there are no points. */
function draw(record, look) {
  return look.points.length === 0 ? undefined : chart(record, look);
}

function isThroughput(row) {
  return !hasLatency(row) && row.bytes > 0;
}

function hasLatency({ figures }) {
  return figures.some(({ latencyUs }) => latencyUs !== undefined);
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

function nodeLooks({ rows }) {
  const nodes = [...new Set(rows.map(({ node }) => `Node ${node}`))];
  return nodes.map((node, i) => [node, NODE_COLORS[i], NODE_SHAPES[i]]);
}

module.exports = { chartsOf };
