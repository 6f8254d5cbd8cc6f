//! What has been done for one stream since it began.

use std::time::Duration;

/// See the module's text. Bytes are counted by the queue, whose positions are totals.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counters {
    /// Batches that were handed to the driver, or written past the queue.
    pub batches: u64,
    /// Calls of `write(2)` and its kin, whatever came of them.
    pub system_calls: u64,
    /// Calls of `fsync(2)` and its kin.
    pub syncs: u64,
    /// The longest of those write calls.
    pub longest_write: Duration,
    /// The longest of those syncs.
    pub longest_sync: Duration,
}

impl Counters {
    /// Counts a write call that took so long.
    pub(crate) fn count_write(&mut self, elapsed: Duration) {
        self.system_calls += 1;
        self.longest_write = self.longest_write.max(elapsed);
    }

    /// Counts a sync that took so long.
    pub(crate) fn count_sync(&mut self, elapsed: Duration) {
        self.syncs += 1;
        self.longest_sync = self.longest_sync.max(elapsed);
    }
}
