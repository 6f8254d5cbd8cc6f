'use strict';

/** What all charts share: colours, fonts, and a line that says where the numbers come from. */

const { machineLine } = require('../run/machine.js');

const OURS = 'rushwrite';
const NODE = 'Node';

const COLOR = { [NODE]: '#6b7280', [OURS]: '#d9480f', lost: '#1d4ed8', must: '#111827' };

/** White on purpose: a chart is read the same way on a light page and on a dark one. */
const CONFIG = {
  background: 'white',
  padding: 16,
  font: 'Helvetica, Arial, sans-serif',
  title: {
    anchor: 'start',
    frame: 'group',
    fontSize: 16,
    subtitleFontSize: 11,
    subtitleColor: '#4b5563',
    subtitlePadding: 6,
    offset: 14,
  },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelLimit: 800,
    labelOverlap: 'greedy',
    labelSeparation: 8,
    gridColor: '#e5e7eb',
    domainColor: '#9ca3af',
    tickColor: '#9ca3af',
  },
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 800, symbolSize: 90 },
  view: { stroke: null },
};

function titleOf(text, record, ...notes) {
  const pairs = record.pairs === 1 ? 'one run each' : `medians of ${record.pairs} runs in turn`;
  const quick = record.isQuick ? ['made with --quick: a look, not a result'] : [];
  return { text, subtitle: [...notes, `${machineLine(record.machine)} · ${pairs}`, ...quick] };
}

/** Two of a row: Node's own stream and ours. */
function pairOf({ baseline, figures }) {
  const of = (name) => figures.find(({ peer }) => peer === name);
  return [
    { who: NODE, figures: of(baseline) },
    { who: OURS, figures: of('rushwrite') },
  ].filter((one) => one.figures !== undefined);
}

const whoColor = {
  field: 'who',
  type: 'nominal',
  title: null,
  scale: { domain: [NODE, OURS], range: [COLOR[NODE], COLOR[OURS]] },
  legend: { orient: 'top' },
};

/** One line for each row of a record, in its order, whatever a layer has or lacks. */
function rowAxis(rows, axis = {}) {
  const sort = rows.map(({ title }) => title);
  return {
    field: 'title',
    type: 'nominal',
    sort,
    title: null,
    axis: { grid: true, labelOverlap: false, ...axis },
  };
}

module.exports = { COLOR, CONFIG, OURS, titleOf, pairOf, rowAxis, whoColor };
