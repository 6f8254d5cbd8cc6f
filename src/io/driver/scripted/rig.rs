//! A stream over a scripted sink.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Call, Outcome, Record, Recorder, ScriptedSink};
use crate::io::driver::{self, Left};
use crate::io::engine::Engine;
use crate::io::retry::Retry;
use crate::io::stream::Stream;
use crate::io::threads::Outlook;
use crate::writer::{Listener, Writer};

/// A stream over a scripted sink, and all that can be known about it.
pub(crate) struct Rig {
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
    pub(crate) fn manual(writer: Writer, sink: ScriptedSink) -> Self {
        Self::new(writer, sink, None, Starts::Never)
    }

    /// The same, and refused writes are tried again.
    pub(crate) fn retrying(writer: Writer, sink: ScriptedSink, retry: Retry) -> Self {
        Self::new(writer, sink, Some(retry), Starts::Never)
    }

    /// The system gives no thread for a driver.
    pub(crate) fn stranded(writer: Writer, sink: ScriptedSink) -> Self {
        Self::new(writer, sink, None, Starts::Refused)
    }

    /// The driver runs on a thread of its own as soon as it is due.
    pub(crate) fn threaded(writer: Writer, sink: ScriptedSink) -> Self {
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
    pub(crate) fn write(&self, bytes: &[u8]) {
        self.stream.append(bytes);
        self.stream.flush();
    }

    /// Adds to the script of `write`.
    pub(crate) fn will_write(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.sink.lock().writes.extend(outcomes);
    }

    /// Runs the driver on this thread.
    pub(crate) fn drive(&self) -> Left {
        self.drive_timed().0
    }

    /// The same, on the thread of an owner that does not wait.
    pub(crate) fn drive_without_waiting(&self) -> Left {
        driver::drive_without_waiting(&self.stream, &mut *self.sink.lock())
    }

    /// As [`Self::drive`] does, and how long its pauses were.
    pub(crate) fn drive_timed(&self) -> (Left, Duration) {
        let mut sink = self.sink.lock();
        block_on(async {
            let start = tokio::time::Instant::now();
            let left = drive(&self.stream, &mut sink).await;
            (left, start.elapsed())
        })
    }

    /// What the sink has taken.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().clone()
    }

    /// How often a driver was started.
    pub(crate) fn starts(&self) -> usize {
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
        driver::wind_up(stream, &mut *self.sink.lock());
    }
}

async fn drive(stream: &Arc<Stream>, sink: &mut ScriptedSink) -> Left {
    driver::drive(stream, sink).await
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
