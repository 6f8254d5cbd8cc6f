//! Where bytes go. One implementation a kind of descriptor, and a scripted one for tests.

use std::io::{self, IoSlice};

/// A descriptor and, where it has one, the offset of the next byte: the sink is its only owner.
///
/// The driver calls one method at a time. None of them retries: an interrupted or short call, or
/// one that would block, is returned as it is.
pub trait Sink: Send {
    /// Opens the descriptor and returns its number.
    fn open(&mut self) -> io::Result<i32>;

    /// Writes what the system takes at once of `slices`, in order, and moves the offset by it.
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Waits until a write that would have blocked may be tried again.
    fn writable(&mut self) -> impl Future<Output = io::Result<()>> + Send;

    /// Returns when what was written is on the device.
    fn sync(&mut self) -> io::Result<()>;

    /// Closes the descriptor. A second call does nothing.
    fn close(&mut self) -> io::Result<()>;
}
