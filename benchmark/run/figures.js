'use strict';

/** From the samples of a row to the figures of its peers. */

const { median, summary } = require('./statistics.js');

/** What `cost` in a workload stands for. */
const COSTS = {
  time: (run) => run.seconds,
  cpu: (run) => run.cpuSeconds,
  latency: (run) => run.latencyUs.p50,
  load: (run) => run.seconds,
};

/** `samples` maps a peer's name to its runs, in the order of the pairs. */
function rowFigures(workload, samples, work) {
  const baseline = samples.get(workload.baseline);
  return [...samples]
    .filter(([, runs]) => runs.length > 0)
    .map(([peer, runs]) => ({
      peer,
      runtime: runs[0].runtime,
      seconds: summary(runs, (run) => run.seconds),
      megabytesPerSecond: summary(runs, (run) => work.bytes / run.seconds / 1e6),
      megawritesPerSecond: summary(runs, (run) => work.writes / run.seconds / 1e6),
      ...(baseline?.length === runs.length && pairedFigures(workload, baseline, runs)),
      cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
      cpuUsPerWrite: median(runs.map((run) => (run.cpuSeconds * 1e6) / work.writes)),
      peakRssBytes: medianOf(runs, (run) => run.peakRssBytes),
      writeCalls: medianOf(runs, (run) => run.writeCalls),
      loopDelayMs: percentilesOf(runs, (run) => run.loopDelayMs),
      latencyUs: percentilesOf(runs, (run) => run.latencyUs),
    }));
}

/** Pair by pair, because what slows the machine for a while slows both halves of a pair. */
function pairedFigures({ cost }, baseline, runs) {
  const costOf = COSTS[cost];
  const pairs = runs.map((run, pair) => [costOf(baseline[pair]), costOf(run)]);
  const ratio = summary(pairs, ([theirs, ours]) => theirs / ours);
  if (cost !== 'load') {
    return { ratio };
  }
  return { ratio, extraMs: summary(pairs, ([theirs, ours]) => (ours - theirs) * 1000) };
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

module.exports = { rowFigures };
