//! The driver's side of a stream: what comes next, and how it went.

use std::time::Duration;

use bytes::Buf;

use super::{BATCH_BYTES, BATCH_CHUNKS, Driver, Phase, Stall, Step, Writer};
use crate::writer::batch::Batch;
use crate::writer::mark::Ending;
use crate::writer::rotation::{Fill, Rotation};
use crate::writer::{Event, Mark, SystemError};

impl Writer {
    /// The next step. After [`Step::Idle`] the caller is still the driver.
    pub(crate) fn next(&mut self) -> Step {
        match self.phase {
            Phase::Unopened => self.enter(Phase::Opening, Step::Open),
            Phase::Open => self.next_open(),
            Phase::Settled => match self.ending {
                Ending::EndAndClose | Ending::Close => self.enter(Phase::Closing, Step::Close),
                Ending::None | Ending::End => Step::Idle,
            },
            Phase::Failed { open } => match self.ending {
                Ending::Close if open => self.enter(Phase::Closing, Step::Close),
                Ending::Close => {
                    self.enter(Phase::Closed, Step::Tell(Event::Closed { error: None }))
                }
                Ending::None | Ending::End | Ending::EndAndClose => Step::Idle,
            },
            Phase::Closed => Step::Idle,
            Phase::Opening
            | Phase::Syncing { .. }
            | Phase::Reopening
            | Phase::Committing
            | Phase::Closing => unreachable!("the driver asked again before it reported"),
        }
    }

    /// What was handed over is done with: first what stands right behind it, then what follows.
    fn next_open(&mut self) -> Step {
        if self.stall == Stall::Over {
            self.stall = Stall::None;
            return Step::Tell(Event::Recovered);
        }
        match self.queue.reached() {
            Some(Mark::Sync { .. }) => {
                let (syncs, metadata) = self.queue.take_syncs();
                let asked = true;
                return self.enter(Phase::Syncing { syncs }, Step::Sync { metadata, asked });
            }
            Some(Mark::Reopen { .. }) => {
                if let Some(Mark::Reopen { path }) = self.queue.take_barrier() {
                    return self.enter(Phase::Reopening, Step::Reopen(path));
                }
            }
            Some(Mark::Rotate) => {
                self.queue.take_barrier();
                if self.rotation.as_mut().is_some_and(Rotation::begin_if_used) {
                    return self.enter(Phase::Reopening, Step::Rotate);
                }
                return self.next_open();
            }
            Some(Mark::End | Mark::EndAndClose | Mark::Close) | None => {}
        }
        if self.may_take() {
            return self.next_write();
        }
        match self.ending {
            Ending::None => Step::Idle,
            Ending::End | Ending::EndAndClose | Ending::Close if self.syncs_at_end => {
                self.syncs_at_end = false;
                let (metadata, asked) = (true, false);
                self.enter(Phase::Syncing { syncs: 0 }, Step::Sync { metadata, asked })
            }
            Ending::End | Ending::EndAndClose if self.commits => {
                self.enter(Phase::Committing, Step::Commit)
            }
            Ending::End => self.enter(Phase::Settled, Step::Tell(Event::Finished)),
            Ending::EndAndClose | Ending::Close => self.enter(Phase::Closing, Step::Close),
        }
    }

    fn next_write(&mut self) -> Step {
        let mut end = None;
        if let Some(rotation) = &mut self.rotation {
            if !self.queue.is_within_write() && rotation.begin_if_due(self.queue.next_write()) {
                return self.enter(Phase::Reopening, Step::Rotate);
            }
            end = rotation
                .room()
                .and_then(|room| self.queue.edge_within(room));
        }
        let batch = self.queue.take(BATCH_BYTES, BATCH_CHUNKS, end);
        if let Some(rotation) = &mut self.rotation {
            rotation.took(batch.remaining() as u64);
        }
        self.counters.batches += 1;
        Step::Write(batch)
    }

    /// The rest of a batch, which can't be written without waiting, waits here for a driver that may wait.
    pub(crate) fn put_back(&mut self, batch: Batch) {
        if let Some(rotation) = &mut self.rotation {
            rotation.put_back(batch.remaining() as u64);
        }
        // After a failure or a close nothing is written any more.
        if self.phase == Phase::Open {
            self.queue.put_back(batch);
        }
    }

    /// What is in the file that was opened.
    pub(crate) fn found(&mut self, fill: Fill) {
        if let Some(rotation) = &mut self.rotation {
            rotation.found(fill);
        }
    }

    /// The driver leaves. There is no event, because the owner has not asked for one with [`Self::watch`]: a
    /// busy stream would wake it each time.
    pub(crate) fn leave(&mut self) {
        self.driver = Driver::None;
    }

    /// The result of [`Step::Open`]: the descriptor's number, or why there is none.
    pub(crate) fn opened(&mut self, result: Result<i32, SystemError>) -> Event {
        debug_assert_eq!(self.phase, Phase::Opening);
        match result {
            Ok(fd) => {
                self.phase = Phase::Open;
                Event::Opened { fd }
            }
            Err(error) => self.fail(error, false),
        }
    }

    /// A write call took so long, whatever came of it.
    pub(crate) fn called(&mut self, elapsed: Duration) {
        self.counters.count_write(elapsed);
    }

    /// The system took `bytes` of the batch.
    #[must_use]
    pub(crate) fn wrote(&mut self, bytes: usize) -> Option<Event> {
        self.queue.complete(bytes);
        if self.stall == Stall::Told {
            self.stall = Stall::Over;
        }
        self.progress()
    }

