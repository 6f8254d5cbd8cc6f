'use strict';

// The entries that `Writable` passes on to `_writev`, each with a chunk and its encoding.

const { trusted } = require('../chunk.js');

/** So long a chunk, or so much in one vector, is encoded at once. */
const AT_ONCE_LENGTH = 64 * 1024;

/** A Buffer, or a string if it is to be UTF-8. */
function encoded({ chunk, encoding }) {
  const isText = typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8';
  return isText ? Buffer.from(chunk, encoding) : trusted(chunk);
}

function isSmall(entries) {
  let length = 0;
  for (const { chunk } of entries) length += chunk.length;
  return length <= AT_ONCE_LENGTH;
}

module.exports = { AT_ONCE_LENGTH, encoded, isSmall };
