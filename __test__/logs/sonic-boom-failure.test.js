'use strict';

// A SonicBoom whose writes have failed can still be flushed and ended.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const SonicBoom = require('../../sonic-boom');

const skip = process.platform !== 'linux' && 'there is no full device';

test('an end behind a failure closes', { skip }, async () => {
  const sonic = new SonicBoom({ fd: fs.openSync('/dev/full', 'w') });
  sonic.write('lost\n');
  const [error] = await once(sonic, 'error');
  assert.strictEqual(error.code, 'ENOSPC');
  sonic.on('finish', () => assert.fail('not all was written'));
  sonic.end();
  await once(sonic, 'close');
  assert.ok(sonic.destroyed);
});

test('a flush in the tick of a failure is called back', { skip }, async () => {
  const sonic = new SonicBoom({ fd: fs.openSync('/dev/full', 'w'), minLength: 1 });
  sonic.write('lost\n');
  const flushed = new Promise((resolve) => {
    sonic.once('error', () => sonic.flush(resolve));
  });
  const error = await flushed;
  assert.strictEqual(error.code, 'ENOSPC');
  sonic.end();
  await once(sonic, 'close');
});
