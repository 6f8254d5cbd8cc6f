'use strict';

/**
 * Compares rows with targets. By itself: `npm run bench:check [-- RECORD…]`, by default the newest
 * rows of all; the exit code is 1 if one is missed.
 */

const fs = require('node:fs');
const path = require('node:path');
const { newestRows } = require('../run/record.js');
const { baselineOf, majorOf, oursOf } = require('../plots/figures.js');
const { makeTable } = require('../run/report.js');

const MIB = 1024 * 1024;
const TARGETS = path.join(__dirname, '..', 'targets.json');

/** The figures that a target may name, of ours and of the baseline. targets.json says their units. */
const FIGURES = {
  ratio: (ours) => ours.ratio.median,
  cpuShare: (ours, theirs) => ours.cpuSeconds / theirs.cpuSeconds,
  memoryShare: (ours, theirs) => ours.peakRssBytes / theirs.peakRssBytes,
  extraMemory: (ours, theirs) => (ours.peakRssBytes - theirs.peakRssBytes) / MIB,
  extraLoopDelayP99: (ours, theirs) => ours.loopDelayMs?.p99 - theirs.loopDelayMs?.p99,
  latencyP50Share: (ours, theirs) => ours.latencyUs.p50 / theirs.latencyUs.p50,
  latencyP99Share: (ours, theirs) => ours.latencyUs.p99 / theirs.latencyUs.p99,
  loadTime: (ours) => ours.extraMs.median,
};

/** `{ nodes, units, everyRow, rows }`, a row for each phase; throws where a target is not well-formed. */
function readTargets(file) {
  const targets = JSON.parse(fs.readFileSync(file, 'utf8'));
  const rows = targets.rows.flatMap(({ atLeast = {}, atMost = {}, ...target }) => [
    ...Object.entries(atLeast).map(([phase, value]) => ({ ...target, phase, atLeast: value })),
    ...Object.entries(atMost).map(([phase, value]) => ({ ...target, phase, atMost: value })),
  ]);
  for (const target of [...targets.everyRow, ...rows]) {
    const hasBound = Number.isFinite(target.atLeast) !== Number.isFinite(target.atMost);
    if (!hasBound || !(target.figure in FIGURES) || !(target.figure in targets.units)) {
      throw new Error(`no target: ${JSON.stringify(target)}`);
    }
  }
  return { ...targets, rows };
}

/**
 * What came of each target on each row that it is for: `{ row, target, unit, value, isHeld }`. A row
 * on which ours or the baseline failed holds none.
 */
function checkRows({ nodes, units, everyRow, rows: own }, rows) {
  return rows
    .filter(({ kind, phase }) => kind !== 'growth' && phase !== undefined)
    .filter((row) => nodes.includes(majorOf(row)))
    .flatMap((row) =>
      [...own, ...everyRow]
        .filter(
          ({ row: name = row.name, phase = row.phase }) => name === row.name && phase === row.phase,
        )
        .map((target) => checked(target, row, units[target.figure])),
    )
    .filter((check) => check !== undefined);
}

/** Undefined where the target is not for this row, or nobody measures the figure on it. */
function checked(target, row, unit) {
  const [ours, theirs] = [oursOf(row), baselineOf(row)];
  const areThere = ours !== undefined && theirs !== undefined;
  if (areThere && target.whereRatioAbove >= ours.ratio.median) return undefined;
  const value = areThere ? FIGURES[target.figure](ours, theirs) : Number.NaN;
  if (areThere && Number.isNaN(value)) return undefined;
  const { atLeast = -Infinity, atMost = Infinity } = target;
  return { row, target, unit, value, isHeld: value >= atLeast && value <= atMost };
}

/** Prints those that are missed, and how many are held. Gives back whether there are any, and all are. */
function printChecks(checks) {
  const missed = checks.filter(({ isHeld }) => !isHeld);
  const none = checks.length === 0 ? '; no row that was measured has one' : '';
  console.log(`${checks.length - missed.length} of ${checks.length} targets held${none}`);
  if (missed.length > 0) {
    const table = makeTable(['missed', 'Node', 'phase', 'figure', 'is', 'must', 'unit'], 4);
    for (const { row, target, unit, value } of missed) {
      const must = target.atLeast === undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
      const head = [row.name, row.node, row.phase, target.figure];
      table.push([...head, value.toFixed(2), must, unit]);
    }
    console.log(table.toString());
  }
  return checks.length > 0 && missed.length === 0;
}

if (require.main === module) {
  const rows = newestRows(process.argv.slice(2));
  if (!printChecks(checkRows(readTargets(TARGETS), rows))) process.exitCode = 1;
}

module.exports = { TARGETS, readTargets, checkRows, printChecks };
