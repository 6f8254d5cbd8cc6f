use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{OnceLock, Weak};
use std::time::{Duration, Instant};

use super::*;
use crate::io::driver::Left;
use crate::io::driver::scripted::{Recorder, Rig, ScriptedSink};
use crate::writer::{Mark, Origin, Standing, Step, SystemCall, SystemError};

struct NoEngine;

impl Engine for NoEngine {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        Outlook::Unknown
    }

    fn wind_up(&self, _: &Stream) {}
}

/// Asks, when it is told something, whether the driver is kept out meanwhile.
#[derive(Default)]
struct Curious {
    stream: OnceLock<Weak<Stream>>,
    answers: Mutex<Vec<bool>>,
}

impl Listener for Curious {
    fn notify(&self, _: u64, _: Event) {
        let stream = self.stream.get().and_then(Weak::upgrade).unwrap();
        self.answers.lock().push(stream.writer.is_locked());
    }
}

#[test]
fn driver_cannot_overtake_a_count_that_the_owner_is_told_at_once() {
    let curious = Arc::new(Curious::default());
    let listener: Arc<dyn Listener> = Arc::<Curious>::clone(&curious);
    let writer = Writer::new(Origin::Descriptor, false);
    let stream = Stream::new(1, writer, listener, NoEngine);
    curious.stream.set(Arc::downgrade(&stream)).unwrap();
    stream.watch(0);
    assert_eq!(*curious.answers.lock(), [true]);
}

/// The owner's own write panics, and so does its driver, which counts how often it starts.
#[derive(Default)]
struct Panicking {
    starts: Arc<Mutex<usize>>,
}

impl Engine for Panicking {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        *self.starts.lock() += 1;
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        Outlook::Unknown
    }

    fn wind_up(&self, _: &Stream) {}

    fn write(&self, _: &[u8]) -> io::Result<usize> {
        resume_unwind(Box::new("scripted"))
    }
}

#[test]
fn a_panic_on_the_owners_thread_is_one_failure_and_the_stream_can_be_closed() {
    let events = Arc::new(Recorder::default());
    let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
    let engine = Panicking::default();
    let starts = Arc::clone(&engine.starts);
    let writer = Writer::new(Origin::Descriptor, false);
    let stream = Stream::new(1, writer, listener, engine);
    for _ in 0..2 {
        drop(catch_unwind(AssertUnwindSafe(|| stream.send(b"bytes"))));
    }
    let error = SystemError {
        errno: SystemError::PANIC,
        call: SystemCall::Write,
    };
    assert_eq!(events.all(), [Event::Failed { error }]);
    stream.mark(Mark::Close);
    assert_eq!(*starts.lock(), 1, "a driver closes");
}

/// Its write fails like this.
struct Refusing(io::ErrorKind);

