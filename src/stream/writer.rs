//! The life of a write stream: what it may do next, and what its owner must be told.
//!
//! Two parties use a [`Writer`], each under the lock of its owner. The JavaScript thread appends
//! bytes and says what it wants; the one driver asks for the next [`Step`], carries it out without
//! the lock, and reports how it went. The machine itself never opens, writes, wakes or emits: it
//! returns what has to be done.
//!
//! ```text
//! Unopened ─open→ Opening ─ok→ Open ─(fsync)→ Settled ─close→ Closing → Closed
//!                    └─err→ Failed ◄─err─┘ (write, fsync)  ─close→┘
//! ```

use super::chunk::Batch;
use super::{Event, Queue, SystemCall, SystemError};

/// How many bytes one system call is given at most, give or take a chunk: half of the default
/// buffer, so that the owner fills one half while the system takes the other.
pub const BATCH_BYTES: usize = 512 * 1024;

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
    /// The driver is in `fsync`, after the last byte.
    Syncing,
    /// All bytes are written, and synced where that was asked for.
    Settled,
    /// A call failed. `open` tells whether there is a descriptor to close.
    Failed { open: bool },
    /// The driver is in `close`.
    Closing,
    /// The end of every stream.
    Closed,
}

/// What the owner wants of the stream; it only ever grows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Want {
    /// More may come.
    Write,
    /// Nothing more comes: write the rest, sync if asked for, and tell.
    End,
    /// The same, but close then, which tells the end as well.
    EndAndClose,
    /// Close as soon as what was accepted is written, as far as that needs no waiting.
    Close,
}

/// Whether a stream begins with a descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The driver opens a path.
    Path,
    /// The descriptor was handed in open.
    Descriptor,
}

/// What the driver does next.
#[must_use]
#[derive(Debug)]
pub enum Step {
    /// Open, then report with [`Writer::opened`].
    Open,
    /// Write the batch, report each part with [`Writer::wrote`] or end with [`Writer::failed`].
    Write(Batch),
    /// Sync, then report with [`Writer::synced`].
    Sync,
    /// Close, then report with [`Writer::closed`].
    Close,
    /// Tell the owner and ask again.
    Tell(Event),
    /// Nothing to do, but more bytes may come at any moment.
    Rest,
    /// Nothing to do, and no more bytes come.
    Leave,
}

/// How far the bytes up to a position have come, for an owner that waits.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
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
pub struct Accepted {
    /// Bytes that wait for the system now.
    pub pending: u64,
    /// No driver is running and one is due: the caller starts it.
    pub start: bool,
}

/// See the module's text.
#[derive(Debug)]
pub struct Writer {
    queue: Queue,
    phase: Phase,
    want: Want,
    /// Sync before the end is told, and before a close without an end.
    flush: bool,
    /// A driver is running or about to; there is never a second one.
    driven: bool,
    /// The driver may take bytes up to this position; behind it a batch is still being gathered.
    due: u64,
    /// Tell the owner when this many bytes are completed.
    watch: Option<u64>,
    /// The owner itself is driving and will look at the count when it is done.
    attended: bool,
    /// Why the stream failed.
    failure: Option<SystemError>,
}

impl Writer {
    /// A stream that has accepted nothing. With `flush` its end waits for `fsync`.
    pub fn new(origin: Origin, flush: bool) -> Self {
        Self {
            queue: Queue::default(),
            phase: match origin {
                Origin::Path => Phase::Unopened,
                Origin::Descriptor => Phase::Open,
            },
            want: Want::Write,
            flush,
            driven: false,
            due: 0,
            watch: None,
            attended: false,
            failure: None,
        }
    }

    // The owner's side.

    /// Takes a copy of `bytes`. After an end, a close or a failure they are dropped; after a failure,
    /// of which the owner may not know yet, they go on waiting.
    pub fn append(&mut self, bytes: &[u8]) -> Accepted {
        if self.want == Want::Write {
            match self.phase {
                Phase::Failed { .. } => self.queue.drop_new(bytes.len()),
                _ => self.queue.append(bytes),
            }
        }
        self.accepted()
    }

    /// Lets the driver take all that was accepted so far. Returns whether one has to be started.
    #[must_use]
    pub fn flush(&mut self) -> bool {
        self.due = self.queue.accepted();
        self.start()
    }

