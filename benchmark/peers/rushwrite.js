'use strict';

/** Ours. Loaded when asked for: the other peers must run without the addon. */

const load = () => require('../../index.js');

module.exports = {
  load,
  createWriteStream: (file, options) => load().createWriteStream(file, options),
  connect: (options) => load().connect(options).resume(),
  /** The one place that reads the native side's own counts. */
  countWrites: () => require('../../lib/native.js').counters().writes,
};
