'use strict';

// What a stream has done so far, as one object of numbers.

const { unsupportedStatsError } = require('./errors.js');

/**
 * The `stats()` of a stream.
 * @param {Writable} stream
 * @param {Outlet | undefined} outlet none where Node's own class does the work
 */
function stats(stream, outlet) {
  if (outlet === undefined) throw unsupportedStatsError();
  const { queuedBytes, writes, drains, fullMicros } = outlet.ownStats;
  const [bytesAccepted, bytesWritten, batches, syscalls, syncs, maxWriteMicros, maxSyncMicros] =
    outlet.nativeStats;
  const isOver = stream.destroyed || stream.errored !== null;
  const { bytes: droppedBytes, writes: droppedWrites } = outlet.bound?.total ?? NOTHING;
  return {
    bytesAccepted: bytesAccepted + queuedBytes,
    bytesWritten,
    bytesQueued: isOver ? 0 : bytesAccepted + queuedBytes - bytesWritten,
    writes,
    batches,
    syscalls,
    syncs,
    drains,
    droppedBytes,
    droppedWrites,
    maxWriteMicros,
    maxSyncMicros,
    fullMicros,
  };
}

const NOTHING = { bytes: 0, writes: 0 };

module.exports = stats;
