#![expect(clippy::unwrap_used, reason = "its helpers are tests too")]

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;

use super::*;
use crate::io::driver::scripted::Recorder;
use crate::io::stream::AtEnd;
use crate::writer::{Event, Mark, SystemCall, SystemError};

const EPIPE: i32 = 32;

/// A stream over one end of a pair, what it tells, and the other end.
struct Subject {
    /// What Node has.
    near: Option<UnixStream>,
    stream: Arc<Stream>,
    events: Arc<Recorder>,
    peer: UnixStream,
}

impl Subject {
    fn new() -> Self {
        let (near, peer) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let stream = open_socket(1, near.as_raw_fd(), listener);
        Self {
            near: Some(near),
            stream,
            events,
            peer,
        }
    }

    /// Reads `bytes` bytes; all of them must be on their way.
    fn receive(&mut self, bytes: usize) -> Vec<u8> {
        let mut received = vec![0; bytes];
        self.peer.read_exact(&mut received).unwrap();
        received
    }

    fn close(&mut self) {
        self.stream.mark(Mark::Close);
        self.stream.disown();
        drop(self.near.take());
        self.events.wait_closed();
    }
}

/// More than the system's buffers hold, and no two short runs alike.
fn flood() -> Vec<u8> {
    (0_u32..2_000_000).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn lone_write_is_with_the_system_when_the_flush_returns() {
    let mut subject = Subject::new();
    subject.stream.append(b"lone");
    assert_eq!(subject.stream.flush(), 4);
    assert_eq!(subject.stream.pending(), 0);
    assert_eq!(subject.receive(4), b"lone");
}

#[test]
fn owner_that_drives_is_told_of_no_progress() {
    let subject = Subject::new();
    subject.stream.watch(2);
    subject.stream.append(b"seen");
    subject.stream.flush();
    assert_eq!(subject.stream.completed(), 4);
    assert_eq!(subject.events.all(), []);
    subject.stream.watch(4);
    assert_eq!(subject.events.all(), [Event::Progress { completed: 4 }]);
}

#[test]
fn what_the_system_refuses_is_written_when_the_peer_reads() {
    let mut subject = Subject::new();
    let bytes = flood();
    subject.stream.append(&bytes);
    subject.stream.flush();
    assert!(subject.stream.pending() > 0, "the peer has read nothing");
    assert!(subject.receive(bytes.len()) == bytes);
    subject.stream.watch(bytes.len() as u64);
    subject
        .events
        .wait(|event| matches!(event, Event::Progress { completed } if *completed == 8_000_000));
}

#[test]
fn bytes_sent_directly_stay_behind_those_before_and_ahead_of_those_after() {
    let mut subject = Subject::new();
    let bytes = flood();
    subject.stream.append(b"before");
    let sent = subject.stream.send(&bytes);
    assert!(0 < sent && sent < bytes.len(), "the system took a part");
    subject.stream.append(&bytes[sent..]);
    // The rest waits, so that this one must, too.
    assert_eq!(subject.stream.send(b"after"), 0, "it overtook what waits");
    subject.stream.append(b"after");
    subject.stream.flush();
    assert_eq!(subject.receive(6), b"before");
    assert!(subject.receive(bytes.len()) == bytes);
    assert_eq!(subject.receive(5), b"after");
}

#[test]
fn bytes_sent_directly_are_counted() {
    let mut subject = Subject::new();
    assert_eq!(subject.stream.send(b"direct"), 6);
    assert_eq!(subject.stream.pending(), 0);
    assert_eq!(subject.stream.flush(), 6);
    assert_eq!(subject.stream.completed(), 6);
    assert_eq!(subject.receive(6), b"direct");
}

#[test]
fn close_gives_up_what_the_peer_does_not_read() {
    let mut subject = Subject::new();
    subject.stream.append(&flood());
    subject.stream.flush();
    subject.close();
    let mut received = Vec::new();
    subject.peer.read_to_end(&mut received).unwrap();
    assert!(flood().starts_with(&received));
    assert_eq!(received.len() as u64, subject.stream.completed());
}

#[test]
fn close_of_an_idle_socket_is_seen_by_the_peer_at_once() {
    let mut subject = Subject::new();
    subject.stream.append(b"last words");
    subject.stream.mark(Mark::Close);
    drop(subject.near.take());
    let mut received = Vec::new();
    subject.peer.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"last words");
    assert_eq!(subject.events.all(), [Event::Closed { error: None }]);
}

