'use strict';

/** Ours. Loaded when asked for: the other peers must run without the addon. */

let countedWrites = 0;

function load() {
  const ours = require('../../index.js');
  countAtRelease(require('../../lib/native.js'));
  return ours;
}

/** The one place that reads the native side's own counts: a stream's end when it is released. */
function countAtRelease(native) {
  if (native.release.counts) return;
  const { release } = native;
  const { STATS } = native.constants;
  const stats = new Float64Array(STATS.length);
  const syscalls = STATS.indexOf('syscalls');
  native.release = (id) => {
    native.stats(id, stats);
    countedWrites += stats[syscalls];
    return release(id);
  };
  native.release.counts = true;
}

module.exports = {
  load,
  createWriteStream: (file, options) => load().createWriteStream(file, options),
  connect: (options) => load().connect(options).resume(),
  /** How many write calls were made for all streams of this process that are closed. */
  countWrites: () => countedWrites,
};
