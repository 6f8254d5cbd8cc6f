use std::time::Duration;

use bytes::Buf;

use super::*;
use crate::writer::{Mark, SystemCall};

mod close;
mod end_and_close;
mod failure;
mod life;
mod marks;
mod model;
mod owner;
mod standing;
mod watch;

const OPENED: Event = Event::Opened { fd: 3 };
const CLOSED: Event = Event::Closed { error: None };

fn error(call: SystemCall) -> SystemError {
    SystemError { errno: 5, call }
}

fn failure(call: SystemCall) -> Event {
    Event::Failed { error: error(call) }
}

/// A stream with an open descriptor.
fn open() -> Writer {
    Writer::new(Origin::Descriptor, false)
}

/// A stream in the middle of its first write, and the batch.
fn writing(bytes: &[u8]) -> (Writer, Batch) {
    let mut writer = open();
    let _pending = writer.append(bytes);
    assert!(writer.flush());
    let batch = next_batch(&mut writer);
    (writer, batch)
}

fn next_batch(writer: &mut Writer) -> Batch {
    match writer.next() {
        Step::Write(batch) => batch,
        step => panic!("{step:?} instead of a write"),
    }
}

#[track_caller]
fn assert_rests(writer: &mut Writer) {
    assert!(!writer.has_work());
    assert!(matches!(writer.next(), Step::Idle));
}

/// The driver comes back from a sync.
fn synced(writer: &mut Writer, result: Result<(), SystemError>) -> Option<Event> {
    writer.synced(result, Duration::from_micros(1))
}

/// Goes through a close that the machine has asked for.
#[track_caller]
fn assert_closes(writer: &mut Writer) {
    assert!(writer.has_work());
    assert!(matches!(writer.next(), Step::Close));
    assert_eq!(writer.closed(Ok(())), CLOSED);
    assert_rests(writer);
}
