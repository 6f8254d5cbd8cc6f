'use strict';

/**
 * What the workloads write. Every process makes the same bytes: the random numbers are seeded. Each
 * function here gives a `makeChunk`: it builds its pool once and returns the function from chunk
 * number to chunk. Pools are powers of two long, so that the index is a mask.
 */

/** Seeded random numbers (mulberry32). */
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

/** The same text as a flat string: V8 keeps a concatenation as a rope, slow for its first reader. */
function flat(text) {
  return Buffer.from(text).toString();
}

/** Ready strings: flat, made before the time begins. */
function ready(poolLength, make) {
  return () => {
    const random = seededRandom(poolLength);
    const pool = Array.from({ length: poolLength }, () => flat(make(random)));
    return (i) => pool[i & (poolLength - 1)];
  };
}

/** Ready lines of so many characters, all ASCII. */
function readyLines(length, poolLength = 1024) {
  return ready(poolLength, (random) => `${word(random, length - 1)}\n`);
}

const HEADS = ['debug', 'info ', 'warn ', 'error'].map((level) => flat(level));

/** Lines of 100 bytes, concatenated for each write as programs do it: each is a rope. */
function builtLines() {
  const body = ready(1024, (random) => ` ${word(random, 93)}`)();
  return (i) => `${HEADS[i & 3]}${body(i)}\n`;
}

function randomBuffers(bytes, poolLength) {
  return () => {
    const random = seededRandom(bytes);
    const pool = Array.from({ length: poolLength }, () =>
      Buffer.allocUnsafe(bytes).map(() => random() * 256),
    );
    return (i) => pool[i & (poolLength - 1)];
  };
}

module.exports = { pick, word, ready, readyLines, builtLines, randomBuffers };
