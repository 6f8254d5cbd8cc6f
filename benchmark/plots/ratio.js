'use strict';

/** How many times as fast as Node's own stream each row is, with its spread and its bars. */

const { COLOR, rowAxis, titleOf } = require('./theme.js');

const ROW_PX = 24;
const WIDTH_PX = 560;

function ratioChart(record) {
  const rows = record.rows.map(ratioOf).filter((row) => row !== undefined);
  return {
    title: titleOf(
      'How many times as fast as Node',
      record,
      'Dot: median; line: least to greatest; | what is required; ◇ what is hoped for. Logarithmic.',
    ),
    data: { values: rows },
    width: WIDTH_PX,
    height: { step: ROW_PX },
    encoding: { y: rowAxis(rows) },
    layer: [
      {
        mark: { type: 'rule', color: COLOR.Node, strokeWidth: 2 },
        encoding: { x: { datum: 1 }, y: null },
      },
      {
        mark: { type: 'tick', color: COLOR.must, thickness: 2, size: 16 },
        encoding: { x: ratioX('must') },
      },
      {
        mark: { type: 'point', shape: 'diamond', color: COLOR.must, size: 60, strokeWidth: 1.2 },
        encoding: { x: ratioX('aim') },
      },
      {
        mark: { type: 'rule', strokeWidth: 3, opacity: 0.5 },
        encoding: { x: ratioX('min'), x2: { field: 'max' }, color },
      },
      { mark: { type: 'circle', size: 90, opacity: 1 }, encoding: { x: ratioX('median'), color } },
      {
        mark: { type: 'text', align: 'right', fontSize: 11 },
        encoding: { x: { value: WIDTH_PX + 44 }, text: { field: 'label' }, color },
      },
    ],
  };
}

const color = {
  field: 'outcome',
  type: 'nominal',
  title: null,
  scale: {
    domain: ['rushwrite is faster', 'Node is faster'],
    range: [COLOR.rushwrite, COLOR.lost],
  },
  legend: { orient: 'top', symbolOpacity: 1 },
};

function ratioX(field) {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 12 },
    title: 'times Node’s speed (log)',
    axis: { values: [0.25, 0.5, 1, 2, 5, 10, 20, 50], format: '~r' },
  };
}

function ratioOf({ title, figures, must, aim }) {
  const ratio = figures.find(({ peer }) => peer === 'rushwrite')?.ratio;
  if (ratio === undefined) {
    return undefined;
  }
  return {
    title,
    ...ratio,
    label: `×${ratio.median.toFixed(ratio.median < 10 ? 1 : 0)}`,
    must,
    aim: typeof aim === 'number' ? aim : undefined,
    outcome: ratio.median >= 1 ? 'rushwrite is faster' : 'Node is faster',
  };
}

module.exports = { ratioChart };
