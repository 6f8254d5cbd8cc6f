'use strict';

/**
 * `npm run bench:plot [-- RECORD…]`: draws charts of records into benchmark/charts. Without
 * arguments, of the newest one of each kind in benchmark/record.
 */

const fs = require('node:fs');
const path = require('node:path');
const { newestRecords, readRecord } = require('../run/record.js');
const { chartsOf } = require('./charts.js');
const { CONFIG } = require('./panels.js');

/** Of the widest common sans-serif fonts, on average. */
const EM_PER_LETTER = 0.6;

const CHARTS = path.join(__dirname, '..', 'charts');

async function main() {
  const named = process.argv.slice(2);
  fs.mkdirSync(CHARTS, { recursive: true });
  for (const file of named.length > 0 ? named : newestRecords()) {
    for (const [name, spec] of chartsOf(readRecord(file))) {
      const target = path.join(CHARTS, `${name}.svg`);
      fs.writeFileSync(target, `${await draw(spec)}\n`);
      console.log(path.relative(process.cwd(), target));
    }
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
