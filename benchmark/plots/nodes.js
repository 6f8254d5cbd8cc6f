'use strict';

/** The ratios again, by version of Node. */

const { rowAxis, titleOf } = require('./theme.js');

const ROW_PX = 24;
const COLORS = ['#d9480f', '#2563eb', '#059669', '#7c3aed'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond'];

/** Undefined if there is only one version in the record. */
function nodesChart(record) {
  const values = record.rows.flatMap(({ title, node, figures }) => {
    const ratio = figures.find(({ peer }) => peer === 'rushwrite')?.ratio;
    return ratio === undefined ? [] : [{ title, node: `Node ${node}`, value: ratio.median }];
  });
  const domain = [...new Set(values.map(({ node }) => node))];
  if (domain.length < 2) {
    return undefined;
  }
  return {
    title: titleOf('How many times as fast as the same Node', record, 'Logarithmic; medians.'),
    data: { values },
    width: 560,
    height: { step: ROW_PX },
    encoding: {
      y: rowAxis(record.rows),
    },
    layer: [
      {
        mark: { type: 'rule', color: '#6b7280', strokeWidth: 2 },
        encoding: { x: { datum: 1 }, y: null },
      },
      {
        mark: { type: 'point', filled: true, size: 80, opacity: 0.9 },
        encoding: {
          x: {
            field: 'value',
            type: 'quantitative',
            title: 'times that Node’s speed (log)',
            scale: { type: 'log', nice: false, padding: 12 },
            axis: { values: [0.25, 0.5, 1, 2, 5, 10, 20, 50], format: '~r' },
          },
          color: { field: 'node', type: 'nominal', title: null, scale: { domain, range: COLORS } },
          shape: { field: 'node', type: 'nominal', title: null, scale: { domain, range: SHAPES } },
        },
      },
    ],
  };
}

module.exports = { nodesChart };
