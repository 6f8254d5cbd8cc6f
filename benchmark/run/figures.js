'use strict';

/** From samples to the figures of a table row, and from those to what is reached and what is not. */

const { median, summary } = require('./statistics.js');

const MIB = 1024 * 1024;
const OURS = 'rushwrite';

/** The limits that hold on every row. */
const CPU_SHARE = 0.5;
const LOOP_DELAY_MS = 10;
const EXTRA_MEMORY_BYTES = 16 * MIB;
/** How near to the source's own speed counts as having reached it. */
const NEAR_SOURCE = 0.9;

/** `samples` maps a peer's name to its runs, in the order of the pairs. */
function rowFigures(workload, samples, work) {
  const baseline = samples.get(workload.baseline);
  return [...samples].map(([peer, runs]) => ({
    peer,
    seconds: summary(runs, (run) => run.seconds),
    megabytesPerSecond: summary(runs, (run) => work.bytes / run.seconds / 1e6),
    megawritesPerSecond: summary(runs, (run) => work.writes / run.seconds / 1e6),
    ratio: baseline && pairedRatio(workload, baseline, runs),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    peakRssBytes: medianOf(runs, (run) => run.peakRssBytes),
    writeCalls: medianOf(runs, (run) => run.writeCalls),
    driverWrites: medianOf(runs, (run) => run.driverWrites),
    loopDelayMs: percentilesOf(runs, (run) => run.loopDelayMs),
    latencyUs: percentilesOf(runs, (run) => run.latencyUs),
  }));
}

/** Pair by pair, because what slows the machine for a while slows both halves of a pair. */
function pairedRatio({ isLatency }, baseline, runs) {
  const cost = isLatency ? (run) => run.latencyUs.p50 : (run) => run.seconds;
  const ratios = runs.map((run, pair) => cost(baseline[pair]) / cost(run));
  return summary(ratios, (ratio) => ratio);
}

/** Undefined where the peer does not report the figure. */
function medianOf(runs, figure) {
  return figure(runs[0]) === undefined ? undefined : median(runs.map(figure));
}

function percentilesOf(runs, figure) {
  if (figure(runs[0]) === undefined) {
    return undefined;
  }
  const of = (name) => median(runs.map((run) => figure(run)[name]));
  return { p50: of('p50'), p99: of('p99'), max: of('max') };
}

/**
 * What our row reaches: `must`, `aim`, `cpu`, `memory`, `loop` and `latency`, each true or false, or
 * undefined where the workload sets no such bar; undefined altogether unless both of us were
 * measured, and where nothing but growth is of interest.
 */
function verdict(workload, figures) {
  const of = (name) => figures.find((one) => one.peer === name);
  const [theirs, ours] = [of(workload.baseline), of(OURS)];
  if (theirs === undefined || ours === undefined || workload.kind === 'growth') {
    return undefined;
  }
  return {
    must: reaches(ours.ratio, workload.must),
    aim: reaches(ours.ratio, aimOf(workload, of('source'))),
    cpu: ours.cpuSeconds <= theirs.cpuSeconds * CPU_SHARE,
    memory: ours.peakRssBytes <= memoryLimit(workload, theirs),
    loop: staysResponsive(workload, ours, theirs),
    latency: workload.isLatency ? isNoLater(ours.latencyUs, theirs.latencyUs) : undefined,
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

function isNoLater(ours, theirs) {
  return ours.p50 <= theirs.p50 && ours.p99 <= theirs.p99;
}

function memoryLimit({ memoryMust }, theirs) {
  return memoryMust === undefined
    ? theirs.peakRssBytes + EXTRA_MEMORY_BYTES
    : theirs.peakRssBytes * memoryMust;
}

module.exports = { rowFigures, verdict };
