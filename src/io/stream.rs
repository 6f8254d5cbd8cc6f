//! A stream that threads share: the [`Writer`] behind its lock, and the means to wake its driver.
//!
//! The lock is held for a copy or a transition, never across a system call of the driver.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::driver::Left;
use super::engine::Engine;
use super::retry::Retry;
use super::sync::{Condvar, Mutex, MutexGuard};
use super::threads::{Outlook, Work};
use crate::writer::{
    Accepted, Counters, Event, Listener, Mark, Standing, Step, SystemCall, SystemError, Writer,
};

/// How long an owner that waits leaves a driver alone that only it can drive.
const PARKED_PAUSE: Duration = Duration::from_millis(5);

/// See the module's text.
pub(crate) struct Stream {
    /// The name under which the listener knows it.
    id: u64,
    writer: Mutex<Writer>,
    /// Ends a wait for writability when the owner wants to close.
    closing: Notify,
    /// Ends a pause when the owner waits.
    awaited: Notify,
    /// Wakes an owner that waits in [`Self::wait_settled`] after every transition of the driver,
    /// which costs a look at one word while no owner waits.
    moved: Condvar,
    listener: Arc<dyn Listener>,
    engine: Box<dyn Engine>,
    /// What is done about refused writes; without it they fail the stream.
    retry: Option<Retry>,
}

impl Stream {
    /// A stream around `writer`, driven by `engine`.
    pub(crate) fn new(
        id: u64,
        writer: Writer,
        listener: Arc<dyn Listener>,
        engine: impl Engine + 'static,
    ) -> Arc<Self> {
        Self::with_retry(id, writer, listener, engine, None)
    }

