//! The owner's side of a stream: bytes and marks, who drives, and what to tell.

use std::time::Duration;

use super::{Accepted, Driver, Phase, START_BYTES, Writer};
use crate::writer::mark::Ending;
use crate::writer::{Event, Mark};

impl Writer {
    /// Takes a copy of one write. After an end, a close or a failure it is dropped; after a failure, of
    /// which the owner may not know yet, it goes on waiting.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Accepted {
        if self.ending == Ending::None {
            match self.phase {
                Phase::Failed { .. } => self.queue.drop_new(bytes.len()),
                _ => self.queue.append(bytes),
            }
        }
        self.accepted()
    }

    /// Lets the driver take all that was accepted so far. Returns whether one has to be started.
    #[must_use]
    pub(crate) fn flush(&mut self) -> bool {
        self.due = self.queue.accepted();
        self.start()
    }

    /// Puts a mark behind all that was accepted. After an end or a failure syncs and reopens are dropped:
    /// the owner knows that they will not be answered. Returns whether a driver has to be started.
    #[must_use]
    pub(crate) fn mark(&mut self, mark: Mark) -> bool {
        match mark {
            Mark::Sync { .. } | Mark::Reopen { .. } | Mark::Rotate => {
                if self.takes_marks() {
                    self.queue.mark(mark);
                }
                // A path is opened when the owner says so, not in the middle of the turn that makes the stream.
                if self.phase == Phase::Unopened && self.driver == Driver::None {
                    return false;
                }
            }
            Mark::End => self.ending = self.ending.max(Ending::End),
            Mark::EndAndClose => self.ending = self.ending.max(Ending::EndAndClose),
            Mark::Close => self.ending = Ending::Close,
        }
        self.flush()
    }

    /// The event of a panic, once more: the owner may have heard nothing while it had nothing to do.
    #[must_use]
    pub(crate) fn retell(&mut self) -> Option<Event> {
        let error = self.unheard.take()?;
        Some(Event::Failed { error })
    }

    /// Asks for one [`Event::Progress`] once `position` bytes are completed; a lower position wins.
    /// Returns the event if that is so already. Nothing comes after the close.
    #[must_use]
    pub(crate) fn watch(&mut self, position: u64) -> Option<Event> {
        self.watch = Some(self.watch.map_or(position, |watch| watch.min(position)));
        self.retell().or_else(|| self.progress())
    }

    /// Makes the owner the driver if it has bytes for the system and nothing is before them. It leaves
    /// with [`Self::passed`].
    #[must_use]
    pub(crate) fn claim(&mut self) -> bool {
        let is_free = self.driver == Driver::None && self.queue.pending() == 0;
        let is_writable = self.phase == Phase::Open && self.ending == Ending::None;
        let is_claimed = is_free && is_writable && self.queue.reached().is_none();
        if is_claimed {
            self.driver = Driver::Owner;
        }
        is_claimed
    }

    /// The owner, as the driver, gave `bytes` to the system, maybe none, and leaves. A write call took so long,
    /// if there was one.
    pub(crate) fn passed(&mut self, bytes: usize, elapsed: Option<Duration>) {
        self.driver = Driver::None;
        if bytes > 0 {
            self.counters.batches += 1;
        }
        if let Some(elapsed) = elapsed {
            self.counters.count_write(elapsed);
        }
        self.queue.pass(bytes);
        self.due = self.queue.accepted();
    }

    /// Makes the owner the driver of all that it has asked for, if there is any such thing and no other
    /// driver.
    #[must_use]
    pub(crate) fn claim_driver(&mut self) -> bool {
        self.due = self.queue.accepted();
        let is_claimed = self.driver == Driver::None && self.has_work();
        if is_claimed {
            self.driver = Driver::Owner;
        }
        is_claimed
    }

    /// The driver that is due runs on the owner's thread.
    pub(crate) fn drive_as_owner(&mut self) {
        debug_assert_eq!(self.driver, Driver::Worker);
        self.driver = Driver::Owner;
    }

    /// The owner's thread is done with driving. A driver that is not done goes on elsewhere: returns
    /// whether that is so.
    pub(crate) fn hand_to_worker(&mut self) -> bool {
        let goes_on = self.driver == Driver::Owner;
        if goes_on {
            self.driver = Driver::Worker;
        }
        goes_on
    }

    /// The event of what the owner did as the driver, if it needs one.
    #[must_use]
    pub(crate) fn driven_by_owner(&mut self) -> Option<Event> {
        self.progress()
    }

    /// Drops what the driver has not taken. Nobody waits for it any more.
    pub(crate) fn discard(&mut self) {
        self.kept = self.kept.min(self.queue.taken());
        self.queue.clear();
    }

    fn accepted(&mut self) -> Accepted {
        // A path is opened when the owner says so, not in the middle of the turn that makes the stream.
        let is_begun = self.phase != Phase::Unopened;
        let is_due = is_begun && self.queue.accepted() - self.due >= START_BYTES;
        Accepted {
            pending: self.queue.pending(),
            start: is_due && self.flush(),
        }
    }

    fn takes_marks(&self) -> bool {
        let is_failed = matches!(self.phase, Phase::Failed { .. } | Phase::Closed);
        self.ending == Ending::None && !is_failed
    }

    /// Makes a worker the driver if there is none and there is something to do.
    fn start(&mut self) -> bool {
        let start = self.driver == Driver::None && self.has_work();
        if start {
            self.driver = Driver::Worker;
        }
        start
    }
}
