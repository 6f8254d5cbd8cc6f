//! What threads that share something wait and tell each other with, for the pools and for the hand-over of a
//! stream from its owner to its driver.
//!
//! It is that of `parking_lot` and the standard library. With `--cfg rushwrite_loom` it is loom's, which runs the
//! models of those parts (`loom.rs` beside them) in each order in which threads can take turns.

#[cfg(all(test, rushwrite_loom))]
mod loom;

#[cfg(all(test, rushwrite_loom))]
pub(crate) use loom::*;

#[cfg(not(all(test, rushwrite_loom)))]
pub(crate) use system::*;

#[cfg(not(all(test, rushwrite_loom)))]
mod system {
    pub(crate) use std::sync::atomic::AtomicBool;
    pub(crate) use std::thread;
    use std::time::Instant;

    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};

    /// The time.
    pub(crate) fn now() -> Instant {
        Instant::now()
    }
}
