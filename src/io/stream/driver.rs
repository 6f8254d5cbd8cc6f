//! The driver's side of a stream: what comes next, what came of it, and what a panic leaves.

use std::io;
use std::sync::Arc;
use std::thread;

use super::Stream;
use crate::io::retry::Retry;
use crate::writer::{Event, Step, SystemCall, SystemError, Writer};

impl Stream {
    /// The next step of the machine.
    pub(crate) fn next(&self) -> Step {
        self.writer.lock().next()
    }

    /// Makes a transition and sends the owner its event, if it has one.
    pub(crate) fn report(&self, transition: impl FnOnce(&mut Writer) -> Option<Event>) {
        let mut writer = self.writer.lock();
        let event = transition(&mut writer);
        let open = event.as_ref().and_then(|event| writer.take_untold(event));
        drop(writer);
        self.moved.notify_all();
        self.tell(open);
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
