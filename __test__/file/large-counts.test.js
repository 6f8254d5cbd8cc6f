'use strict';

// Counts of bytes beyond 2^30, where V8's small integers end.

const assert = require('node:assert/strict');
const os = require('node:os');
const { test } = require('node:test');
const native = require('../../lib/native.js');

const PIECE_BYTES = 400 * 1024 * 1024;
const NO_MEMORY = os.freemem() < 16 * PIECE_BYTES && 'too little memory is free';

test('what waits is told exactly, by each call that tells it', { skip: NO_MEMORY }, () => {
  const hub = native.attach(() => {}, { exitTimeoutMs: 0 });
  const id = native.openPath(hub, '/nowhere/at/all', 0, 0, -1, false, false);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let pieces = 1; pieces <= 6; pieces++) {
    assert.equal(native.appendBytes(id, piece), pieces * PIECE_BYTES);
  }
  assert.equal(native.pending(id), 6 * PIECE_BYTES);
  assert.equal(native.appendString(id, 'x', true), 6 * PIECE_BYTES + 1);
  assert.equal(native.appendString(id, '\u{1f600}', true), -1 - (6 * PIECE_BYTES + 5));
  native.release(id);
});
