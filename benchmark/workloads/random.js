'use strict';

/** Seeded random numbers, so that every process generates the same bytes (mulberry32). */
function seededRandom(seed) {
  let state = seed >>> 0;
  return function next() {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** An integer from 0 up to, and without, `limit`. */
function integerBelow(random, limit) {
  return Math.floor(random() * limit);
}

/** One element of `list`. */
function pick(random, list) {
  return list[integerBelow(random, list.length)];
}

/** `length` letters and digits. */
function word(random, length) {
  let text = '';
  while (text.length < length) {
    text += integerBelow(random, 36).toString(36);
  }
  return text;
}

/** The same text in one piece: V8 keeps a concatenation as a tree, slow for whoever reads it first. */
function flat(text) {
  return Buffer.from(text).toString();
}

module.exports = { flat, seededRandom, integerBelow, pick, word };
