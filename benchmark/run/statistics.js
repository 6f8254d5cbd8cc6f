'use strict';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, least and greatest of what `figure` gives for each sample. */
function summary(samples, figure) {
  const values = samples.map(figure);
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The values that so many percent do not exceed; `max` is all of them. */
function percentiles(values) {
  const sorted = Float64Array.from(values).sort();
  const at = (percent) => sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  return { p50: at(50), p99: at(99), max: at(100) };
}

module.exports = { median, summary, percentiles };
