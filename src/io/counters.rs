//! Counts what the sinks of this process have done, for the benchmarks: a figure that can be
//! compared with what the system itself counts.

use std::sync::atomic::{AtomicU64, Ordering};

static WRITES: AtomicU64 = AtomicU64::new(0);

/// Counts one `write(2)`, `writev(2)` or the like, whatever comes of it.
pub fn count_write() {
    WRITES.fetch_add(1, Ordering::Relaxed);
}

/// How many there were since the process began.
pub fn writes() -> u64 {
    WRITES.load(Ordering::Relaxed)
}
