'use strict';

// 50 MB of short strings in batches of 8 MiB: no memory for each chunk, and no more than three batches.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const MIB = 1024 * 1024;
const BATCH_BYTES = 8 * MIB;
const skip =
  process.platform === 'linux' ? false : 'the peak of the resident size is read from /proc';

test('50 MB of 20-byte strings hold at most three batches of 8 MiB', { skip }, async (t) => {
  const program = path.join(__dirname, '..', 'harness', 'batched-memory.js');
  // A heap of V8's that grows, or is collected late, would add to the peak.
  const args = [
    '--expose-gc',
    '--single-threaded-gc',
    '--max-semi-space-size=1',
    program,
    `${BATCH_BYTES}`,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { bytes, beyondBytes } = JSON.parse(stdout);
  t.diagnostic(`${(beyondBytes / MIB).toFixed(1)} MiB beyond the base`);
  assert.ok(bytes >= 50_000_000);
  assert.ok(beyondBytes <= 3 * BATCH_BYTES, `${beyondBytes} bytes`);
});
