//! The life of a write stream: what it may do next, and which events its owner gets.
//!
//! Two parties use a [`Writer`], each under the lock of its owner. The JavaScript thread appends writes
//! and marks; the one driver asks for the next [`Step`], carries it out without the lock, and reports how
//! it went. The machine itself never opens, writes, wakes or emits: it returns what has to be done.
//!
//! ```text
//!                          ┌──────────── ok ────────────┐
//! Unopened ─open→ Opening ─┴ok→ Open ─sync→ Syncing ────┤
//!                    │           │ └─reopen, rotate→ Reopening (ok or not)
//!                    err        end ─[commit→ Committing]─ok→ Settled
//!                    ▼           │                               │
//!                  Failed ◄─err──┘ (write, sync, commit)         │
//!                    └──────────────── close ────────────────────┴→ Closing → Closed
//! ```

mod driver;
mod owner;
mod questions;

use std::path::PathBuf;

use super::batch::Batch;
use super::mark::Ending;
use super::queue::Queue;
use super::rotation::Rotation;
use super::{Counters, Event, SystemError};

/// How many bytes one batch has at most, give or take a chunk: half of the default buffer, so that the
/// owner fills one half while the system takes the other.
pub(crate) const BATCH_BYTES: usize = 512 * 1024;

/// How many chunks one batch has at most: all go to the system in one call.
pub(crate) const BATCH_CHUNKS: usize = 64;

/// In the middle of a turn the driver is given bytes once there are so many: a wake-up costs the
/// JavaScript thread several microseconds.
const START_BYTES: u64 = 256 * 1024;

/// A disk takes so many bytes in about the time in which an event comes to the owner.
const SOON_BYTES: u64 = 64 * 1024;

/// Where a stream is in its life. The transitions are drawn at the top of the module.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Bytes are accepted and wait; the driver will open.
    Unopened,
    /// The driver is in `open`.
    Opening,
    /// The driver may write.
    Open,
    /// The driver is in `fsync`, which answers so many of the owner's syncs: none if it is the end's own.
    Syncing { syncs: usize },
    /// The driver opens the next file, and may have to put the old one aside.
    Reopening,
    /// The driver puts what was written in its place.
    Committing,
    /// The end was reached and reported.
    Settled,
    /// A call failed. `open` tells whether there is a descriptor to close.
    Failed { open: bool },
    /// The driver is in `close`.
    Closing,
    /// The end of every stream.
    Closed,
}

/// Who drives the stream. There is never a second driver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Driver {
    /// No driver: there was nothing to do.
    None,
    /// A thread of a pool, or a task.
    Worker,
    /// The owner's own thread. It sees the count when it is done, so it gets no progress events.
    Owner,
}

/// Whether the system refuses bytes for now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stall {
    /// It takes them.
    None,
    /// It refused some, which wait in the queue again. The owner got the event.
    Told,
    /// It took some of them. The event comes once all bytes of the batch are taken.
    Over,
}

/// Whether a stream begins with a descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// The driver opens a path.
    Path,
    /// The descriptor was handed in open.
    Descriptor,
}

/// What the driver does next.
#[must_use]
#[derive(Debug)]
pub(crate) enum Step {
    /// Open, then report with [`Writer::opened`].
    Open,
    /// Write the batch, report each part with [`Writer::wrote`], or end with [`Writer::failed`] or
    /// [`Writer::stalled`].
    Write(Batch),
    /// Sync, then report with [`Writer::synced`]. The owner `asked` for it with a mark, or it is the end's.
    Sync { metadata: bool, asked: bool },
    /// Open the next file, at this path or the same one, then report with [`Writer::reopened`].
    Reopen(Option<PathBuf>),
    /// Put what was written in its place, then report with [`Writer::committed`].
    Commit,
    /// Put the file aside and open the next one, then report with [`Writer::rotated`] or
    /// [`Writer::rotate_failed`].
    Rotate,
    /// Close, then report with [`Writer::closed`].
    Close,
    /// Tell the owner and ask again.
    Tell(Event),
    /// Nothing to do for now.
    Idle,
}

