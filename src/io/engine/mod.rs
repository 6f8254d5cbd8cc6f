//! Which threads drive a stream: one engine for whatever may block, one for sockets.

mod file;
mod socket;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::driver::Left;
use super::stream::Stream;
use super::threads::Outlook;

pub(crate) use file::open_file;
pub(crate) use socket::open_socket;

/// Starts the driver of one stream on the threads that fit its sink.
pub(crate) trait Engine: Send + Sync {
    /// Begins to drive `stream`. The writer made sure that no other driver has anything to do; the last
    /// one may still be on its way out, so the sink needs a lock. Fails if the system gives no thread.
    fn start(&self, stream: Arc<Stream>) -> io::Result<()>;

    /// From now on no driver may begin to use a descriptor that was given: its owner closes it. One
    /// that is at work goes on. Returns whether one was dropped that could only go on where the owner is.
    fn disown(&self) -> bool {
        false
    }

    /// Drives `stream` on this thread of a pool. Only engines that start drivers on pools have it.
    fn drive(&self, stream: &Arc<Stream>) -> Outlook;

    /// Drives `stream` on the thread of the owner, which waits for it. Returns where it would have to wait for
    /// anything but system calls, and soon after `deadline`. The caller starts another driver for the rest.
    /// A descriptor that may block for ever is not driven here.
    fn drive_for_owner(&self, _: &Arc<Stream>, _: Instant) -> Left {
        Left::Waiting
    }

    /// Begins to drive `stream` after a pause, or as soon as it is closing.
    fn start_after(&self, _: Duration, stream: &Arc<Stream>) -> io::Result<()> {
        self.start(Arc::clone(stream))
    }

    /// Runs [`super::driver::wind_up`] for `stream`, which has failed, on this thread: there is no
    /// other.
    fn wind_up(&self, stream: &Stream);

    /// Writes as many of `bytes` as the system takes at once, on the thread of the caller, which is the
    /// driver. Engines whose writes may wait refuse all bytes.
    fn write(&self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Drives on, on the owner's thread, if a driver had to stay there.
    fn unpark(&self, _: &Arc<Stream>) -> io::Result<()> {
        Ok(())
    }

    /// A driver had to stay on the owner's thread.
    fn is_parked(&self) -> bool {
        false
    }

    /// Whether the peer is gone in both directions.
    fn is_hung_up(&self) -> bool {
        false
    }
}
