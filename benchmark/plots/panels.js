'use strict';

/** The one way to draw: panels side by side, one for each figure, with the same points in each. */

const { machineLine } = require('../run/machine.js');

const ROW_PX = 24;
const PANEL_PX = 240;
const ONLY_PANEL_PX = 560;

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
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 800, symbolSize: 90, title: null },
  view: { stroke: null },
};

/**
 * - `points`: `{ who, at, figures }`; `at` is a row's title, or a number;
 * - `panels`: `{ name, of(figures), isLinear, values, one }`: the axis, what it shows of a point, and
 *   whether a line marks 1;
 * - `looks`: `[who, color, shape]`, in the order of the legend;
 * - `across`: where `at` is a number, its axis: `{ name, isOrdinal }`.
 */
function chart(record, { title, notes, points, panels, looks, across }) {
  const { pairs, isQuick, machine } = record;
  const made = pairs === 1 ? 'one run each' : `medians of ${pairs} runs in turn`;
  const quick = isQuick ? ['made with --quick: no result'] : [];
  const seen = looks.filter(([who]) => points.some((point) => point.who === who));
  const scale = (look) => ({
    domain: seen.map(([who]) => who),
    range: seen.map((one) => one[look]),
  });
  const colors = {
    color: { field: 'who', type: 'nominal', scale: scale(1), legend: { orient: 'top' } },
    shape: { field: 'who', type: 'nominal', scale: scale(2) },
  };
  const titles = [...new Set(points.map(({ at }) => at))];
  const draw = (panel, i) => {
    const values = pointsOf(panel, points);
    return across ? lines(panel, values, colors, across) : dots(panel, values, colors, titles, i);
  };
  return {
    title: { text: title, subtitle: [...notes, `${machineLine(machine)} · ${made}`, ...quick] },
    hconcat: panels.map((panel, i) => ({
      width: panels.length === 1 ? ONLY_PANEL_PX : PANEL_PX,
      ...draw(panel, i),
    })),
    spacing: 24,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  };
}

function pointsOf({ of }, points) {
  return points
    .map(({ figures, ...point }) => ({ ...point, value: of(figures) }))
    .filter(({ value }) => value !== undefined);
}

function figureAxis({ name, isLinear, values }) {
  return {
    field: 'value',
    type: 'quantitative',
    title: isLinear ? name : `${name} (log)`,
    scale: isLinear ? { zero: true } : { type: 'log', nice: false, padding: 12 },
    axis: { tickCount: 5, format: '~r', ...(values && { values }) },
  };
}

/** One line for each title, in each panel, and the dots of it joined. */
function dots(panel, values, colors, titles, i) {
  const x = figureAxis(panel);
  const y = {
    field: 'at',
    type: 'nominal',
    sort: titles,
    scale: { domain: titles },
    title: null,
    axis: { grid: true, labelOverlap: false, labels: i === 0, ticks: i === 0 },
  };
  const joined = {
    mark: { type: 'rule', color: '#d1d5db', strokeWidth: 2 },
    encoding: { y, x: { ...x, aggregate: 'min' }, x2: { field: 'value', aggregate: 'max' } },
  };
  const one = {
    mark: { type: 'rule', color: '#6b7280', strokeWidth: 2 },
    encoding: { x: { datum: 1 } },
  };
  const points = {
    mark: { type: 'point', filled: true, size: 80, opacity: 0.9 },
    encoding: { y, x, ...colors },
  };
  return {
    data: { values },
    height: { step: ROW_PX },
    layer: [...(panel.one ? [one] : []), joined, points],
  };
}

/** What grows goes across. */
function lines(panel, values, { color }, { name, isOrdinal }) {
  const x = isOrdinal
    ? { type: 'ordinal', axis: { labelAngle: 0 } }
    : {
        type: 'quantitative',
        scale: { type: 'log', nice: false, padding: 8 },
        axis: { tickCount: 5, format: '~s' },
      };
  return {
    data: { values },
    height: 200,
    mark: { type: 'line', point: { size: 60, filled: true }, strokeWidth: 2 },
    encoding: { x: { field: 'at', title: name, ...x }, y: figureAxis(panel), color },
  };
}

module.exports = { CONFIG, chart };
