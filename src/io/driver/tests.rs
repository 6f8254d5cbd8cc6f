use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::*;
use crate::io::driver::scripted::{Call, FD, Gate, NEXT_FD, Outcome, PATIENCE, Rig, ScriptedSink};
use crate::io::retry::Retry;
use crate::writer::{Event, Mark, Origin, Standing, Writer};

mod closes;
mod commits;
mod failures;
mod retries;
mod starts;
mod syncs;
mod waits;
mod writes;

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const ENOENT: i32 = 2;

const OPENED: Event = Event::Opened { fd: FD };
const CLOSED: Event = Event::Closed { error: None };

/// A stream whose descriptor is open already.
fn open() -> Writer {
    Writer::new(Origin::Descriptor, false)
}

/// A stream that the driver opens.
fn unopened() -> Writer {
    Writer::new(Origin::Path, false)
}

fn failed(call: SystemCall, errno: i32) -> Event {
    Event::Failed {
        error: SystemError { errno, call },
    }
}

/// Bytes of which no two short runs are alike.
fn pattern(bytes: usize) -> Vec<u8> {
    pattern_between(0, bytes)
}

fn pattern_between(start: usize, end: usize) -> Vec<u8> {
    (start..end)
        .map(|i| (i ^ (i / 251)).to_le_bytes()[0])
        .collect()
}
