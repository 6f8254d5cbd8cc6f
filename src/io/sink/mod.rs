//! Where bytes go: what is called to open, write, sync and close. One implementation for descriptors,
//! and a scripted one for tests.

mod file;

#[cfg(unix)]
#[path = "descriptor_unix.rs"]
mod descriptor;

#[cfg(windows)]
#[path = "descriptor_windows.rs"]
mod descriptor;

#[cfg(windows)]
mod libuv;

use std::io::{self, IoSlice};
use std::path::Path;

pub use descriptor::Descriptor;
#[cfg(all(test, unix))]
pub use descriptor::Wakeup;
pub use file::{FileOptions, FileSink, Target};
#[cfg(windows)]
pub use libuv::errno as node_errno;

/// Node's number for an errno of the system's: the same.
#[cfg(unix)]
pub const fn node_errno(errno: i32) -> i32 {
    errno
}

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

    /// Returns when what was written is on the device; with `metadata` also what the file's inode says
    /// beside its size.
    fn sync(&mut self, metadata: bool) -> io::Result<()>;

    /// Opens the file at `path`, or again the one it was opened at, then closes the old one. Returns the
    /// number of the new descriptor. After a failure the old one goes on.
    fn reopen(&mut self, path: Option<&Path>) -> io::Result<i32>;

    /// Closes the descriptor. A second call does nothing.
    fn close(&mut self) -> io::Result<()>;
}
