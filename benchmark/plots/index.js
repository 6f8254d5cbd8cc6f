'use strict';

/**
 * `npm run bench:plot [-- RECORD…]`: draws charts of records into benchmark/charts. Without
 * arguments, of the newest one of each kind in benchmark/record.
 */

const fs = require('node:fs');
const path = require('node:path');
const { costChart, latencyChart } = require('./cost.js');
const { growthCharts } = require('./growth.js');
const { nodesChart } = require('./nodes.js');
const { peersChart } = require('./peers.js');
const { ratioChart } = require('./ratio.js');
const { CONFIG } = require('./theme.js');
const { RECORDS } = require('../run/record.js');

/** Of the widest common sans-serif fonts, on average. */
const EM_PER_LETTER = 0.6;

const CHARTS = path.join(__dirname, '..', 'charts');

async function main() {
  const files = process.argv.length > 2 ? process.argv.slice(2) : newestRecords();
  fs.mkdirSync(CHARTS, { recursive: true });
  for (const file of files) {
    for (const [name, spec] of Object.entries(chartsOf(readRecord(file)))) {
      const target = path.join(CHARTS, `${name}.svg`);
      fs.writeFileSync(target, `${await draw(spec)}\n`);
      console.log(path.relative(process.cwd(), target));
    }
  }
}

/** Names are date, kinds and Node, and sort as text: the newest of each kind, of the first Node. */
function newestRecords() {
  const names = fs.readdirSync(RECORDS).filter((name) => name.endsWith('.json'));
  const byKind = new Map();
  for (const name of names.sort()) {
    const [, date, kind] = /^(\d+-\d+-\d+)-(.*)-node[\d-]+\.json$/.exec(name);
    if (byKind.get(kind)?.date !== date) byKind.set(kind, { date, name });
  }
  return [...byKind.values()].map(({ name }) => path.join(RECORDS, name));
}

function readRecord(file) {
  const record = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (record.rows[0]?.node === undefined) {
    throw new Error(`${file} is no record of this version of the suite`);
  }
  return record;
}

/** By the name of its file. Where there are several Nodes, all but one chart show the first. */
function chartsOf(record) {
  const [{ node, kind }] = record.rows;
  const first = { ...record, rows: record.rows.filter((row) => row.node === node) };
  if (kind === 'growth') {
    return growthCharts(first);
  }
  const charts = {
    ratio: ratioChart(first),
    cost: costChart(first),
    latency: latencyChart(first),
    peers: peersChart(first),
    nodes: nodesChart(record),
  };
  return Object.fromEntries(Object.entries(charts).filter(([, spec]) => spec !== undefined));
}

/** Vega is made of ES modules only. */
async function draw(spec) {
  const { compile } = await import('vega-lite');
  const vega = await import('vega');
  vega.textMetrics.width = widthOf;
  const view = new vega.View(vega.parse(compile({ config: CONFIG, ...spec }).spec), {
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
