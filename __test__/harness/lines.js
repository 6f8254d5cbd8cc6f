'use strict';

// Lines for sinks of other people's servers.

/** `count` lines of about 100 bytes, numbered, with other characters than ASCII in some. */
function* numberedLines(count) {
  for (let i = 0; i < count; i++) {
    yield `${i} ${i % 10 === 0 ? 'żółw' : 'line'} ${'x'.repeat(80)}\n`;
  }
}

module.exports = { numberedLines };
