//! What tests of the driver need: a sink that does what the test wrote down, a listener and a log
//! that can be waited for, and engines that run the driver where the test wants it. Nothing here
//! sleeps; a wait that takes too long fails the test.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Semaphore;

use super::Left;
use crate::io::engine::Engine;
use crate::io::retry::Retry;
use crate::io::sink::{Failure, Sink};
use crate::io::stream::Stream;
use crate::io::threads::Outlook;
use crate::writer::{Event, Listener, SystemCall, Writer};

/// How long a test waits for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The descriptor's number after a successful open.
pub const FD: i32 = 7;

/// The descriptor's number after a reopen.
pub const NEXT_FD: i32 = 8;

/// What one call does.
pub enum Outcome {
    /// Success; a write takes all that it is given. So do calls that the script does not mention.
    All,
    /// A write takes at most so many bytes.
    Accept(usize),
    /// The call fails.
    Fail(io::Error),
    /// The call panics, without the hook's message on the terminal.
    Panic,
    /// The call does not return before the test opens the gate.
    Held(Gate, Box<Outcome>),
    /// Success, after the owner did this during the call.
    During(Box<dyn FnOnce() + Send>),
}

impl Outcome {
    /// A failure by its kind.
    pub fn kind(kind: io::ErrorKind) -> Self {
        Self::Fail(kind.into())
    }

    /// A failure by its number.
    pub fn errno(errno: i32) -> Self {
        Self::Fail(io::Error::from_raw_os_error(errno))
    }

    /// Success, once `gate` is open.
    pub fn held(gate: &Gate) -> Self {
        Self::Held(gate.clone(), Box::new(Self::All))
    }

    /// Returns how many bytes a write takes.
    fn carry_out(self) -> io::Result<usize> {
        match self {
            Self::All => Ok(usize::MAX),
            Self::Accept(bytes) => Ok(bytes),
            Self::Fail(error) => Err(error),
            Self::Panic => resume_unwind(Box::new("scripted")),
            Self::Held(gate, then) => {
                gate.pass();
                then.carry_out()
            }
            Self::During(act) => {
                act();
                Ok(usize::MAX)
            }
        }
    }
}

/// Holds a call up until the test opens it.
#[derive(Clone, Debug)]
pub struct Gate {
    thread: Arc<(Mutex<bool>, Condvar)>,
    /// Closed when the gate is open: then nobody waits for a permit.
    task: Arc<Semaphore>,
}

impl Gate {
    /// A gate that is shut.
    pub fn shut() -> Self {
        Self {
            thread: Arc::default(),
            task: Arc::new(Semaphore::new(0)),
        }
    }

    /// Lets the call go on.
    pub fn open(&self) {
        *self.thread.0.lock() = true;
        self.thread.1.notify_all();
        self.task.close();
    }

    fn pass(&self) {
        let (is_open, opened) = &*self.thread;
        opened.wait_while(&mut is_open.lock(), |is_open| !*is_open);
    }

    async fn passed(&self) {
        let closed = self.task.acquire().await;
        assert!(closed.is_err(), "a gate has no permits");
    }
}

/// A call that the driver made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Call {
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

/// A list that grows, and can be waited for.
#[derive(Debug)]
pub struct Record<T> {
    items: Mutex<Vec<T>>,
    grown: Condvar,
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Self {
            items: Mutex::default(),
            grown: Condvar::new(),
        }
    }
}

impl<T: Copy + std::fmt::Debug> Record<T> {
    fn push(&self, item: T) {
        self.items.lock().push(item);
        self.grown.notify_all();
    }

    /// All that there is.
    pub fn all(&self) -> Vec<T> {
        self.items.lock().clone()
    }

    /// Waits for an item that is `wanted` and returns the first one.
    pub fn wait(&self, wanted: impl Fn(&T) -> bool) -> T {
        let mut items = self.items.lock();
        self.grown
            .wait_while_for(&mut items, |items| !items.iter().any(&wanted), PATIENCE);
        let found = items.iter().copied().find(|item| wanted(item));
        found.unwrap_or_else(|| panic!("did not come, only {items:?}"))
    }
}

/// A listener that remembers.
pub type Recorder = Record<Event>;

impl Listener for Recorder {
    fn notify(&self, _: u64, event: Event) {
        self.push(event);
    }
}

impl Recorder {
    /// All events but progress, which may be told in one step or in several.
    pub fn milestones(&self) -> Vec<Event> {
        let mut events = self.all();
        events.retain(|event| !matches!(event, Event::Progress { .. }));
        events
    }

    /// The counts that were told.
    pub fn progress(&self) -> Vec<u64> {
        let completed = |event| match event {
            Event::Progress { completed } => Some(completed),
            _ => None,
        };
        self.all().into_iter().filter_map(completed).collect()
    }

    /// Waits for the end of all writing.
    pub fn wait_finished(&self) {
        self.wait(|event| *event == Event::Finished);
    }

    /// Waits for the end of the stream.
    pub fn wait_closed(&self) {
        self.wait(|event| matches!(event, Event::Closed { .. }));
    }
}