/// How far the bytes up to a position have come, for an owner that waits.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// The system has them all, or the stream is closed and nothing more will be written.
    Settled,
    /// So many bytes still wait for the system.
    Waiting(u64),
    /// The stream failed; so many bytes were dropped.
    Failed(SystemError, u64),
}

/// What came of an append.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Accepted {
    /// Bytes that wait for the system now.
    pub pending: u64,
    /// No driver is running and one is due: the caller starts it.
    pub start: bool,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Queue,
    phase: Phase,
    ending: Ending,
    /// A sync is due between the last byte and the end or the close.
    syncs_at_end: bool,
    /// An end puts what was written in its place. A close without an end does not.
    commits: bool,
    stall: Stall,
    driver: Driver,
    /// The driver may take bytes up to this position; behind it a batch is still being gathered.
    due: u64,
    /// Nothing behind this position will be written: the owner has dropped it.
    kept: u64,
    /// Tell the owner when this many bytes are completed.
    watch: Option<u64>,
    /// Why the stream failed.
    failure: Option<SystemError>,
    /// The descriptor of a stream whose owner has not heard of the open yet; see [`Self::opened_quietly`].
    untold_fd: Option<i32>,
    /// A panic that the owner may not have heard of: one can come while it has nothing to wait for.
    unheard: Option<SystemError>,
    /// It failed in a call of the owner's.
    has_failed_in_call: bool,
    /// When the file is put aside for a new one, if it ever is.
    rotation: Option<Rotation>,
    counters: Counters,
}

impl Writer {
    /// A stream that has accepted nothing. With `syncs_at_end` its end waits for `fsync`.
    pub(crate) fn new(origin: Origin, syncs_at_end: bool) -> Self {
        Self {
            queue: Queue::default(),
            phase: match origin {
                Origin::Path => Phase::Unopened,
                Origin::Descriptor => Phase::Open,
            },
            ending: Ending::None,
            syncs_at_end,
            commits: false,
            stall: Stall::None,
            driver: Driver::None,
            due: 0,
            kept: u64::MAX,
            watch: None,
            failure: None,
            untold_fd: None,
            unheard: None,
            has_failed_in_call: false,
            rotation: None,
            counters: Counters::default(),
        }
    }

    /// The same, and its end puts what was written in its place. The commit syncs, so that the end needs
    /// no sync of its own.
    pub(crate) fn committing(mut self) -> Self {
        self.commits = true;
        self.syncs_at_end = false;
        self
    }

    /// The stream goes through files, each of about so many bytes.
    pub(crate) fn rotating(mut self, rotation: Rotation) -> Self {
        if rotation.has_size() {
            self.queue.track_edges();
        }
        self.rotation = Some(rotation);
        self
    }

    fn may_take(&self) -> bool {
        self.queue.taken() < self.due
    }

    /// The same as [`Self::opened`]. Where a close is to come soon that tells of the open, too, so that a short file costs
    /// its owner one event. If something else has to be told before, [`Self::take_untold`] tells of the open.
    #[must_use]
    pub(crate) fn opened_quietly(&mut self, fd: i32) -> Option<Event> {
        let opened = self.opened(Ok(fd));
        let closes_soon = self.ending == Ending::EndAndClose && self.queue.pending() <= SOON_BYTES;
        if !closes_soon {
            return Some(opened);
        }
        self.untold_fd = Some(fd);
        None
    }

    /// The event of an open that has to be told before `event`.
    #[must_use]
    pub(crate) fn take_untold(&mut self, event: &Event) -> Option<Event> {
        let fd = self.untold_fd.take()?;
        (!matches!(event, Event::Closed { .. })).then_some(Event::Opened { fd })
    }

    /// The event that the owner has asked for with [`Self::watch`], if it is due.
    fn progress(&mut self) -> Option<Event> {
        let completed = self.queue.completed();
        let is_reached = self.watch.is_some_and(|watch| watch <= completed);
        let is_told = self.driver != Driver::Owner && self.phase != Phase::Closed;
        (is_reached && is_told).then(|| {
            self.watch = None;
            Event::Progress { completed }
        })
    }
}

#[cfg(test)]
mod tests;
