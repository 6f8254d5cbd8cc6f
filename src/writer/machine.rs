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

use std::path::PathBuf;
use std::time::Duration;

use bytes::Buf;

use super::batch::Batch;
use super::mark::Ending;
use super::queue::Queue;
use super::rotation::{Fill, Rotation};
use super::{Counters, Event, Mark, SystemCall, SystemError};

/// How many bytes one batch has at most, give or take a chunk: half of the default buffer, so that the
/// owner fills one half while the system takes the other.
pub(crate) const BATCH_BYTES: usize = 512 * 1024;

/// How many chunks one batch has at most: all go to the system in one call.
pub(crate) const BATCH_CHUNKS: usize = 64;

/// In the middle of a turn the driver is given bytes once there are so many: a wake-up costs the
/// JavaScript thread several microseconds.
const START_BYTES: u64 = 256 * 1024;

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
    /// Tell the owner when this many bytes are completed.
    watch: Option<u64>,
    /// Why the stream failed.
    failure: Option<SystemError>,
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
            watch: None,
            failure: None,
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

    // The owner's side.

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

    /// Asks for one [`Event::Progress`] once `position` bytes are completed; a lower position wins.
    /// Returns the event if that is so already. Nothing comes after the close.
    #[must_use]
    pub(crate) fn watch(&mut self, position: u64) -> Option<Event> {
        self.watch = Some(self.watch.map_or(position, |watch| watch.min(position)));
        self.progress()
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

    /// Drops what the driver has not taken.
    pub(crate) fn discard(&mut self) {
        self.queue.clear();
    }

    // The driver's side.

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
        self.failed(error)
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

    // Questions.

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

    /// How far the bytes up to `position` have come. An end that commits, and a close instead of it, have
    /// to be carried out, too.
    pub(crate) fn standing(&self, position: u64) -> Standing {
        let missing = position.saturating_sub(self.queue.completed());
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

    // Helpers.

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

    /// Makes a worker the driver if there is none and there is something to do.
    fn start(&mut self) -> bool {
        let start = self.driver == Driver::None && self.has_work();
        if start {
            self.driver = Driver::Worker;
        }
        start
    }

    fn may_take(&self) -> bool {
        self.queue.taken() < self.due
    }

    fn enter(&mut self, phase: Phase, step: Step) -> Step {
        self.phase = phase;
        step
    }

    fn fail(&mut self, error: SystemError, open: bool) -> Event {
        self.phase = Phase::Failed { open };
        self.failure = Some(error);
        self.has_failed_in_call = self.driver == Driver::Owner;
        self.stall = Stall::None;
        self.queue.clear();
        Event::Failed { error }
    }

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