    /// Asks for one [`Event::Progress`] once `position` bytes are completed; a lower position wins.
    /// Returns the event if that is so already. Nothing comes after the close.
    #[must_use]
    pub fn watch(&mut self, position: u64) -> Option<Event> {
        self.watch = Some(self.watch.map_or(position, |watch| watch.min(position)));
        self.progress()
    }

    /// Claims the driver's place for an owner that has bytes for the system and nothing before them.
    /// It leaves with [`Self::passed`].
    #[must_use]
    pub fn claim(&mut self) -> bool {
        let is_free = !self.driven && self.queue.pending() == 0;
        let claimed = is_free && self.phase == Phase::Open && self.want == Want::Write;
        self.driven |= claimed;
        claimed
    }

    /// The owner, in the driver's place, gave `bytes` to the system, and leaves.
    pub fn passed(&mut self, bytes: usize) {
        self.driven = false;
        self.queue.pass(bytes);
        self.due = self.queue.accepted();
    }

    /// The owner begins to drive; it is told of no progress until [`Self::look`].
    pub fn attend(&mut self) {
        self.attended = true;
    }

    /// The owner drives no more and looks at the count.
    pub fn look(&mut self) {
        self.attended = false;
    }

    /// Drops what the driver has not taken.
    pub fn discard(&mut self) {
        self.queue.clear();
    }

    /// Nothing more comes. Returns whether a driver has to be started.
    #[must_use]
    pub fn end(&mut self) -> bool {
        self.want(Want::End)
    }

    /// Nothing more comes: close once all is written, and synced where that was asked for. After a
    /// failure the owner still has to ask for the close. Returns whether a driver has to be started.
    #[must_use]
    pub fn end_and_close(&mut self) -> bool {
        self.want(Want::EndAndClose)
    }

    /// Close; bytes that the system takes without waiting are still written. Returns whether a
    /// driver has to be started.
    #[must_use]
    pub fn close(&mut self) -> bool {
        self.want(Want::Close)
    }

    // The driver's side.

    /// The next step. After [`Step::Rest`] and [`Step::Leave`] the caller is still the driver.
    pub fn next(&mut self) -> Step {
        match (self.phase, self.want) {
            (Phase::Unopened, _) => self.enter(Phase::Opening, Step::Open),
            (Phase::Open, _) if self.may_take() => Step::Write(self.queue.take(BATCH_BYTES)),
            (Phase::Open, Want::End | Want::EndAndClose | Want::Close) if self.flush => {
                self.enter(Phase::Syncing, Step::Sync)
            }
            (Phase::Open, Want::End) => self.enter(Phase::Settled, Step::Tell(Event::Finished)),
            (Phase::Open | Phase::Settled, Want::EndAndClose | Want::Close)
            | (Phase::Failed { open: true }, Want::Close) => {
                self.enter(Phase::Closing, Step::Close)
            }
            (Phase::Failed { open: false }, Want::Close) => {
                self.enter(Phase::Closed, Step::Tell(Event::Closed { error: None }))
            }
            (Phase::Open, Want::Write) => Step::Rest,
            (Phase::Settled, Want::Write | Want::End)
            | (Phase::Failed { .. }, Want::Write | Want::End | Want::EndAndClose)
            | (Phase::Closed, _) => Step::Leave,
            (Phase::Opening | Phase::Syncing | Phase::Closing, _) => {
                unreachable!("the driver asked again before it reported")
            }
        }
    }

    /// The driver leaves. The owner, who has not asked for this with [`Self::watch`], is not told: a
    /// stream that goes on would wake it each time.
    pub fn leave(&mut self) {
        self.driven = false;
    }

    /// The result of [`Step::Open`]: the descriptor's number, or why there is none.
    pub fn opened(&mut self, result: Result<i32, SystemError>) -> Event {
        debug_assert_eq!(self.phase, Phase::Opening);
        match result {
            Ok(fd) => {
                self.phase = Phase::Open;
                Event::Opened { fd }
            }
            Err(error) => self.fail(error, false),
        }
    }

    /// The system took `bytes` of the batch.
    #[must_use]
    pub fn wrote(&mut self, bytes: usize) -> Option<Event> {
        self.queue.complete(bytes);
        self.progress()
    }

