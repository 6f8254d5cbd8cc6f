'use strict';

// Syncing: a promise for the moment at which all that was accepted before is on the device.

const {
  assertBoolean,
  assertObject,
  destroyedError,
  syncAfterEndError,
  unsyncableError,
} = require('./errors.js');

/**
 * The `sync()` of a stream.
 * @param {Writable} stream
 * @param {() => Outlet | undefined} outletOf none where Node's own class does the work, or JavaScript has not
 *   opened the file yet
 * @param {{metadata?: boolean}} [options]
 */
async function sync(stream, outletOf, options = {}) {
  assertObject(options, 'options');
  const { metadata = false } = options;
  assertBoolean(metadata, 'options.metadata');
  assertSyncable(stream);
  if (stream.writableEnded) throw syncAfterEndError();
  if (outletOf() === undefined) {
    if (!stream.isNative) throw unsyncableError();
    await opened(stream);
    assertSyncable(stream);
  }
  await outletOf().sync(metadata);
}

function assertSyncable(stream) {
  if (stream.errored) throw stream.errored;
  if (stream.destroyed) throw destroyedError('sync');
}

/** Returns once JavaScript has opened the file, or never will. */
function opened(stream) {
  return new Promise((resolve) => {
    for (const event of ['open', 'close']) stream.once(event, resolve);
  });
}

module.exports = sync;
