//! What has been done for a stream, as numbers.

use std::time::Duration;

use crate::io::Stream;

/// How many numbers there are.
pub const STATS: usize = 7;

/// The numbers by the names that JavaScript has for them, in the order in which it gets them.
pub fn stats_of(stream: &Stream) -> [(&'static str, f64); STATS] {
    let (counters, accepted, completed) = stream.counters();
    [
        ("bytesAccepted", number_of(accepted)),
        ("bytesWritten", number_of(completed)),
        ("batches", number_of(counters.batches)),
        ("syscalls", number_of(counters.system_calls)),
        ("syncs", number_of(counters.syncs)),
        ("maxWriteMicros", micros_of(counters.longest_write)),
        ("maxSyncMicros", micros_of(counters.longest_sync)),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn number_of(count: u64) -> f64 {
    count as f64
}

fn micros_of(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
