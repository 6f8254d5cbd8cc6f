//! What happens at a position between two writes.

use std::path::PathBuf;

/// A request of the owner, to be carried out after all earlier writes.
///
/// A *barrier* stops the driver: what is before it is written, then it is carried out, then what is
/// behind it is written. A *sync* does not stop the driver: one call answers every sync whose bytes were written
/// before the call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    /// Puts the bytes before it on the device; with `metadata` also the file's times and the like.
    /// [`super::Event::Synced`] answers it.
    Sync { metadata: bool },
    /// A barrier: the bytes behind it go to the file that the sink then opens, at `path` or where the
    /// stream was opened. [`super::Event::Reopened`] answers it.
    Reopen { path: Option<PathBuf> },
    /// A barrier: the file is put aside under a name of its own, and the bytes behind the barrier go to a
    /// new one. [`super::Event::Rotated`] answers it, unless the file is empty.
    Rotate,
    /// Nothing follows. [`super::Event::Finished`] answers it.
    End,
    /// Nothing follows, and the driver closes without being asked again. The close answers it.
    EndAndClose,
    /// Nothing follows: writes as many of the accepted bytes as the system takes without waiting, then
    /// closes.
    Close,
}

/// How a stream ends. It only grows: a close may follow an end. It stands behind all bytes, so it needs
/// no position.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Ending {
    /// More may come.
    None,
    /// [`Mark::End`]
    End,
    /// [`Mark::EndAndClose`]
    EndAndClose,
    /// [`Mark::Close`]
    Close,
}