    /// The same, and refused writes are tried again as `retry` says.
    pub(crate) fn with_retry(
        id: u64,
        writer: Writer,
        listener: Arc<dyn Listener>,
        engine: impl Engine + 'static,
        retry: Option<Retry>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            writer: Mutex::new(writer),
            closing: Notify::new(),
            awaited: Notify::new(),
            moved: Condvar::new(),
            listener,
            engine: Box::new(engine),
            retry,
        })
    }

    // The owner's side: none of these waits for I/O.

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
        let claimed = self.writer.lock().claim();
        let sent = if claimed { self.pass(bytes) } else { 0 };
        if sent == bytes.len() {
            return 0;
        }
        let accepted = self.writer.lock().append(&bytes[sent..]);
        self.notice(accepted);
        self.flush();
        self.pending()
    }

    /// Gives the system what it takes at once of `bytes`, which are not copied, and returns how many
    /// that is: none where others wait before them.
    pub(crate) fn send(self: &Arc<Self>, bytes: &[u8]) -> usize {
        self.flush();
        let claimed = self.writer.lock().claim();
        if claimed { self.pass(bytes) } else { 0 }
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
        // The lock is kept: otherwise the driver could get ahead, and this count come after a
        // greater one, or after the end.
        self.tell(event);
        drop(writer);
    }

    /// Drops what no driver has taken yet.
    pub(crate) fn discard(&self) {
        self.writer.lock().discard();
    }

    /// Puts a mark behind all that was accepted.
    pub(crate) fn mark(self: &Arc<Self>, mark: Mark) {
        let is_close = mark == Mark::Close;
        let start = self.writer.lock().mark(mark);
        if is_close {
            self.closing.notify_one();
            self.unpark();
        }
        self.start_if(start);
    }

    /// The owner goes, and with it what it has opened. What it has accepted is still written, but put in
    /// its place only if the owner had asked for the end.
    pub(crate) fn disown(self: &Arc<Self>) {
        self.engine.disown();
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

    /// The one call of the owner that waits: until all that was accepted so far is with the system,
    /// or nothing more of it will be, or `timeout` is over.
    pub(crate) fn wait_settled(self: &Arc<Self>, timeout: Duration) -> Standing {
        let deadline = Instant::now() + timeout;
        self.drive_for_owner(deadline);
        self.awaited.notify_one();
        let mut writer = self.writer.lock();
        let position = writer.total();
        loop {
            let standing = writer.standing(position);
            if !matches!(standing, Standing::Waiting(_)) {
                return standing;
            }
            if self.engine.is_parked() {
                // Only this thread can drive it.
                let pause = (Instant::now() + PARKED_PAUSE).min(deadline);
                self.moved.wait_until(&mut writer, pause);
                MutexGuard::unlocked(&mut writer, || self.unpark());
                if Instant::now() < deadline {
                    continue;
                }
                return writer.standing(position);
            }
            if self.moved.wait_until(&mut writer, deadline).timed_out() {
                return writer.standing(position);
            }
        }
    }

    /// Bytes accepted since the stream began.
    pub(crate) fn accepted(&self) -> u64 {
        self.writer.lock().total()
    }

    /// The waiting owner takes the driver's place if that is free, so that no thread has to wake.
    fn drive_for_owner(self: &Arc<Self>, deadline: Instant) {
        if !self.writer.lock().claim_driver() {
            return;
        }
        let left = self.engine.drive_for_owner(self, deadline);
        let mut writer = self.writer.lock();
        let goes_on = left != Left::Idle && writer.hand_to_worker();
        // A worker may find nothing left to do, and would tell nothing.
        let event = writer.driven_by_owner();
        self.tell(event);
        drop(writer);
        match left {
            Left::Stalled(pause) => {
                if let Err(error) = self.engine.start_after(pause, self) {
                    self.stranded(&error);
                }
            }
            Left::Idle | Left::Waiting | Left::Again => self.start_if(goes_on),
        }
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

    // The driver's side.

    /// The next step of the machine.
    pub(crate) fn next(&self) -> Step {
        self.writer.lock().next()
    }

    /// Makes a transition and sends the owner its event, if it has one.
    pub(crate) fn report(&self, transition: impl FnOnce(&mut Writer) -> Option<Event>) {
        let event = transition(&mut self.writer.lock());
        self.moved.notify_all();
        self.tell(event);
    }

    /// Gives up the driver's place, unless there is work. Returns whether it did.
    pub(crate) fn leave(&self) -> bool {
        let mut writer = self.writer.lock();
        if writer.has_work() {
            return false;
        }
        writer.leave();
        true
    }

    /// What to do about a write that the system refuses.
    pub(crate) fn retry(&self) -> Option<&Retry> {
        self.retry.as_ref()
    }

    /// Nothing is written any more.
    pub(crate) fn is_over(&self) -> bool {
        self.writer.lock().is_over()
    }

    /// The owner wants to close: do not wait.
    pub(crate) fn is_closing(&self) -> bool {
        self.writer.lock().is_closing()
    }

    /// Returns once the owner wants to close.
    pub(crate) async fn until_closing(&self) {
        while !self.is_closing() {
            self.closing.notified().await;
        }
    }

    /// Returns when the owner waits in [`Self::wait_settled`].
    pub(crate) async fn until_awaited(&self) {
        self.awaited.notified().await;
    }

    /// Fails the stream if it is dropped by a panic.
    pub(crate) fn fuse(self: &Arc<Self>) -> Fuse<'_> {
        Fuse(self)
    }

    /// The driver panicked: fail the stream, and drive on if it was about to close.
    pub(crate) fn panicked(self: &Arc<Self>) {
        self.fail_after(Writer::failed);
    }

    /// A call of the owner's panicked: the same, and what it was given is lost.
    pub(crate) fn call_panicked(self: &Arc<Self>) {
        self.fail_after(Writer::failed_in_call);
    }

    fn fail_after(self: &Arc<Self>, failed: fn(&mut Writer, SystemError) -> Option<Event>) {
        let error = SystemError {
            errno: SystemError::PANIC,
            call: SystemCall::Write,
        };
        self.report(|writer| failed(writer, error));
        self.writer.lock().leave();
        self.flush();
    }

    /// A driver waits for the owner to call [`Self::unpark`].
    pub(crate) fn tell_parked(&self) {
        self.tell(Some(Event::Parked));
    }

    /// There is no thread to drive the stream: fail it, and close it here if that is wanted.
    pub(crate) fn stranded(&self, error: &io::Error) {
        self.report(|writer| writer.failed(SystemError::new(writer.next_call(), error)));
        self.engine.wind_up(self);
    }

    /// The driver that was away, and has kept its place, goes on.
    pub(crate) fn resume(self: &Arc<Self>) {
        self.start();
    }

    fn start_if(self: &Arc<Self>, start: bool) {
        if start {
            self.start();
        }
    }

    fn start(self: &Arc<Self>) {
        if let Err(error) = self.engine.start(Arc::clone(self)) {
            self.stranded(&error);
        }
    }

    fn tell(&self, event: Option<Event>) {
        if let Some(event) = event {
            self.listener.notify(self.id, event);
        }
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

/// See [`Stream::fuse`].
pub(crate) struct Fuse<'a>(&'a Arc<Stream>);

impl Drop for Fuse<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked();
        }
    }
}

impl Work for Stream {
    fn run(self: Arc<Self>) -> Outlook {
        self.engine.drive(&self)
    }
}

#[cfg(test)]
#[cfg(not(rushwrite_loom))]
mod tests;