#[test]
fn peer_that_is_gone_fails_the_stream_once() {
    let failed = Event::Failed {
        error: SystemError {
            errno: EPIPE,
            call: SystemCall::Write,
        },
    };
    for direct in [false, true] {
        let Subject {
            stream,
            events,
            peer,
            near: _near,
        } = Subject::new();
        drop(peer);
        if direct {
            stream.send(b"nobody");
        } else {
            stream.append(b"nobody");
            stream.flush();
        }
        stream.append(b"dropped");
        stream.flush();
        assert_eq!(events.all(), [failed]);
        assert_eq!(stream.completed(), 0);
    }
}

#[test]
fn peer_that_goes_while_a_task_waits_fails_the_stream() {
    let Subject {
        stream,
        events,
        peer,
        near: _near,
    } = Subject::new();
    stream.append(&flood());
    stream.flush();
    drop(peer);
    events.wait(|event| matches!(event, Event::Failed { error } if error.errno == EPIPE));
    stream.mark(Mark::Close);
    events.wait_closed();
}

#[test]
fn one_call_takes_a_write_and_hands_it_over() {
    let mut subject = Subject::new();
    let bytes = flood();
    assert_eq!(subject.stream.write(b"lone"), 0);
    assert_eq!(subject.stream.completed(), 4);
    assert!(
        subject.stream.write(&bytes) > 0,
        "the peer has read nothing"
    );
    assert!(subject.stream.write(b"after") > 0, "it overtook what waits");
    assert_eq!(subject.receive(4), b"lone");
    assert!(subject.receive(bytes.len()) == bytes);
    assert_eq!(subject.receive(5), b"after");
}

#[test]
fn end_of_what_the_peer_sends_says_whether_a_write_failed() {
    let mut subject = Subject::new();
    assert_eq!(subject.stream.standing_at_end(), AtEnd::Clean);
    assert_eq!(subject.stream.write(b"taken"), 0);
    subject.receive(5);
    subject.peer.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(subject.stream.standing_at_end(), AtEnd::Clean);
    drop(subject.peer);
    subject.stream.write(b"refused");
    let failed = subject.stream.standing_at_end();
    assert!(matches!(failed, AtEnd::Failed(error) if error.errno == EPIPE));
}

#[test]
fn close_of_the_lender_does_not_wait_for_the_close_of_the_stream() {
    let mut subject = Subject::new();
    assert_eq!(subject.stream.write(b"before"), 0);
    subject.stream.disown();
    drop(subject.near.take());
    subject.stream.write(b"after");
    let mut received = Vec::new();
    subject.peer.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"before");
}

#[test]
fn many_sockets_at_once_keep_their_bytes_apart() {
    let subjects: Vec<Subject> = (0..50).map(|_| Subject::new()).collect();
    let mut readers = Vec::new();
    for (number, subject) in subjects.into_iter().enumerate() {
        let bytes: Vec<u8> = (0..400_000)
            .map(|i| (i ^ number).to_le_bytes()[0])
            .collect();
        for part in bytes.chunks(70_000) {
            subject.stream.append(part);
            subject.stream.flush();
        }
        let mut subject = subject;
        readers.push(thread::spawn(move || {
            assert!(subject.receive(bytes.len()) == bytes);
        }));
    }
    for reader in readers {
        reader.join().unwrap();
    }
}