impl Engine for Refusing {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        Outlook::Unknown
    }

    fn wind_up(&self, _: &Stream) {}

    fn write(&self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

#[test]
fn a_write_of_the_owners_that_is_interrupted_or_would_wait_takes_nothing() {
    for kind in [io::ErrorKind::Interrupted, io::ErrorKind::WouldBlock] {
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let writer = Writer::new(Origin::Descriptor, false);
        let stream = Stream::new(1, writer, listener, Refusing(kind));
        assert_eq!(stream.send(b"bytes"), 0);
        let (counters, ..) = stream.counters();
        assert_eq!(counters.system_calls, 0, "the engine made none");
        assert_eq!(stream.write(b"bytes"), 5, "they wait for a driver");
        assert_eq!(events.all(), [], "{kind}");
    }
}

#[test]
fn what_a_call_that_panicked_was_given_does_not_count_as_written() {
    let listener: Arc<dyn Listener> = Arc::new(Recorder::default());
    let writer = Writer::new(Origin::Descriptor, false);
    let stream = Stream::new(1, writer, listener, Panicking::default());
    stream.call_panicked();
    let error = SystemError {
        errno: SystemError::PANIC,
        call: SystemCall::Write,
    };
    assert_eq!(
        (stream.accepted(), stream.pending(), stream.completed()),
        (1, 1, 0)
    );
    assert_eq!(
        stream.wait_settled(Duration::ZERO),
        Standing::Failed(error, 1)
    );
    stream.call_panicked();
    assert_eq!(stream.accepted(), 1);
    assert!(stream.has_failed_in_call());
}

#[test]
fn a_write_whose_memory_is_gone_fails_the_stream_and_does_not_count() {
    let events = Arc::new(Recorder::default());
    let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
    let writer = Writer::new(Origin::Descriptor, false);
    let stream = Stream::new(1, writer, listener, NoEngine);
    stream.lose_memory();
    stream.lose_memory();
    let failed = |event: &Event| matches!(event, Event::Failed { error } if error.errno == 14);
    assert!(events.all().iter().all(failed));
    assert_eq!(events.all().len(), 1);
    assert!(stream.has_failed_in_call());
    assert_eq!((stream.pending(), stream.completed()), (1, 0));
}

#[test]
fn a_panic_is_told_once_more_when_the_owner_asks_for_something() {
    type Asks = fn(&Arc<Stream>);
    let asks: [Asks; 3] = [
        |stream| stream.watch(2),
        |stream| stream.mark(Mark::Sync { metadata: false }),
        |stream| stream.mark(Mark::End),
    ];
    for (index, ask) in asks.into_iter().enumerate() {
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let writer = Writer::new(Origin::Descriptor, false);
        let stream = Stream::new(1, writer, listener, NoEngine);
        // It has nothing to do, and hears of nothing.
        stream.panicked();
        stream.append(b"xy");
        ask(&stream);
        ask(&stream);
        let error = SystemError {
            errno: SystemError::PANIC,
            call: SystemCall::Write,
        };
        assert_eq!(events.all(), [Event::Failed { error }; 2], "{index}");
    }
}

/// Answers as it is told to, and remembers what it was asked for.
struct Answering {
    left: fn() -> Left,
    is_hung_up: bool,
    is_parked: bool,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Default for Answering {
    fn default() -> Self {
        Self {
            left: || Left::Waiting,
            is_hung_up: false,
            is_parked: false,
            calls: Arc::default(),
        }
    }
}

impl Engine for Answering {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        self.calls.lock().push("start");
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        Outlook::Unknown
    }

    fn drive_for_owner(&self, _: &Arc<Stream>, _: Instant) -> Left {
        (self.left)()
    }

    fn start_after(&self, _: Duration, _: &Arc<Stream>) -> io::Result<()> {
        self.calls.lock().push("start after a pause");
        Ok(())
    }

    fn wind_up(&self, _: &Stream) {}

    /// What was parked fails with the second try.
    fn unpark(&self, stream: &Arc<Stream>) -> io::Result<()> {
        let mut calls = self.calls.lock();
        calls.push("unpark");
        if calls.ends_with(&["unpark", "unpark"]) {
            stream.report(|writer| writer.failed(BROKEN));
        }
        Ok(())
    }

    fn is_parked(&self) -> bool {
        self.is_parked
    }

    fn is_hung_up(&self) -> bool {
        self.is_hung_up
    }
}

fn stream(engine: impl Engine + 'static) -> Arc<Stream> {
    let writer = Writer::new(Origin::Descriptor, false);
    Stream::new(1, writer, Arc::new(Recorder::default()), engine)
}

const BROKEN: SystemError = SystemError {
    errno: 32,
    call: SystemCall::Write,
};

#[test]
fn the_end_of_what_a_peer_sends_means_what_the_writes_say() {
    for (is_hung_up, while_driven) in [(false, AtEnd::Clean), (true, AtEnd::Unknown)] {
        let stream = stream(Answering {
            is_hung_up,
            ..Answering::default()
        });
        assert_eq!(stream.standing_at_end(), AtEnd::Clean, "nobody writes");
        stream.append(b"x");
        stream.flush();
        assert_eq!(stream.standing_at_end(), while_driven);
        stream.report(|writer| writer.failed(BROKEN));
        assert_eq!(stream.standing_at_end(), AtEnd::Failed(BROKEN));
        assert!(!stream.has_failed_in_call());
    }
}

#[test]
fn a_failure_in_a_call_of_the_owners_is_known_as_one() {
    let stream = stream(Refusing(io::ErrorKind::BrokenPipe));
    assert!(!stream.has_failed_in_call());
    assert_eq!(stream.send(b"x"), 0);
    assert!(stream.has_failed_in_call());
}

#[test]
fn what_a_waiting_owner_cannot_drive_is_started_elsewhere() {
    type Leaves = fn() -> Left;
    let cases: [(Leaves, &str); 3] = [
        (|| Left::Waiting, "start"),
        (|| Left::Again, "start"),
        (|| Left::Stalled(Duration::ZERO), "start after a pause"),
    ];
    for (left, call) in cases {
        let engine = Answering {
            left,
            ..Answering::default()
        };
        let calls = Arc::clone(&engine.calls);
        let stream = stream(engine);
        stream.append(b"rest");
        let standing = stream.wait_settled(Duration::ZERO);
        assert_eq!(standing, Standing::Waiting(4));
        assert_eq!(*calls.lock(), [call]);
    }
}

/// It sees the count of what it drives itself, and no other.
#[test]
fn a_waiting_owner_is_told_of_what_goes_on_elsewhere() {
    let events = Arc::new(Recorder::default());
    let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
    let writer = Writer::new(Origin::Descriptor, false);
    let stream = Stream::new(1, writer, listener, Answering::default());
    stream.append(b"rest");
    stream.watch(4);
    let standing = stream.wait_settled(Duration::ZERO);
    assert_eq!(standing, Standing::Waiting(4));
    let Step::Write(_) = stream.next() else {
        unreachable!("bytes are due");
    };
    stream.report(|writer| writer.wrote(4));
    assert_eq!(events.all(), [Event::Progress { completed: 4 }]);
}

#[test]
fn a_waiting_owner_drives_on_what_only_it_can_drive() {
    let engine = Answering {
        is_parked: true,
        ..Answering::default()
    };
    let calls = Arc::clone(&engine.calls);
    let stream = stream(engine);
    stream.append(b"rest");
    let standing = stream.wait_settled(Duration::ZERO);
    assert_eq!(standing, Standing::Waiting(4));
    assert_eq!(*calls.lock(), ["start", "unpark"]);
    stream.mark(Mark::Close);
    assert_eq!(calls.lock().len(), 3, "a close tries at once");
}

#[test]
fn an_owner_with_time_tries_again_and_again() {
    let stream = stream(Answering {
        is_parked: true,
        ..Answering::default()
    });
    stream.append(b"rest");
    let standing = stream.wait_settled(Duration::from_secs(20));
    assert_eq!(standing, Standing::Failed(BROKEN, 4));
}

#[test]
fn counters_come_with_what_was_accepted_and_completed() {
    let stream = stream(Refusing(io::ErrorKind::WouldBlock));
    stream.append(b"abc");
    stream.flush();
    let Step::Write(_) = stream.next() else {
        unreachable!("bytes are due");
    };
    stream.report(|writer| writer.wrote(2));
    assert_eq!(stream.accepted(), 3);
    let (counters, accepted, completed) = stream.counters();
    assert_eq!((counters.batches, accepted, completed), (1, 3, 2));
}

#[test]
fn a_write_that_is_handed_over_starts_one_driver_and_is_told_where_that_was_asked_for() {
    for watches in [false, true] {
        let rig = Rig::manual(Writer::new(Origin::Descriptor, false), ScriptedSink::new());
        assert_eq!(rig.stream.append(b"before, "), 8);
        assert_eq!(rig.stream.hand_over(b"it", watches), 10);
        assert_eq!(rig.starts(), 1);
        assert_eq!(rig.stream.hand_over(b", behind", false), 18);
        assert_eq!(rig.starts(), 1);
        assert_eq!(rig.drive(), Left::Idle);
        assert_eq!(rig.bytes(), b"before, it, behind");
        let told: &[_] = if watches {
            &[Event::Progress { completed: 18 }]
        } else {
            &[]
        };
        assert_eq!(rig.events.all(), told);
    }
}

#[test]
fn a_large_write_that_is_handed_over_starts_one_driver() {
    let rig = Rig::manual(Writer::new(Origin::Descriptor, false), ScriptedSink::new());
    let large = vec![b'x'; 1024 * 1024];
    assert_eq!(rig.stream.hand_over(&large, true), 1024 * 1024);
    assert_eq!(rig.starts(), 1);
}

#[test]
fn what_is_handed_over_behind_the_end_is_dropped_and_told_at_once() {
    let rig = Rig::manual(Writer::new(Origin::Descriptor, false), ScriptedSink::new());
    rig.stream.mark(Mark::End);
    assert_eq!(rig.stream.hand_over(b"late", true), 0);
    assert_eq!(rig.events.all(), [Event::Progress { completed: 0 }]);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"");
}

#[test]
fn what_is_discarded_is_not_written() {
    let stream = stream(NoEngine);
    stream.append(b"dropped");
    stream.discard();
    stream.flush();
    assert!(matches!(stream.next(), Step::Idle));
}

async fn is_ready(future: impl Future<Output = ()>) -> bool {
    tokio::select! {
        biased;
        () = future => true,
        () = std::future::ready(()) => false,
    }
}

/// A pause that ended at once would keep a processor busy for as long as the disk is full.
#[tokio::test]
async fn a_pause_ends_when_the_owner_waits_or_closes_and_not_before() {
    let stream = stream(Answering::default());
    stream.append(b"refused");
    assert!(!is_ready(stream.until_awaited()).await);
    assert!(!is_ready(stream.until_closing()).await);
    let standing = stream.wait_settled(Duration::ZERO);
    assert_eq!(standing, Standing::Waiting(7));
    assert!(is_ready(stream.until_awaited()).await);
    assert!(!is_ready(stream.until_closing()).await);
    stream.mark(Mark::Close);
    assert!(is_ready(stream.until_closing()).await);
}
