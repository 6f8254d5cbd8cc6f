'use strict';

// Node's timers and clock as they were when this package was loaded: test doubles may take their place later,
// and stop the clock.

const {
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} = require('node:timers');

const now = performance.now.bind(performance);

module.exports = { clearInterval, clearTimeout, now, setImmediate, setInterval, setTimeout };
