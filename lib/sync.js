'use strict';

// Syncing: a promise for the moment at which all that was accepted before is on the device.

const { assertType, destroyedError, syncAfterEndError, unsyncableError } = require('./errors.js');

/**
 * The `sync()` of a stream.
 * @param {Writable} stream
 * @param {(stream: Writable) => Outlet | undefined} outletOf none where Node's own class does the work, or
 *   JavaScript has not opened the file yet
 * @param {{metadata?: boolean}} [options]
 * @returns {Promise<void>} may be that of others who asked in the same tick
 */
function sync(stream, outletOf, options) {
  try {
    const wantsMetadata = options === undefined ? false : metadataOf(options);
    assertSyncable(stream);
    if (stream._writableState.ending) throw syncAfterEndError();
    const outlet = outletOf(stream);
    if (outlet !== undefined) return outlet.sync(wantsMetadata);
    if (!stream.isNative) throw unsyncableError();
    return syncOpened(stream, outletOf, wantsMetadata);
  } catch (error) {
    return Promise.reject(error);
  }
}

function metadataOf(options) {
  assertType(options, 'options', 'object');
  const { metadata = false } = options;
  assertType(metadata, 'options.metadata', 'boolean');
  return metadata;
}

function assertSyncable(stream) {
  const { errored, destroyed } = stream._writableState;
  if (errored) throw errored;
  if (destroyed) throw destroyedError('sync');
}

/** Waits until JavaScript has opened the file, or never will. */
async function syncOpened(stream, outletOf, wantsMetadata) {
  await new Promise((resolve) => {
    for (const event of ['open', 'close']) stream.once(event, resolve);
  });
  assertSyncable(stream);
  await outletOf(stream).sync(wantsMetadata);
}

module.exports = sync;
