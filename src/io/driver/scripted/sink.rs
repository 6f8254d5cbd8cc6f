//! A sink that does what a test wrote down.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Outcome, Record};
use crate::io::sink::{Failure, Sink};
use crate::writer::SystemCall;

/// The descriptor's number after a successful open.
pub(crate) const FD: i32 = 7;

/// The descriptor's number after a reopen.
pub(crate) const NEXT_FD: i32 = 8;

/// A call that the driver made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Open,
    /// A write that was given so many bytes.
    Write(usize),
    /// A wait for writability.
    Wait,
    /// An `fsync`, or without the metadata an `fdatasync`.
    Sync,
    SyncData,
    Reopen,
    Commit,
    Close,
}

/// See the module's text.
#[derive(Default)]
pub(crate) struct ScriptedSink {
    opens: VecDeque<Outcome>,
    pub(crate) writes: VecDeque<Outcome>,
    waits: VecDeque<Outcome>,
    syncs: VecDeque<Outcome>,
    reopens: VecDeque<Outcome>,
    commits: VecDeque<Outcome>,
    closes: VecDeque<Outcome>,
    answers_soon: bool,
    pub(crate) calls: Arc<Record<Call>>,
    pub(crate) bytes: Arc<Mutex<Vec<u8>>>,
}

impl ScriptedSink {
    /// A sink whose calls all succeed.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Its calls return in bounded time.
    pub(crate) fn answering_soon(mut self) -> Self {
        self.answers_soon = true;
        self
    }

    /// Writes the script of `open`.
    pub(crate) fn opens(mut self, outcome: Outcome) -> Self {
        self.opens.push_back(outcome);
        self
    }

    /// Writes the script of `write`.
    pub(crate) fn writes(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.writes.extend(outcomes);
        self
    }

    /// Writes the script of `writable`.
    pub(crate) fn waits(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.waits.extend(outcomes);
        self
    }

    /// Writes the script of `sync`.
    pub(crate) fn syncs(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.syncs.extend(outcomes);
        self
    }

    /// Writes the script of `reopen`.
    pub(crate) fn reopens(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.reopens.extend(outcomes);
        self
    }

    /// Writes the script of `commit`.
    pub(crate) fn commits(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.commits.extend(outcomes);
        self
    }

    /// Writes the script of `close`.
    pub(crate) fn closes(mut self, outcome: Outcome) -> Self {
        self.closes.push_back(outcome);
        self
    }
}

fn next(script: &mut VecDeque<Outcome>) -> Outcome {
    script.pop_front().unwrap_or(Outcome::All)
}

impl Sink for ScriptedSink {
    fn open(&mut self) -> Result<i32, Failure> {
        self.calls.push(Call::Open);
        let result = next(&mut self.opens).carry_out().map(|_| FD);
        result.map_err(Failure::of(SystemCall::Open))
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let given: usize = slices.iter().map(|slice| slice.len()).sum();
        assert!(given > 0, "nothing is never written");
        self.calls.push(Call::Write(given));
        let taken = next(&mut self.writes).carry_out()?.min(given);
        let bytes = slices.iter().flat_map(|slice| slice.iter());
        self.bytes.lock().extend(bytes.take(taken));
        Ok(taken)
    }

    fn answers_soon(&self) -> bool {
        self.answers_soon
    }

    async fn writable(&mut self) -> io::Result<()> {
        self.calls.push(Call::Wait);
        let outcome = match next(&mut self.waits) {
            Outcome::Held(gate, then) => {
                gate.passed().await;
                *then
            }
            outcome => outcome,
        };
        outcome.carry_out().map(drop)
    }

    fn sync(&mut self, metadata: bool, _: bool) -> Result<(), Failure> {
        let (call, name) = if metadata {
            (Call::Sync, SystemCall::Fsync)
        } else {
            (Call::SyncData, SystemCall::Fdatasync)
        };
        self.calls.push(call);
        let result = next(&mut self.syncs).carry_out().map(drop);
        result.map_err(Failure::of(name))
    }

    fn reopen(&mut self, _: Option<&Path>) -> io::Result<i32> {
        self.calls.push(Call::Reopen);
        next(&mut self.reopens).carry_out().map(|_| NEXT_FD)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.calls.push(Call::Commit);
        let result = next(&mut self.commits).carry_out().map(drop);
        result.map_err(Failure::of(SystemCall::Rename))
    }

    fn close(&mut self) -> io::Result<()> {
        self.calls.push(Call::Close);
        next(&mut self.closes).carry_out().map(drop)
    }
}
