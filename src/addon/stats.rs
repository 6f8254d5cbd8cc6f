//! What has been done for a stream, as numbers.

use std::time::Duration;

use super::values::number_of;
use crate::io::Stream;

/// The names that JavaScript has for the numbers, in the order in which it gets them.
pub(super) const STATS: [&str; 7] = [
    "bytesAccepted",
    "bytesWritten",
    "batches",
    "syscalls",
    "syncs",
    "maxWriteMicros",
    "maxSyncMicros",
];

/// The numbers of a stream.
pub(super) fn stats_of(stream: &Stream) -> [f64; STATS.len()] {
    let (counters, accepted, completed) = stream.counters();
    [
        number_of(accepted),
        number_of(completed),
        number_of(counters.batches),
        number_of(counters.system_calls),
        number_of(counters.syncs),
        micros_of(counters.longest_write),
        micros_of(counters.longest_sync),
    ]
}

fn micros_of(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round()
}
