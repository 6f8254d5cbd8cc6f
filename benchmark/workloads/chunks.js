'use strict';

/**
 * Chunks of one size each, from pools. `poolLength` is a power of two: the index is then a mask, which
 * costs the loop nothing.
 */

const { flat, seededRandom, word } = require('./random.js');

/** Lines of so many characters, all ASCII. */
function texts(length, poolLength = 1024) {
  return () => {
    const random = seededRandom(length);
    const pool = Array.from({ length: poolLength }, () => flat(`${word(random, length - 1)}\n`));
    return (i) => pool[i & (poolLength - 1)];
  };
}

function randomBuffers(bytes, poolLength) {
  return () => {
    const random = seededRandom(bytes);
    const pool = Array.from({ length: poolLength }, () => randomBuffer(random, bytes));
    return (i) => pool[i & (poolLength - 1)];
  };
}

function randomBuffer(random, bytes) {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at += 1) {
    buffer[at] = random() * 256;
  }
  return buffer;
}

module.exports = { texts, randomBuffers };
