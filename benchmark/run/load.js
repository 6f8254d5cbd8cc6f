'use strict';

/** How long a process lives that loads a module and does nothing with it. */

const { execFileSync } = require('node:child_process');

/** A process takes 30 ms give or take some: a sample is the fastest of so many. */
const PROCESSES = 7;
const REPORT = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({
    seconds: performance.now() / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.memoryUsage.rss(),
  }));
});`;

/** A sample for `{ module }`, a path or null, on `node`. The clock starts with the process. */
function loadTime({ module }, node) {
  const load = module === null ? '' : `require(${JSON.stringify(module)});`;
  const samples = Array.from({ length: PROCESSES }, () =>
    JSON.parse(execFileSync(node, ['-e', load + REPORT], { encoding: 'utf8' })),
  );
  return samples.sort((a, b) => a.seconds - b.seconds)[0];
}

module.exports = { loadTime };
