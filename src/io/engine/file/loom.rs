//! Models of the hand-over of a stream between its owner and its drivers: whatever the order in which they take
//! turns, each byte is written once and in order, and whoever waits is woken.
//!
//! All of it is real but the locks: the machine, the pool, the sink and the file.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;

use super::*;
use crate::io::sync::{Condvar, explore, now};
use crate::writer::{Event, Mark, Standing};

const FOREVER: Duration = Duration::from_secs(1_000_000);

/// Wakes who waits for an event.
struct Waiting {
    events: Mutex<Vec<Event>>,
    grown: Condvar,
}

impl Listener for Waiting {
    fn notify(&self, _: u64, event: Event) {
        self.events.lock().push(event);
        self.grown.notify_all();
    }
}

impl Waiting {
    fn wait(&self, wanted: impl Fn(&Event) -> bool) {
        let mut events = self.events.lock();
        while !events.iter().any(&wanted) {
            self.grown.wait_until(&mut events, now());
        }
    }
}

/// A stream over an open file.
struct Subject {
    file: File,
    pools: &'static Pools,
    stream: Arc<Stream>,
    listener: Arc<Waiting>,
}

impl Subject {
    fn new() -> Self {
        let file = tempfile::tempfile().unwrap();
        let pools = Pools::model();
        let listener = Arc::new(Waiting {
            events: Mutex::new(Vec::new()),
            grown: Condvar::new(),
        });
        let options = FileOptions::to(Target::Descriptor(file.as_raw_fd()));
        let heard: Arc<dyn Listener> = Arc::<Waiting>::clone(&listener);
        Self {
            stream: open_file_on(pools, 1, options, None, heard),
            pools,
            file,
            listener,
        }
    }

    fn write(&self, bytes: &[u8]) {
        self.stream.append(bytes);
        self.stream.flush();
    }

    /// Lets the pool's threads end, and compares what is in the file.
    fn assert(mut self, expected: &[u8]) {
        self.pools.end();
        let mut bytes = Vec::new();
        self.file.rewind().unwrap();
        self.file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, expected);
        assert_eq!(self.stream.completed(), expected.len() as u64);
        let is_failure = |event: &Event| matches!(event, Event::Failed { .. });
        assert!(!self.listener.events.lock().iter().any(is_failure));
    }
}

#[test]
fn what_is_written_while_a_driver_leaves_is_written() {
    explore(|| {
        let subject = Subject::new();
        subject.write(b"a");
        subject.write(b"b");
        subject.stream.watch(2);
        let is_progress = |event: &Event| matches!(event, Event::Progress { completed: 2 });
        subject.listener.wait(is_progress);
        subject.assert(b"ab");
    });
}

#[test]
fn an_owner_that_waits_drives_or_is_woken() {
    explore(|| {
        let subject = Subject::new();
        subject.write(b"a");
        for bytes in [b"b", b"c"] {
            subject.stream.append(bytes);
            assert_eq!(subject.stream.wait_settled(FOREVER), Standing::Settled);
        }
        subject.assert(b"abc");
    });
}

#[test]
fn a_close_is_the_last_that_is_told() {
    explore(|| {
        let subject = Subject::new();
        subject.write(b"a");
        subject.stream.mark(Mark::End);
        subject.stream.mark(Mark::Close);
        subject.stream.watch(1);
        let is_closed = |event: &Event| matches!(event, Event::Closed { .. });
        subject.listener.wait(is_closed);
        let closes = |events: &[Event]| events.iter().filter(|event| is_closed(event)).count();
        assert_eq!(closes(&subject.listener.events.lock()), 1);
        assert!(subject.listener.events.lock().last().is_some_and(is_closed));
        subject.assert(b"a");
    });
}
