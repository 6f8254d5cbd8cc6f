'use strict';

/** Throughput of everybody that was measured. */

const { findPeer } = require('../peers/index.js');
const { rowAxis, titleOf } = require('./theme.js');

const ROW_PX = 24;
/** In the order of the legend. The generator alone writes nothing, and is left out. */
const LOOKS = {
  fs: ['#6b7280', 'circle'],
  net: ['#6b7280', 'circle'],
  rushwrite: ['#d9480f', 'circle'],
  'fs-1m': ['#9ca3af', 'square'],
  'net-256k': ['#9ca3af', 'square'],
  'net-corked': ['#111827', 'square'],
  'sonic-boom': ['#2563eb', 'triangle-up'],
  'write-sync': ['#7c3aed', 'triangle-down'],
  bun: ['#db2777', 'diamond'],
  limit: ['#059669', 'cross'],
};

/** Undefined if there are no others than Node's own and ours. */
function peersChart(record) {
  const values = record.rows.filter(({ isLatency }) => !isLatency).flatMap(valuesOf);
  const names = Object.keys(LOOKS).filter((name) => values.some(({ peer }) => peer === name));
  if (names.every((name) => ['fs', 'net', 'net-corked', 'rushwrite'].includes(name))) {
    return undefined;
  }
  const domain = names.map((name) => findPeer(name).title);
  const scale = (look) => ({ domain, range: names.map((name) => LOOKS[name][look]) });
  return {
    title: titleOf('Throughput of all that were measured', record, 'More is better. Logarithmic.'),
    data: { values },
    width: 560,
    height: { step: ROW_PX },
    mark: { type: 'point', filled: true, size: 80, opacity: 0.9 },
    encoding: {
      y: rowAxis(record.rows),
      x: {
        field: 'value',
        type: 'quantitative',
        title: 'MB/s (log)',
        scale: { type: 'log', nice: false, padding: 12 },
        axis: { format: '~g', tickCount: 6 },
      },
      color: { field: 'stream', type: 'nominal', title: null, scale: scale(0) },
      shape: { field: 'stream', type: 'nominal', title: null, scale: scale(1) },
    },
  };
}

function valuesOf({ title, figures }) {
  return figures
    .filter(({ peer }) => peer in LOOKS)
    .map(({ peer, megabytesPerSecond }) => ({
      title,
      peer,
      stream: findPeer(peer).title,
      value: megabytesPerSecond.median,
    }));
}

module.exports = { peersChart };
