//! What both sides may ask of a stream at any time.

use super::{Driver, Phase, Stall, Standing, Writer};
use crate::writer::mark::Ending;
use crate::writer::{Counters, SystemCall, SystemError};

impl Writer {
    /// Nothing is written any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(
            self.phase,
            Phase::Settled | Phase::Failed { .. } | Phase::Closing | Phase::Closed
        )
    }

    /// The owner wants to close: no waiting any more.
    pub(crate) fn is_closing(&self) -> bool {
        self.ending == Ending::Close
    }

    /// [`Self::next`] would not rest.
    pub(crate) fn has_work(&self) -> bool {
        match self.phase {
            Phase::Open => {
                self.may_take()
                    || self.queue.reached().is_some()
                    || self.stall == Stall::Over
                    || self.ending != Ending::None
            }
            Phase::Settled => self.ending >= Ending::EndAndClose,
            Phase::Failed { .. } => self.ending == Ending::Close,
            Phase::Closed => false,
            Phase::Unopened
            | Phase::Opening
            | Phase::Syncing { .. }
            | Phase::Reopening
            | Phase::Committing
            | Phase::Closing => true,
        }
    }

    /// Something else is to be done than to write, or so many bytes wait.
    pub(crate) fn has_more_than(&self, bytes: u64) -> bool {
        self.phase != Phase::Open
            || self.ending != Ending::None
            || self.queue.has_marks()
            || self.queue.pending() >= bytes
    }

    /// How far the bytes up to `position` have come. An end that commits, and a close instead of it, have
    /// to be carried out, too.
    pub(crate) fn standing(&self, position: u64) -> Standing {
        let last = match self.failure {
            Some(_) => position,
            None => position.min(self.kept),
        };
        let missing = last.saturating_sub(self.queue.completed());
        match (self.failure, self.phase) {
            (Some(error), _) if self.commits && self.ending != Ending::Close => {
                Standing::Failed(error, missing)
            }
            (None, _) if missing == 0 && self.will_commit() => Standing::Waiting(0),
            _ if self.will_remove() => Standing::Waiting(missing),
            _ if missing == 0 => Standing::Settled,
            (Some(error), _) => Standing::Failed(error, missing),
            (None, Phase::Closed) => Standing::Settled,
            (None, _) => Standing::Waiting(missing),
        }
    }

    /// The system call that comes next, for a stream that gets no thread to make it on.
    pub(crate) fn next_call(&self) -> SystemCall {
        match self.phase {
            Phase::Unopened | Phase::Opening | Phase::Reopening => SystemCall::Open,
            Phase::Syncing { .. } => SystemCall::Fsync,
            Phase::Committing => SystemCall::Rename,
            Phase::Settled | Phase::Failed { .. } | Phase::Closing | Phase::Closed => {
                SystemCall::Close
            }
            Phase::Open => SystemCall::Write,
        }
    }

    /// Why the stream failed.
    pub(crate) fn failure(&self) -> Option<SystemError> {
        self.failure
    }

    /// The stream failed in a call of the owner's, not behind its back.
    pub(crate) fn has_failed_in_call(&self) -> bool {
        self.has_failed_in_call
    }

    /// A driver is at work.
    pub(crate) fn is_driven(&self) -> bool {
        self.driver != Driver::None
    }

    /// Bytes the system took since the stream began.
    pub(crate) fn completed(&self) -> u64 {
        self.queue.completed()
    }

    /// Bytes that wait for the system.
    pub(crate) fn pending(&self) -> u64 {
        self.queue.pending()
    }

    /// Bytes accepted since the stream began.
    pub(crate) fn total(&self) -> u64 {
        self.queue.accepted()
    }

    /// What has been done so far.
    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// Only an end puts the new file in its place, and no end was requested yet.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.commits && self.ending == Ending::None
    }

    /// The end was asked for, and what was written is not in its place yet.
    fn will_commit(&self) -> bool {
        let is_ending = matches!(self.ending, Ending::End | Ending::EndAndClose);
        let is_before = matches!(
            self.phase,
            Phase::Unopened
                | Phase::Opening
                | Phase::Open
                | Phase::Syncing { .. }
                | Phase::Reopening
                | Phase::Committing
        );
        self.commits && is_ending && is_before
    }

    /// The close was asked for, and the temporary file may still be there.
    fn will_remove(&self) -> bool {
        self.commits && self.ending == Ending::Close && self.phase != Phase::Closed
    }
}
