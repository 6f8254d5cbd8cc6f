'use strict';

/**
 * `npm run bench:plot [-- RECORD…]`: draws the charts into benchmark/charts, of the newest rows in
 * benchmark/record or of those in the records named.
 */

const fs = require('node:fs');
const path = require('node:path');
const { newestRows } = require('../run/record.js');
const { chartsOf } = require('./charts.js');

/** Of the widest common sans-serif fonts, on average. */
const EM_PER_LETTER = 0.6;
const CHARTS = path.join(__dirname, '..', 'charts');

/** White on purpose: a chart is read the same way on a light page and on a dark one. */
const CONFIG = {
  background: 'white',
  padding: 16,
  font: 'Helvetica, Arial, sans-serif',
  title: {
    ...{ anchor: 'start', frame: 'group', fontSize: 16, offset: 14 },
    ...{ subtitleFontSize: 11, subtitleColor: '#4b5563', subtitlePadding: 6 },
  },
  axis: {
    ...{ labelFontSize: 11, labelLimit: 800, titleFontSize: 12, titleFontWeight: 'normal' },
    ...{ gridColor: '#e5e7eb', domainColor: '#9ca3af', tickColor: '#9ca3af' },
  },
  legend: { labelFontSize: 11, title: null },
  view: { stroke: null },
};

async function main() {
  fs.mkdirSync(CHARTS, { recursive: true });
  for (const [name, spec] of chartsOf(newestRows(process.argv.slice(2)))) {
    const target = path.join(CHARTS, `${name}.svg`);
    fs.writeFileSync(target, `${await draw(spec)}\n`);
    console.log(path.relative(process.cwd(), target));
  }
}

/** Vega is made of ES modules only. */
async function draw(spec) {
  const { compile } = await import('vega-lite');
  const vega = await import('vega');
  vega.textMetrics.width = widthOf;
  const view = new vega.View(vega.parse(compile(spec, { config: CONFIG }).spec), {
    renderer: 'none',
  });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** Without a canvas Vega takes text for a third wider than it is, and the margins with it. */
function widthOf({ fontSize = 11 }, text) {
  return String(text ?? '').length * fontSize * EM_PER_LETTER;
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
