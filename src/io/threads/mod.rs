//! Which threads do the work: three pools of threads that may block, and one tokio runtime for all that
//! waits. Each starts when it is first needed.

mod pool;
pub(crate) mod runtime;

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) use pool::{Outlook, Pool, Work};

/// The pools of the process.
pub(crate) static POOLS: Pools = Pools {
    disk: Pool::new("rushwrite-disk", disk_threads, 2, Duration::from_secs(3600)),
    blocking: Pool::new("rushwrite-wait", || BLOCKING_THREADS, 1, KEEP_ALIVE),
    syncing: Pool::new("rushwrite-sync", || SYNCING_THREADS, 2, KEEP_ALIVE),
};

/// Threads by what their work may do to them.
pub(crate) struct Pools {
    /// Disk files, which answer in bounded time, share a few threads. They stay for an hour after the last
    /// write. Two start together. A single thread that is woken again and again stays on the processor on which
    /// it slept, which sleeps, too. With two that take turns, Linux often wakes the next one on the processor of
    /// its waker. A small write that is awaited then takes 35 to 43 µs instead of 52.
    pub disk: Pool,
    /// What may block for ever has threads of its own, so that it never holds up a disk file: FIFOs, pipes,
    /// terminals, and name servers.
    pub blocking: Pool,
    /// Files that are synced keep a thread until the device has answered, long after an ordinary write would
    /// be done. They have threads of their own, so that they do not hold those up. Many, because the file
    /// system answers syncs that wait at the same time together.
    pub syncing: Pool,
}

#[cfg(all(test, rushwrite_loom))]
impl Pools {
    /// Pools for one run of a model.
    pub(crate) fn model() -> &'static Self {
        let pool = || Pool::new("model", || 1, 1, KEEP_ALIVE);
        Box::leak(Box::new(Self {
            disk: pool(),
            blocking: pool(),
            syncing: pool(),
        }))
    }

    /// Returns when all threads have left.
    pub(crate) fn end(&self) {
        for pool in [&self.disk, &self.blocking, &self.syncing] {
            pool.end();
        }
    }
}

/// How many files can be synced at once.
const SYNCING_THREADS: usize = 32;

/// How many descriptors that may block for ever can be served at once.
const BLOCKING_THREADS: usize = 512;

/// How long one of those threads stays that has nothing to do.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How many threads disk files have at least, unless the owner says so.
const LEAST_DISK_THREADS: usize = 4;

/// As many as there are cores, or a few. To count them costs system calls.
static CORES: OnceLock<usize> = OnceLock::new();

/// What the owner said; zero if nothing.
static WANTED_DISK_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads disk files share at most, from now on.
pub(crate) fn set_disk_threads(threads: NonZeroUsize) {
    WANTED_DISK_THREADS.store(threads.get(), Ordering::Relaxed);
}

fn disk_threads() -> usize {
    match WANTED_DISK_THREADS.load(Ordering::Relaxed) {
        0 => *CORES.get_or_init(|| {
            let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
            cores.max(LEAST_DISK_THREADS)
        }),
        threads => threads,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disk_files_share_a_few_threads_or_as_many_as_the_owner_says() {
        assert!(disk_threads() >= LEAST_DISK_THREADS);
        set_disk_threads(NonZeroUsize::new(LEAST_DISK_THREADS + 1).unwrap());
        assert_eq!(disk_threads(), LEAST_DISK_THREADS + 1);
    }
}
