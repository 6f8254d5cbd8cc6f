//! The driver: carries a stream's steps out on a sink, one at a time, until there is nothing to do.
//!
//! It is the same for files and sockets. Short writes, interruptions and waiting are dealt with
//! here and nowhere else, so that a sink is nothing but its system calls.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Buf;

use super::sink::{Cut, Failure, Sink};
use super::stream::Stream;
use super::threads::runtime;
use crate::faults::{self, Place};
use crate::writer::{BATCH_CHUNKS, Batch, Step, SystemCall, SystemError};

/// After this many bytes a driver goes to the back of the pool's queue, so that a stream that
/// never pauses does not keep its thread from the others.
const RUN_BYTES: usize = 16 * 1024 * 1024;

/// A batch counts as so many bytes at least: small ones that come one by one keep a thread busy,
/// too.
const LEAST_BYTES: usize = 64 * 1024;

/// How often in a row a write may take nothing, which is no error, before it fails with `EIO`: the
/// pauses between come to five seconds.
const EMPTY_WRITES: u32 = 27;

/// The first of those pauses is a millisecond, each doubles the one before, so often.
const EMPTY_PAUSE_DOUBLINGS: u32 = 8;

/// How many slices one system call is given at most: as many as a batch has chunks, so that a batch
/// goes to the system in one call.
const SLICES: usize = BATCH_CHUNKS;

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
            Step::Close => {
                let result = sink.close();
                stream.report(|writer| Some(writer.closed(named(SystemCall::Close, result))));
            }
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
                stream.report(|writer| {
                    if let Some(fill) = fill {
                        writer.found(fill);
                    }
                    Some(writer.opened(result.map_err(SystemError::from)))
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
                let (result, elapsed) = timed(|| uninterrupted(|| sink.sync(metadata, asked)));
                stream.report(|writer| match result {
                    Err(failure) if asked && is_unsupported(&failure) => {
                        Some(writer.unsyncable(elapsed))
                    }
                    result => writer.synced(result.map_err(SystemError::from), elapsed),
                });
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
            Step::Close => {
                let result = sink.close();
                stream.report(|writer| Some(writer.closed(named(SystemCall::Close, result))));
            }
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

/// Writes all of `batch`, or fails the stream, or gives up because it is closing. Or returns why it has
/// given the rest back.
async fn write<S: Sink>(
    stream: &Stream,
    sink: &mut S,
    mut batch: Batch,
    patience: Patience,
) -> Option<Left> {
    let mut empty_writes = 0;
    while batch.has_remaining() {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let used = batch.chunks_vectored(&mut slices);
        let (result, elapsed) = timed(|| sink.write(&slices[..used]));
        let outcome = match result {
            Ok(0) if patience == Patience::Leaves => Ok(Waited::Refused),
            // POSIX lets a write of nothing mean "later" on some devices.
            Ok(0) if empty_writes < EMPTY_WRITES => {
                let delay = Duration::from_millis(1 << empty_writes.min(EMPTY_PAUSE_DOUBLINGS));
                empty_writes += 1;
                pause(stream, delay).await
            }
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            Ok(bytes) => {
                empty_writes = 0;
                batch.advance(bytes);
                if let Some(retry) = stream.retry() {
                    retry.succeeded();
                }
                stream.report(|writer| {
                    writer.called(elapsed);
                    writer.wrote(bytes)
                });
                continue;
            }
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => Ok(Waited::Writable),
                io::ErrorKind::WouldBlock if patience == Patience::Leaves => Ok(Waited::Refused),
                io::ErrorKind::WouldBlock => wait(stream, sink).await,
                _ => Err(error),
            },
        };
        stream.report(|writer| {
            writer.called(elapsed);
            None
        });
        match outcome {
            Ok(Waited::Writable) => {}
            Ok(Waited::Refused) => {
                stream.report(|writer| {
                    writer.put_back(batch);
                    None
                });
                return Some(Left::Waiting);
            }
            Ok(Waited::Closing) => {
                stream.report(|writer| {
                    writer.give_up();
                    None
                });
                return None;
            }
            Err(error) => return refused(stream, batch, &error),
        }
    }
    None
}

/// The system took no more of `batch`. Fails the stream, unless the write is to be tried again: then
/// returns after which pause. A stream that is closing waits for nothing.
fn refused(stream: &Stream, batch: Batch, error: &io::Error) -> Option<Left> {
    let pause = stream.retry().and_then(|retry| retry.pause_after(error));
    let error = SystemError::new(SystemCall::Write, error);
    match pause {
        Some(_) if stream.is_closing() => {
            stream.report(|writer| {
                writer.give_up();
                None
            });
            None
        }
        Some(pause) => {
            stream.report(|writer| writer.stalled(batch, error));
            Some(Left::Stalled(pause))
        }
        None => {
            stream.report(|writer| writer.failed(error));
            None
        }
    }
}

/// How a wait for the sink ended.
enum Waited {
    Writable,
    /// There was no wait: the driver has no time for one.
    Refused,
    Closing,
}

async fn wait<S: Sink>(stream: &Stream, sink: &mut S) -> io::Result<Waited> {
    tokio::select! {
        biased;
        () = stream.until_closing() => Ok(Waited::Closing),
        result = sink.writable() => result.map(|()| Waited::Writable),
    }
}

/// Lets a device that took nothing rest: it may call itself writable all the while, so that
/// waiting for that would spin, or wait for ever.
async fn pause(stream: &Stream, delay: Duration) -> io::Result<Waited> {
    let pause = runtime::sleep(delay)?;
    tokio::select! {
        biased;
        () = stream.until_closing() => Ok(Waited::Closing),
        () = pause => Ok(Waited::Writable),
    }
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
