'use strict';

// Where strings that were joined must be encoded apart.

/**
 * Splits text where a high surrogate at the end of one string and a low one at the beginning of the
 * next would become one character that neither contained.
 * @param {string} text
 * @param {number[]} ends where each string ends in it
 */
function splitAtSeams(text, ends) {
  const runs = [];
  let start = 0;
  for (const end of ends) {
    if (end > start && isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end))) {
      runs.push(text.slice(start, end));
      start = end;
    }
  }
  runs.push(text.slice(start));
  return runs;
}

function isHigh(unit) {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit) {
  return (unit & 0xfc00) === 0xdc00;
}

module.exports = splitAtSeams;