/// A subject whose last driver has left, and still has the sink, with a duplicate, as long as the guard lives.
fn slow_to_leave() -> (Subject, OwnedMutexGuard<SocketSink>) {
    let mut subject = Subject::new();
    let engine = engine(&subject);
    let mut guard = Arc::clone(&engine.sink).try_lock_owned().unwrap();
    guard.duplicate().unwrap();
    let events: Arc<dyn Listener> = Arc::<Recorder>::clone(&subject.events);
    let writer = Writer::new(Origin::Descriptor, false);
    subject.stream = Stream::new(1, writer, events, engine);
    (subject, guard)
}

fn leave(mut guard: OwnedMutexGuard<SocketSink>) {
    drop(guard.take_duplicate());
}

#[test]
fn a_driver_that_finds_the_last_one_slow_to_leave_begins_where_the_descriptor_is() {
    let (mut subject, guard) = slow_to_leave();
    subject.stream.append(b"late");
    subject.stream.flush();
    subject.stream.unpark();
    // Elsewhere it could never write.
    assert_eq!(subject.events.all(), [Event::Parked, Event::Parked]);
    leave(guard);
    assert_eq!(subject.stream.pending(), 4);
    subject.stream.unpark();
    assert_eq!(subject.stream.pending(), 0);
    assert_eq!(subject.receive(4), b"late");
}

#[test]
fn a_close_is_told_although_the_last_driver_was_slow_to_leave() {
    let (subject, guard) = slow_to_leave();
    subject.stream.append(b"lost");
    subject.stream.flush();
    subject.stream.mark(Mark::Close);
    subject.stream.disown();
    leave(guard);
    // As its owner does a while after `Parked`.
    subject.stream.unpark();
    assert_eq!(
        subject.events.all().last(),
        Some(&Event::Closed { error: None })
    );
}

/// An engine beside that of the subject's stream, on the same socket.
fn engine(subject: &Subject) -> SocketEngine {
    SocketEngine::new(subject.near.as_ref().unwrap().as_raw_fd())
}

#[test]
fn a_driver_without_a_duplicate_is_parked_until_node_has_the_descriptor_back() {
    let subject = Subject::new();
    let engine = engine(&subject);
    assert!(!engine.is_parked());
    let driver = Parked::Begun(Box::pin(std::future::pending()));
    engine.park(driver, &subject.stream);
    assert!(engine.is_parked());
    assert_eq!(subject.events.all(), [Event::Parked]);
    assert_eq!(engine.write(b"taken").unwrap(), 5);
    assert!(engine.disown());
    assert!(!engine.disown(), "there is none any more");
    assert!(!engine.is_parked());
    let error = engine.write(b"late").unwrap_err();
    assert_eq!(error.raw_os_error(), Some(EPIPE));
}

#[test]
fn a_parked_driver_goes_on_when_its_owner_comes_back() {
    let subject = Subject::new();
    let engine = engine(&subject);
    engine.unpark(&subject.stream).unwrap();
    subject.stream.report(|writer| {
        let _accepted = writer.append(b"x");
        assert!(writer.flush());
        None
    });
    let (went_on, goes_on) = std::sync::mpsc::channel();
    let driver = Parked::Begun(Box::pin(async move { went_on.send(()).unwrap() }));
    engine.park(driver, &subject.stream);
    engine.unpark(&subject.stream).unwrap();
    assert!(goes_on.try_recv().is_ok());
    assert!(!engine.is_parked());
}

#[test]
fn an_engine_knows_when_its_peer_is_gone() {
    let subject = Subject::new();
    let engine = engine(&subject);
    assert!(!engine.is_hung_up());
    drop(subject.peer);
    assert!(engine.is_hung_up());
}

#[test]
fn a_stream_that_gets_no_driver_is_closed_here() {
    let subject = Subject::new();
    subject.stream.report(|writer| {
        assert!(writer.mark(Mark::Close));
        writer.failed(SystemError {
            errno: EPIPE,
            call: SystemCall::Write,
        })
    });
    engine(&subject).wind_up(&subject.stream);
    assert_eq!(
        subject.events.all().last(),
        Some(&Event::Closed { error: None })
    );
}
