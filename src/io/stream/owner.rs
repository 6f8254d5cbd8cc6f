//! The owner's side of a stream: none of these waits for I/O. `wait.rs` has what does.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::Stream;
use crate::writer::{Accepted, Counters, Mark, SystemCall, SystemError};

/// What a system says of memory that cannot be read: Windows's number for sockets there.
const EFAULT: i32 = if cfg!(windows) { 10014 } else { 14 };

impl Stream {
    /// Takes a copy of `bytes` and returns how many bytes wait for the system now.
    pub(crate) fn append(self: &Arc<Self>, bytes: &[u8]) -> u64 {
        let accepted = self.writer.lock().append(bytes);
        self.notice(accepted)
    }

    fn notice(self: &Arc<Self>, accepted: Accepted) -> u64 {
        if accepted.start {
            self.start();
            return self.pending();
        }
        accepted.pending
    }

    /// Takes one write and hands it over: the system gets what it takes at once from where it lies, the
    /// rest is copied. Returns how many bytes wait for the system now.
    pub(crate) fn write(self: &Arc<Self>, bytes: &[u8]) -> u64 {
        if bytes.is_empty() {
            return self.pending();
        }
        let sent = if self.claim() { self.pass(bytes) } else { 0 };
        if sent == bytes.len() {
            return 0;
        }
        let accepted = self.writer.lock().append(&bytes[sent..]);
        self.notice(accepted);
        self.flush();
        self.pending()
    }

    /// Takes a copy of one write and hands it to the driver, with all before it, in one call. `watches`: asks for
    /// one [`Event::Progress`] when it is completed. Returns how many bytes were accepted since the stream began.
    pub(crate) fn hand_over(self: &Arc<Self>, bytes: &[u8], watches: bool) -> u64 {
        let mut writer = self.writer.lock();
        let is_started = writer.append(bytes).start;
        let start = writer.flush() || is_started;
        let total = writer.total();
        if watches {
            // The lock is kept as in `watch`.
            let event = writer.watch(total);
            self.tell(event);
        }
        drop(writer);
        self.start_if(start);
        total
    }

    /// Gives the system what it takes at once of `bytes`, which are not copied, and returns how many
    /// that is: none where others wait before them.
    pub(crate) fn send(self: &Arc<Self>, bytes: &[u8]) -> usize {
        if !self.claim() {
            self.flush();
            if !self.claim() {
                return 0;
            }
        }
        self.pass(bytes)
    }

    fn claim(&self) -> bool {
        self.writer.lock().claim()
    }

    fn pass(self: &Arc<Self>, bytes: &[u8]) -> usize {
        let _fuse = self.fuse();
        let start = Instant::now();
        let result = self.engine.write(bytes);
        // An engine that makes no call has no number to tell.
        let is_call = !matches!(&result, Err(error) if error.raw_os_error().is_none());
        let elapsed = is_call.then(|| start.elapsed());
        let sent = result.as_ref().map_or(0, |&sent| sent);
        self.report(|writer| {
            let event = result.err().and_then(|error| match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => None,
                _ => writer.failed(SystemError::new(SystemCall::Write, &error)),
            });
            writer.passed(sent, elapsed);
            event
        });
        sent
    }

    /// Hands all accepted bytes to the driver and returns their count since the stream began.
    pub(crate) fn flush(self: &Arc<Self>) -> u64 {
        let mut writer = self.writer.lock();
        let start = writer.flush();
        let total = writer.total();
        drop(writer);
        self.start_if(start);
        total
    }

    /// Drives on the thread of the owner, who sees the count afterwards.
    pub(crate) fn drive_as_owner<T>(&self, drive: impl FnOnce() -> T) -> T {
        self.writer.lock().drive_as_owner();
        let result = drive();
        self.writer.lock().hand_to_worker();
        result
    }

    /// Asks for one [`Event::Progress`] at `position`; it may come at once.
    pub(crate) fn watch(&self, position: u64) {
        let mut writer = self.writer.lock();
        let event = writer.watch(position);
        let open = event.as_ref().and_then(|event| writer.take_untold(event));
        self.tell(open);
        // The lock is kept: otherwise the driver could get ahead, and this count come after a
        // greater one, or after the end.
        self.tell(event);
        drop(writer);
    }

    /// Drops what no driver has taken yet.
    pub(crate) fn discard(&self) {
        self.writer.lock().discard();
    }

    /// The memory of a socket's write is gone before the system has read all of it: the stream fails as the system would
    /// fail the write.
    pub(crate) fn lose_memory(&self) {
        let error = io::Error::from_raw_os_error(EFAULT);
        self.report(|writer| writer.failed_in_call(SystemError::new(SystemCall::Write, &error)));
    }

    /// Puts a mark behind all that was accepted.
    pub(crate) fn mark(self: &Arc<Self>, mark: Mark) {
        let is_close = mark == Mark::Close;
        let mut writer = self.writer.lock();
        // A close is answered in any case.
        let event = if is_close { None } else { writer.retell() };
        let start = writer.mark(mark);
        drop(writer);
        self.tell(event);
        if is_close {
            self.closing.notify_one();
            self.unpark();
        }
        self.start_if(start);
    }

    /// The owner goes, and with it what it has opened. What it has accepted is still written, but put in
    /// its place only if the owner had asked for the end.
    pub(crate) fn disown(self: &Arc<Self>) {
        if self.engine.disown() {
            // Its place is free, and what it had is lost with the descriptor.
            let mut writer = self.writer.lock();
            writer.discard();
            writer.leave();
        }
        let is_unfinished = self.writer.lock().is_unfinished();
        self.mark(if is_unfinished {
            Mark::Close
        } else {
            Mark::End
        });
    }

    /// Drives on where a driver had to stay on the owner's thread.
    pub(crate) fn unpark(self: &Arc<Self>) {
        if let Err(error) = self.engine.unpark(self) {
            self.stranded(&error);
        }
    }

    /// What the end of what the peer sends means: the number of the error that a write had, or nothing if
    /// it is just an end; or that a write will tell, which has not returned yet.
    pub(crate) fn standing_at_end(&self) -> AtEnd {
        let is_hung_up = self.engine.is_hung_up();
        let writer = self.writer.lock();
        match writer.failure() {
            Some(error) => AtEnd::Failed(error),
            None if is_hung_up && writer.is_driven() => AtEnd::Unknown,
            None => AtEnd::Clean,
        }
    }

    /// See [`Writer::has_failed_in_call`].
    pub(crate) fn has_failed_in_call(&self) -> bool {
        self.writer.lock().has_failed_in_call()
    }

    /// Bytes accepted since the stream began.
    pub(crate) fn accepted(&self) -> u64 {
        self.writer.lock().total()
    }

    /// Bytes the system took since the stream began.
    pub(crate) fn completed(&self) -> u64 {
        self.writer.lock().completed()
    }

    /// Bytes that wait for the system.
    pub(crate) fn pending(&self) -> u64 {
        self.writer.lock().pending()
    }

    /// What has been done so far, and how many bytes were accepted and completed.
    pub(crate) fn counters(&self) -> (Counters, u64, u64) {
        let writer = self.writer.lock();
        (writer.counters(), writer.total(), writer.completed())
    }
}

/// What the end of what a peer sends means.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AtEnd {
    /// It has sent all that it wants to send.
    Clean,
    /// A write has failed: the peer may be gone.
    Failed(SystemError),
    /// The peer is gone, and the driver is about to find out how.
    Unknown,
}
