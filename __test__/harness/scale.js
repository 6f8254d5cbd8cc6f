'use strict';

// How hard the attacks are: a quick part in every run of the tests, the long one in
// `npm run test:stress`.

const isLong = process.env.RUSHWRITE_STRESS === '1';

/** How often something is done. */
function rounds(quick, long) {
  return isLong ? long : quick;
}

/** Numbers that look like chance and come again with the same seed. */
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
