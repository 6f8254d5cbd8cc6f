'use strict';

/** From samples to the figures of a table row, and from those to what is reached and what is not. */

const { median, summary } = require('./statistics.js');

const MIB = 1024 * 1024;
const BASELINE = 'fs';
const OURS = 'rushwrite';

/** The limits that hold on every row. */
const CPU_SHARE = 0.5;
const LOOP_DELAY_MS = 10;
const EXTRA_MEMORY_BYTES = 16 * MIB;
/** How near to the source's own speed counts as having reached it. */
const NEAR_SOURCE = 0.9;

/** `samples` maps a peer's name to its runs, in the order of the pairs. */
function rowFigures(samples, work) {
  const baseline = samples.get(BASELINE);
  return [...samples].map(([peer, runs]) => ({
    peer,
    seconds: summary(runs, (run) => run.seconds),
    megabytesPerSecond: summary(runs, (run) => work.bytes / run.seconds / 1e6),
    megawritesPerSecond: summary(runs, (run) => work.writes / run.seconds / 1e6),
    ratio: baseline && pairedRatio(baseline, runs),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    ...processFigures(runs),
  }));
}

/** Pair by pair, because what slows the machine for a while slows both halves of a pair. */
function pairedRatio(baseline, runs) {
  const ratios = runs.map((run, pair) => baseline[pair].seconds / run.seconds);
  return summary(ratios, (ratio) => ratio);
}

/** What only a JavaScript peer reports. */
function processFigures(runs) {
  if (runs[0].loopDelayMs === undefined) {
    return {};
  }
  const delay = (name) => median(runs.map((run) => run.loopDelayMs[name]));
  return {
    peakRssBytes: median(runs.map((run) => run.peakRssBytes)),
    loopDelayMs: { p50: delay('p50'), p99: delay('p99'), max: delay('max') },
  };
}

/**
 * What our row reaches: `must`, `aim`, `cpu`, `memory` and `loop`, each true or false, or undefined
 * where the workload sets no such bar; undefined altogether unless both of us were measured.
 */
function verdict(workload, figures) {
  const of = (name) => figures.find((one) => one.peer === name);
  const [theirs, ours] = [of(BASELINE), of(OURS)];
  if (theirs === undefined || ours === undefined) {
    return undefined;
  }
  return {
    must: reaches(ours.ratio, workload.must),
    aim: reaches(ours.ratio, aimOf(workload, of('source'))),
    cpu: ours.cpuSeconds <= theirs.cpuSeconds * CPU_SHARE,
    memory: ours.peakRssBytes <= memoryLimit(workload, theirs),
    loop: staysResponsive(workload, ours, theirs),
  };
}

function reaches(ratio, bar) {
  return bar === undefined ? undefined : ratio.median >= bar;
}

/** The aim as a ratio; undefined if it is the source's speed and that was not measured. */
function aimOf({ aim }, source) {
  return aim === 'source' ? source && source.ratio.median * NEAR_SOURCE : aim;
}

function staysResponsive({ loopFigure = 'p99' }, ours, theirs) {
  return ours.loopDelayMs[loopFigure] <= Math.max(LOOP_DELAY_MS, theirs.loopDelayMs[loopFigure]);
}

function memoryLimit({ memoryMust }, theirs) {
  return memoryMust === undefined
    ? theirs.peakRssBytes + EXTRA_MEMORY_BYTES
    : theirs.peakRssBytes * memoryMust;
}

module.exports = { rowFigures, verdict };
