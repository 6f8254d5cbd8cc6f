//! Where bytes go: what is called to open, write, sync and close. One implementation for descriptors,
//! and a scripted one for tests.

mod file;
mod folder;
mod temporary_name;

#[cfg(unix)]
#[path = "atomic_unix.rs"]
mod atomic;

#[cfg(windows)]
#[path = "atomic_windows.rs"]
mod atomic;
mod lock;
mod predecessors;
mod rotation;
mod socket;

#[cfg(unix)]
#[path = "descriptor_unix.rs"]
mod descriptor;

#[cfg(windows)]
#[path = "descriptor_windows.rs"]
mod descriptor;

#[cfg(unix)]
#[path = "readiness_unix.rs"]
mod readiness;

#[cfg(windows)]
#[path = "readiness_windows.rs"]
mod readiness;

#[cfg(windows)]
mod libuv;

use std::io::{self, IoSlice};
use std::path::Path;

use crate::writer::{Fill, SystemCall, SystemError};

pub(crate) use descriptor::Descriptor;
pub(crate) use file::{FileOptions, FileSink, Target};
#[cfg(windows)]
pub(crate) use libuv::errno as node_errno;
#[cfg(all(test, unix, not(rushwrite_loom)))]
pub(crate) use readiness::Wakeup;
pub(crate) use rotation::{Cut, RotationOptions};
pub(crate) use socket::{NodeSocket, SocketSink};

/// Node's number for an errno of the system's: the same.
#[cfg(unix)]
pub(crate) const fn node_errno(errno: i32) -> i32 {
    errno
}

/// A call that failed, and how.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Which one.
    pub call: SystemCall,
    /// What the system said.
    pub error: io::Error,
}

impl Failure {
    /// Names the call that an error came from.
    pub(crate) fn of<E: Into<io::Error>>(call: SystemCall) -> impl FnOnce(E) -> Self {
        move |error| Self {
            call,
            error: error.into(),
        }
    }
}

impl From<Failure> for SystemError {
    fn from(failure: Failure) -> Self {
        Self::new(failure.call, &failure.error)
    }
}

/// A descriptor and, where it has one, the offset of the next byte: the sink is its only owner.
///
/// The driver calls one method at a time. None of them retries: an interrupted or short call, or
/// one that would block, is returned as it is, and one of several calls goes on where it was interrupted.
pub(crate) trait Sink: Send {
    /// Opens the descriptor and returns its number.
    fn open(&mut self) -> Result<i32, Failure>;

    /// Writes what the system takes at once of `slices`, in order, and moves the offset by it.
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Waits until a write that would have blocked may be tried again.
    fn writable(&mut self) -> impl Future<Output = io::Result<()>> + Send;

    /// Returns when what was written is on the device; with `metadata` also what the file's inode says
    /// beside its size. The first one that was `asked` for reaches the names of new files and folders, too.
    fn sync(&mut self, metadata: bool, asked: bool) -> Result<(), Failure>;

    /// Opens the file at `path`, or again the one it was opened at, then closes the old one. Returns the
    /// number of the new descriptor. After a failure the old one goes on.
    fn reopen(&mut self, path: Option<&Path>) -> io::Result<i32>;

    /// Syncs what was written and puts it in its place, for good. A sink that is closed without this
    /// leaves that place as it was.
    fn commit(&mut self) -> Result<(), Failure>;

    /// Puts the file aside, opens a new one in its place, then closes the old one. After a failure the old
    /// one goes on.
    fn rotate(&mut self) -> Result<Cut, SystemError> {
        unreachable!("only files are rotated")
    }

    /// Its calls return in bounded time, as far as is known.
    fn answers_soon(&self) -> bool {
        false
    }

    /// What is in the file that was opened last, if it is rotated.
    fn fill(&self) -> Option<Fill> {
        None
    }

    /// Looks whether the path still names the file, if it is time to, and reopens it if not.
    fn follow(&mut self) -> Option<io::Result<i32>> {
        None
    }

    /// Closes the descriptor. A second call does nothing.
    fn close(&mut self) -> io::Result<()>;
}