/// See the module's text.
#[derive(Default)]
pub struct ScriptedSink {
    opens: VecDeque<Outcome>,
    writes: VecDeque<Outcome>,
    waits: VecDeque<Outcome>,
    syncs: VecDeque<Outcome>,
    reopens: VecDeque<Outcome>,
    commits: VecDeque<Outcome>,
    closes: VecDeque<Outcome>,
    calls: Arc<Record<Call>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl ScriptedSink {
    /// A sink whose calls all succeed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the script of `open`.
    pub fn opens(mut self, outcome: Outcome) -> Self {
        self.opens.push_back(outcome);
        self
    }

    /// Writes the script of `write`.
    pub fn writes(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.writes.extend(outcomes);
        self
    }

    /// Writes the script of `writable`.
    pub fn waits(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.waits.extend(outcomes);
        self
    }

    /// Writes the script of `sync`.
    pub fn syncs(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.syncs.extend(outcomes);
        self
    }

    /// Writes the script of `reopen`.
    pub fn reopens(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.reopens.extend(outcomes);
        self
    }

    /// Writes the script of `commit`.
    pub fn commits(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.commits.extend(outcomes);
        self
    }

    /// Writes the script of `close`.
    pub fn closes(mut self, outcome: Outcome) -> Self {
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

/// A stream over a scripted sink, and all that can be known about it.
pub struct Rig {
    pub stream: Arc<Stream>,
    pub events: Arc<Recorder>,
    pub calls: Arc<Record<Call>>,
    /// How often a driver was started.
    starts: Arc<AtomicUsize>,
    sink: Arc<Mutex<ScriptedSink>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Rig {
    /// The driver runs when the test calls [`Self::drive`].
    pub fn manual(writer: Writer, sink: ScriptedSink) -> Self {
        Self::new(writer, sink, None, Starts::Never)
    }

    /// The same, and refused writes are tried again.
    pub fn retrying(writer: Writer, sink: ScriptedSink, retry: Retry) -> Self {
        Self::new(writer, sink, Some(retry), Starts::Never)
    }

    /// The system gives no thread for a driver.
    pub fn stranded(writer: Writer, sink: ScriptedSink) -> Self {
        Self::new(writer, sink, None, Starts::Refused)
    }

    /// The driver runs on a thread of its own as soon as it is due.
    pub fn threaded(writer: Writer, sink: ScriptedSink) -> Self {
        Self::new(writer, sink, None, Starts::OnThread)
    }

    fn new(writer: Writer, sink: ScriptedSink, retry: Option<Retry>, how: Starts) -> Self {
        let events = Arc::new(Recorder::default());
        let calls = Arc::clone(&sink.calls);
        let bytes = Arc::clone(&sink.bytes);
        let sink = Arc::new(Mutex::new(sink));
        let starts = Arc::default();
        let engine = ScriptedEngine {
            starts: Arc::clone(&starts),
            sink: Arc::clone(&sink),
            how,
        };
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        Self {
            stream: Stream::with_retry(1, writer, listener, engine, retry),
            events,
            calls,
            starts,
            sink,
            bytes,
        }
    }

    /// Accepts `bytes` and hands them to the driver.
    pub fn write(&self, bytes: &[u8]) {
        self.stream.append(bytes);
        self.stream.flush();
    }

    /// Adds to the script of `write`.
    pub fn will_write(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.sink.lock().writes.extend(outcomes);
    }

    /// Runs the driver on this thread.
    pub fn drive(&self) -> Left {
        block_on(drive(&self.stream, &mut self.sink.lock()))
    }

    /// What the sink has taken.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().clone()
    }

    /// How often a driver was started.
    pub fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }
}

struct ScriptedEngine {
    starts: Arc<AtomicUsize>,
    sink: Arc<Mutex<ScriptedSink>>,
    how: Starts,
}

/// What happens when a driver is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Starts {
    /// Nothing: the test is the driver.
    Never,
    /// It runs on a thread of its own.
    OnThread,
    /// There is no thread for it.
    Refused,
}

impl Engine for ScriptedEngine {
    fn start(&self, stream: Arc<Stream>) -> io::Result<()> {
        self.starts.fetch_add(1, Ordering::SeqCst);
        match self.how {
            Starts::Never => {}
            Starts::Refused => return Err(io::ErrorKind::WouldBlock.into()),
            Starts::OnThread => {
                let sink = Arc::clone(&self.sink);
                thread::spawn(move || {
                    let mut sink = sink.lock();
                    while block_on(drive(&stream, &mut sink)) != Left::Idle {}
                });
            }
        }
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        unreachable!("its drivers run on no pool")
    }

    fn wind_up(&self, stream: &Stream) {
        super::wind_up(stream, &mut *self.sink.lock());
    }
}

async fn drive(stream: &Arc<Stream>, sink: &mut ScriptedSink) -> Left {
    super::drive(stream, sink).await
}

/// A pause of the driver is over at once: the clock stands still and jumps ahead to it.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}
