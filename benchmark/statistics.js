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

module.exports = { median, summary };
