//! The driver: carries a stream's steps out on a sink, one at a time, until there is nothing to do.
//!
//! It is the same for files and sockets. Short writes, interruptions and waiting are dealt with
//! here and nowhere else, so that a sink is nothing but its system calls.

mod write;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Buf;

use super::sink::{Cut, Failure, Sink};
use super::stream::Stream;
use super::threads::runtime;
use crate::faults::{self, Place};
use crate::writer::{Step, SystemCall, SystemError};
use write::write;

/// After this many bytes a driver goes to the back of the pool's queue, so that a stream that
/// never pauses does not keep its thread from the others.
const RUN_BYTES: usize = 16 * 1024 * 1024;

/// A batch counts as so many bytes at least: small ones that come one by one keep a thread busy,
/// too.
const LEAST_BYTES: usize = 64 * 1024;

/// Why a driver returned.
#[must_use]
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Left {
    /// There is nothing to do; the next call of the owner starts a driver again.
    Idle,
    /// The sink takes nothing for now, and this driver does not wait. The caller starts another one.
    Waiting,
    /// Others may want the thread; the caller starts the driver again.
    Again,
    /// The system refuses bytes. Only the caller starts the driver again: after this time, or once the stream
    /// is closing.
    Stalled(Duration),
}

/// Whether a driver may wait for its sink.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Patience {
    Waits,
    /// It gives the bytes back.
    Leaves,
}

/// Drives `stream` on `sink`. A panic fails the stream and goes on unwinding.
pub(crate) async fn drive<S: Sink>(stream: &Arc<Stream>, sink: &mut S) -> Left {
    let _fuse = stream.fuse();
    faults::strike(Place::Driver);
    carry_out(stream, sink, Patience::Waits).await
}

/// Like [`drive`], but returns where it would have to wait for anything but the system calls themselves.
pub(crate) fn drive_without_waiting<S: Sink>(stream: &Arc<Stream>, sink: &mut S) -> Left {
    let _fuse = stream.fuse();
    runtime::block_on(carry_out(stream, sink, Patience::Leaves))
}

/// What is left to do for a stream that has failed, without waiting for anything: to close `sink`,
/// if the owner wants that.
pub(crate) fn wind_up<S: Sink>(stream: &Stream, sink: &mut S) {
    loop {
        match stream.next() {
            Step::Close => close(stream, sink),
            Step::Tell(event) => stream.report(|_| Some(event)),
            Step::Idle => {
                if stream.leave() {
                    return;
                }
            }
            Step::Open
            | Step::Write(_)
            | Step::Sync { .. }
            | Step::Reopen(_)
            | Step::Rotate
            | Step::Commit => {
                unreachable!("a stream that has failed only closes")
            }
        }
    }
}

async fn carry_out<S: Sink>(stream: &Stream, sink: &mut S, patience: Patience) -> Left {
    let mut budget = RUN_BYTES;
    loop {
        match stream.next() {
            Step::Open => {
                let result = uninterrupted(|| sink.open());
                let fill = sink.fill();
                let answers_soon = sink.answers_soon();
                stream.report(|writer| {
                    if let Some(fill) = fill {
                        writer.found(fill);
                    }
                    match result {
                        Ok(fd) if answers_soon => writer.opened_quietly(fd),
                        result => Some(writer.opened(result.map_err(SystemError::from))),
                    }
                });
            }
            Step::Write(batch) => {
                let bytes = batch.remaining().max(LEAST_BYTES);
                follow(stream, sink);
                if let Some(left) = write(stream, sink, batch, patience).await {
                    return left;
                }
                budget = budget.saturating_sub(bytes);
                if budget == 0 {
                    return Left::Again;
                }
            }
            Step::Sync { metadata, asked } => {
                stream.sync_begins();
                let (result, elapsed) = timed(|| uninterrupted(|| sink.sync(metadata, asked)));
                stream.report(|writer| match result {
                    Err(failure) if asked && is_unsupported(&failure) => {
                        Some(writer.unsyncable(elapsed))
                    }
                    result => writer.synced(result.map_err(SystemError::from), elapsed),
                });
                if patience == Patience::Waits {
                    stream.sync_answered();
                }
            }
            Step::Reopen(path) => {
                let result = uninterrupted(|| {
                    let reopened = sink.reopen(path.as_deref());
                    reopened.map_err(Failure::of(SystemCall::Open))
                });
                let fill = sink.fill();
                stream.report(|writer| {
                    if let Some(fill) = fill {
                        writer.found(fill);
                    }
                    Some(writer.reopened(result.map_err(SystemError::from)))
                });
            }
            Step::Commit => {
                let result = uninterrupted(|| sink.commit());
                stream.report(|writer| writer.committed(result.map_err(SystemError::from)));
            }
            Step::Rotate => rotate(stream, sink),
            Step::Close => close(stream, sink),
            Step::Tell(event) => stream.report(|_| Some(event)),
            Step::Idle => {
                if stream.leave() {
                    return Left::Idle;
                }
            }
        }
    }
}

/// Puts the file aside, or tells that another one has its path, or why neither was possible.
fn rotate<S: Sink>(stream: &Stream, sink: &mut S) {
    let result = sink.rotate();
    let fill = sink.fill();
    stream.report(|writer| match result {
        Ok(cut) => {
            if let Some(fill) = fill {
                writer.found(fill);
            }
            Some(match cut {
                Cut::PutAside { fd, stamp_ms } => writer.rotated(fd, stamp_ms),
                Cut::Moved { fd } => writer.moved(Ok(fd)),
            })
        }
        Err(error) => Some(writer.rotate_failed(error)),
    });
}

/// Goes on in the file that has the path, if it is another one by now.
fn follow<S: Sink>(stream: &Stream, sink: &mut S) {
    let Some(result) = sink.follow() else { return };
    let fill = sink.fill();
    stream.report(|writer| {
        if let Some(fill) = fill
            && result.is_ok()
        {
            writer.found(fill);
        }
        Some(writer.moved(named(SystemCall::Open, result)))
    });
}

/// Closes `sink`, and tells how that went.
fn close<S: Sink>(stream: &Stream, sink: &mut S) {
    let result = sink.close();
    stream.report(|writer| Some(writer.closed(named(SystemCall::Close, result))));
}

/// How long a call took, and its result.
fn timed<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = call();
    (result, start.elapsed())
}

/// Repeats a call that a signal interrupted.
fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    loop {
        match call() {
            Err(failure) if failure.error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The call means nothing for what is open: pipes and terminals have no device to sync.
fn is_unsupported(failure: &Failure) -> bool {
    matches!(
        failure.error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

fn named<T>(call: SystemCall, result: io::Result<T>) -> Result<T, SystemError> {
    result.map_err(|error| SystemError::new(call, &error))
}

#[cfg(test)]
mod power_loss;
#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;
