'use strict';

// Writes until a stream is really full. `write()` also returns false for fairness; then 'drain'
// comes soon, although nobody reads.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const TURNS = 100;

/** A stream that accepts more while nobody reads is unbounded. */
const LIMIT_BYTES = 256 << 20;

/** Whether the stream takes more within some turns of the loop. */
async function drainsSoon(stream) {
  for (let turn = 0; turn < TURNS && stream.writableNeedDrain; turn++) await nextTurn();
  return !stream.writableNeedDrain;
}

/** Writes the chunks that `nextChunk()` makes until `write()` stays false; returns their bytes. */
async function writeUntilFull(stream, nextChunk) {
  let acceptedBytes = 0;
  do {
    let hasRoom = true;
    while (hasRoom) {
      const chunk = nextChunk();
      acceptedBytes += chunk.length;
      assert.ok(acceptedBytes < LIMIT_BYTES, `${acceptedBytes} bytes accepted`);
      hasRoom = stream.write(chunk);
    }
  } while (await drainsSoon(stream));
  return acceptedBytes;
}

module.exports = { drainsSoon, writeUntilFull };
