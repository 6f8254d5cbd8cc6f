'use strict';

// Node's timers as they were when this package was loaded: test doubles may take their place later, and stop
// the clock.

const {
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} = require('node:timers');

module.exports = { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };
