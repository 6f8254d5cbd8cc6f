'use strict';

// How long the attacks run: few rounds in every run of the tests, many in `npm run test:stress`.

const isLong = process.env.RUSHWRITE_STRESS === '1';

/** The number of rounds. */
function rounds(quick, long) {
  return isLong ? long : quick;
}

/** Pseudo-random numbers below `limit`; a seed repeats them. */
function numbersOf(seed) {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** The figures of a long run, for docs/guarantees.md. */
function report(t, text) {
  t.diagnostic(text);
}

module.exports = { isLong, numbersOf, report, rounds };
