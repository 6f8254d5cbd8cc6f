//! One batch on its way to a sink: short writes, interruptions, and what the system refuses for now.

use std::io::{self, IoSlice};
use std::time::Duration;

use bytes::Buf;

use super::{Left, Patience, timed};
use crate::io::sink::Sink;
use crate::io::stream::Stream;
use crate::io::threads::runtime;
use crate::writer::{BATCH_CHUNKS, Batch, SystemCall, SystemError};

/// How often in a row a write may take nothing, which is no error, before it fails with `EIO`: the
/// pauses between come to five seconds.
pub(super) const EMPTY_WRITES: u32 = 27;

/// The first of those pauses is a millisecond, each doubles the one before, so often.
const EMPTY_PAUSE_DOUBLINGS: u32 = 8;

/// How many slices one system call is given at most: as many as a batch has chunks, so that a batch
/// goes to the system in one call.
const SLICES: usize = BATCH_CHUNKS;

/// Writes all of `batch`, or fails the stream, or gives up because it is closing. Or returns why it has
/// given the rest back.
pub(super) async fn write<S: Sink>(
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