    /// The system refused the batch for now. It waits again, before all others, until the driver asks for
    /// the next step. The owner gets one event.
    #[must_use]
    pub(crate) fn stalled(&mut self, batch: Batch, error: SystemError) -> Option<Event> {
        self.put_back(batch);
        let was_told = self.stall != Stall::None;
        self.stall = Stall::Told;
        (!was_told).then_some(Event::Stalled { error })
    }

    /// The batch can't be written. What waits behind it is dropped too. A stream fails only once,
    /// and not after it is closed.
    #[must_use]
    pub(crate) fn failed(&mut self, error: SystemError) -> Option<Event> {
        match self.phase {
            Phase::Failed { .. } | Phase::Closed => None,
            Phase::Unopened | Phase::Opening => Some(self.fail(error, false)),
            Phase::Open
            | Phase::Syncing { .. }
            | Phase::Reopening
            | Phase::Committing
            | Phase::Settled
            | Phase::Closing => Some(self.fail(error, true)),
        }
    }

    /// The same after a call of the owner failed in the middle: its bytes are lost, so no event may
    /// report that all is written.
    #[must_use]
    pub(crate) fn failed_in_call(&mut self, error: SystemError) -> Option<Event> {
        match self.phase {
            Phase::Failed { .. } | Phase::Closed => {}
            _ => self.queue.lose(),
        }
        let event = self.failed(error);
        self.has_failed_in_call |= event.is_some();
        event
    }

    /// The result of [`Step::Sync`]. One that failed fails the stream: the system may have forgotten the
    /// bytes, so that another would only seem to succeed.
    #[must_use]
    pub(crate) fn synced(
        &mut self,
        result: Result<(), SystemError>,
        elapsed: Duration,
    ) -> Option<Event> {
        self.counters.count_sync(elapsed);
        let Phase::Syncing { syncs } = self.phase else {
            unreachable!("the driver reported a sync that it was not told to make")
        };
        if let Err(error) = result {
            return Some(self.fail(error, true));
        }
        self.phase = Phase::Open;
        (syncs > 0).then_some(Event::Synced { syncs })
    }

    /// The sink has no sync: no later one will be answered better, and the stream goes on.
    pub(crate) fn unsyncable(&mut self, elapsed: Duration) -> Event {
        self.counters.count_sync(elapsed);
        let Phase::Syncing { syncs } = self.phase else {
            unreachable!("the driver reported a sync that it was not told to make")
        };
        self.phase = Phase::Open;
        Event::Unsyncable { syncs }
    }

    /// The result of [`Step::Reopen`]. After a failure the old file goes on.
    pub(crate) fn reopened(&mut self, result: Result<i32, SystemError>) -> Event {
        debug_assert_eq!(self.phase, Phase::Reopening);
        self.phase = Phase::Open;
        Event::Reopened { result }
    }

    /// The result of [`Step::Commit`]. Where the owner wants the close, too, that answers both.
    #[must_use]
    pub(crate) fn committed(&mut self, result: Result<(), SystemError>) -> Option<Event> {
        debug_assert_eq!(self.phase, Phase::Committing);
        if let Err(error) = result {
            return Some(self.fail(error, true));
        }
        self.phase = Phase::Settled;
        (self.ending == Ending::End).then_some(Event::Finished)
    }

    /// [`Step::Rotate`] put the file aside, and later bytes go to a new one.
    pub(crate) fn rotated(&mut self, fd: i32, stamp_ms: u64) -> Event {
        debug_assert_eq!(self.phase, Phase::Reopening);
        self.phase = Phase::Open;
        Event::Rotated { fd, stamp_ms }
    }

    /// [`Step::Rotate`] failed: the old file goes on.
    pub(crate) fn rotate_failed(&mut self, error: SystemError) -> Event {
        debug_assert_eq!(self.phase, Phase::Reopening);
        self.phase = Phase::Open;
        if let Some(rotation) = &mut self.rotation {
            rotation.failed();
        }
        Event::RotateFailed { error }
    }

    /// [`Step::Rotate`] found that the path does not name the file any more, and opened what it names.
    pub(crate) fn moved(&mut self, result: Result<i32, SystemError>) -> Event {
        if self.phase == Phase::Reopening {
            self.phase = Phase::Open;
        }
        Event::Moved { result }
    }

    /// The result of [`Step::Close`].
    pub(crate) fn closed(&mut self, result: Result<(), SystemError>) -> Event {
        debug_assert_eq!(self.phase, Phase::Closing);
        self.phase = Phase::Closed;
        Event::Closed {
            error: result.err(),
        }
    }

    /// The bytes that the driver could not write without waiting, and all behind them, are given
    /// up, because the owner wants to close.
    pub(crate) fn give_up(&mut self) {
        debug_assert!(self.is_closing());
        self.queue.clear();
    }

    fn enter(&mut self, phase: Phase, step: Step) -> Step {
        self.phase = phase;
        step
    }

    fn fail(&mut self, error: SystemError, open: bool) -> Event {
        self.phase = Phase::Failed { open };
        self.failure = Some(error);
        self.unheard = (error.errno == SystemError::PANIC).then_some(error);
        self.has_failed_in_call = self.driver == Driver::Owner;
        self.stall = Stall::None;
        self.queue.clear();
        Event::Failed { error }
    }
}
