//! What a stream tells its owner, and the one way to tell it.

use super::SystemError;

/// A fact about a stream, in the order in which it became true.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// The descriptor is open under this number.
    Opened { fd: i32 },
    /// The system has taken this many bytes since the stream began.
    Progress { completed: u64 },
    /// Answers the first so many syncs that were not answered: the bytes before them are on the device.
    Synced { syncs: usize },
    /// Answers so many syncs, too: what is open can't be synced.
    Unsyncable { syncs: usize },
    /// Answers the first reopen that was not answered: later bytes go to a new file, which is open under
    /// this number; or to the old one, because of the error.
    Reopened { result: Result<i32, SystemError> },
    /// The file was put aside, under a name with this time in milliseconds since 1970. Later bytes go to
    /// a new file, which is open under this number.
    Rotated { fd: i32, stamp_ms: u64 },
    /// The file could not be put aside, or no new one be opened: the old one goes on.
    RotateFailed { error: SystemError },
    /// The path no longer named the file. Later bytes go to the one that it names now, which is open under
    /// this number; or to the old one, because of the error.
    Moved { result: Result<i32, SystemError> },
    /// The system refuses bytes for now. They are kept and tried again; [`Event::Recovered`] follows, or
    /// the end of the stream.
    Stalled { error: SystemError },
    /// The system took what it had refused.
    Recovered,
    /// The driver waits for the system, and can only go on where the owner is.
    Parked,
    /// All bytes before the end are written, and synced or in their place where that was asked for.
    Finished,
    /// Open, write, sync or commit failed; what was queued is dropped, and no mark is answered any more.
    Failed { error: SystemError },
    /// The descriptor is closed, or was never opened. Nothing follows. If neither [`Event::Opened`] nor
    /// [`Event::Failed`] came before it, it was opened.
    Closed { error: Option<SystemError> },
}

/// Where events go. `writer` declares it, the binding implements it, tests record with it.
pub(crate) trait Listener: Send + Sync {
    /// Tells that `event` happened to `stream`. Called from any thread; it must not call the stream
    /// back, whose lock may be held.
    fn notify(&self, stream: u64, event: Event);
}
