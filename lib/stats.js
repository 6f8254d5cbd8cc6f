'use strict';

// What a stream has done so far, as one object of numbers.

const { unsupportedStatsError } = require('./errors.js');

/**
 * The `stats()` of a stream.
 * @param {Writable} stream
 * @param {Outlet | object | undefined} figures an outlet, or its `figures`; none where Node's own class does the work
 */
function stats(stream, figures) {
  if (figures === undefined) throw unsupportedStatsError();
  const { queuedBytes, writes, drains, fullMicros } = figures.ownStats;
  const [bytesAccepted, bytesWritten, batches, syscalls, syncs, maxWriteMicros, maxSyncMicros] =
    figures.nativeStats;
  const isOver = stream.destroyed || stream.errored !== null;
  const { bytes: droppedBytes, writes: droppedWrites } = figures.bound?.total ?? NOTHING;
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
