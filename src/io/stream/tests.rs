use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{OnceLock, Weak};

use super::*;
use crate::io::driver::scripted::Recorder;
use crate::writer::Origin;

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
}