    /// The batch can't be written. What waits behind it is dropped too. A stream fails only once,
    /// and not after it is closed.
    #[must_use]
    pub fn failed(&mut self, error: SystemError) -> Option<Event> {
        match self.phase {
            Phase::Failed { .. } | Phase::Closed => None,
            Phase::Unopened | Phase::Opening => Some(self.fail(error, false)),
            Phase::Open | Phase::Syncing | Phase::Settled | Phase::Closing => {
                Some(self.fail(error, true))
            }
        }
    }

    /// The result of [`Step::Sync`].
    #[must_use]
    pub fn synced(&mut self, result: Result<(), SystemError>) -> Option<Event> {
        debug_assert_eq!(self.phase, Phase::Syncing);
        if let Err(error) = result {
            return Some(self.fail(error, true));
        }
        self.phase = Phase::Settled;
        (self.want == Want::End).then_some(Event::Finished)
    }

    /// The result of [`Step::Close`].
    pub fn closed(&mut self, result: Result<(), SystemError>) -> Event {
        debug_assert_eq!(self.phase, Phase::Closing);
        self.phase = Phase::Closed;
        Event::Closed {
            error: result.err(),
        }
    }

    /// The bytes that the driver could not write without waiting, and all behind them, are given
    /// up, because the owner wants to close.
    pub fn give_up(&mut self) {
        debug_assert!(self.is_closing());
        self.queue.clear();
    }

    // Questions.

    /// The owner wants to close: no waiting any more.
    pub fn is_closing(&self) -> bool {
        self.want == Want::Close
    }

    /// [`Self::next`] would not rest.
    pub fn has_work(&self) -> bool {
        match (self.phase, self.want) {
            (Phase::Open, Want::Write) => self.may_take(),
            (Phase::Settled, want) => want >= Want::EndAndClose,
            (Phase::Failed { .. }, want) => want == Want::Close,
            (Phase::Closed, _) => false,
            (Phase::Unopened | Phase::Opening | Phase::Syncing | Phase::Closing, _)
            | (Phase::Open, Want::End | Want::EndAndClose | Want::Close) => true,
        }
    }

    /// How far the bytes up to `position` have come.
    pub fn standing(&self, position: u64) -> Standing {
        let missing = position.saturating_sub(self.queue.completed());
        match (self.failure, self.phase) {
            _ if missing == 0 => Standing::Settled,
            (Some(error), _) => Standing::Failed(error, missing),
            (None, Phase::Closed) => Standing::Settled,
            (None, _) => Standing::Waiting(missing),
        }
    }

    /// The system call that comes next, for a stream that gets no thread to make it on.
    pub fn next_call(&self) -> SystemCall {
        match self.phase {
            Phase::Unopened | Phase::Opening => SystemCall::Open,
            Phase::Syncing => SystemCall::Fsync,
            Phase::Settled | Phase::Failed { .. } | Phase::Closing | Phase::Closed => {
                SystemCall::Close
            }
            Phase::Open => SystemCall::Write,
        }
    }

    /// Bytes the system took since the stream began.
    pub fn completed(&self) -> u64 {
        self.queue.completed()
    }

    /// Bytes that wait for the system.
    pub fn pending(&self) -> u64 {
        self.queue.pending()
    }

    /// Bytes accepted since the stream began.
    pub fn total(&self) -> u64 {
        self.queue.accepted()
    }

    // Helpers.

    fn accepted(&mut self) -> Accepted {
        let due = self.queue.accepted() - self.due >= START_BYTES;
        Accepted {
            pending: self.queue.pending(),
            start: due && self.flush(),
        }
    }

    fn want(&mut self, want: Want) -> bool {
        self.want = self.want.max(want);
        self.flush()
    }

    /// Claims the driver's place if it is free and there is something to do in it.
    fn start(&mut self) -> bool {
        let start = !self.driven && self.has_work();
        self.driven |= start;
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
        self.queue.clear();
        Event::Failed { error }
    }

    fn progress(&mut self) -> Option<Event> {
        let completed = self.queue.completed();
        let reached = self.watch.is_some_and(|watch| watch <= completed);
        (reached && !self.attended && self.phase != Phase::Closed).then(|| {
            self.watch = None;
            Event::Progress { completed }
        })
    }
}

#[cfg(test)]
mod tests;
