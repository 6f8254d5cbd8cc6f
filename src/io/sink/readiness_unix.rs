//! Waiting until a descriptor takes bytes again.

use std::io::{self, IoSlice};
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::descriptor::Descriptor;
use crate::io::threads::runtime;

/// How long to wait before another try where the system can't tell when a descriptor is writable.
const RETRY_DELAY: Duration = Duration::from_millis(5);

/// Tells when a non-blocking descriptor takes bytes again.
#[derive(Debug)]
pub(crate) enum Wakeup {
    /// The system tells. A duplicate is watched, because one descriptor can be watched only once
    /// and two streams may share it.
    Ready(AsyncFd<OwnedFd>),
    /// The system can't tell for this kind of descriptor, or has no descriptor to spare: try again
    /// after a while.
    Retry,
}

impl Wakeup {
    /// Begins to watch `descriptor`. Fails if there is no thread to watch on.
    pub(crate) fn new(descriptor: &Descriptor) -> io::Result<Self> {
        let Ok(duplicate) = rustix::io::fcntl_dupfd_cloexec(descriptor, 0) else {
            return Ok(Self::Retry);
        };
        let _runtime = runtime::handle()?.enter();
        // SAFETY: an `OwnedFd` that nobody else knows has one number as long as it lives.
        let watched = unsafe { AsyncFd::register_with_interest(duplicate, Interest::WRITABLE) };
        Ok(watched.map_or(Self::Retry, Self::Ready))
    }

    /// Returns when a write is worth another try.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Ready(watched) => watched.writable().await?.clear_ready(),
            Self::Retry => runtime::sleep(RETRY_DELAY)?.await,
        }
        Ok(())
    }
}

/// A duplicate of a socket that a driver waits for, and writes to.
#[derive(Debug)]
pub(crate) enum Waiter {
    /// The system tells when it takes bytes again.
    Ready(AsyncFd<OwnedFd>),
    /// The system can't watch any more descriptors: try again after a while.
    Retry(OwnedFd),
}

impl Waiter {
    /// Begins to watch a duplicate of `socket`. Fails if there are too many descriptors, or no thread to
    /// watch on.
    pub(crate) fn of(socket: &Descriptor) -> io::Result<Self> {
        let runtime = runtime::handle()?;
        let duplicate = rustix::io::fcntl_dupfd_cloexec(socket, 0)?;
        let _runtime = runtime.enter();
        // SAFETY: an `OwnedFd` that nobody else knows has one number as long as it lives.
        let watched = unsafe { AsyncFd::register_with_interest(duplicate, Interest::WRITABLE) };
        Ok(match watched {
            Ok(watched) => Self::Ready(watched),
            Err(error) => Self::Retry(error.into_parts().0),
        })
    }

    /// One `write` or `writev`.
    pub(crate) fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let socket = match self {
            Self::Ready(watched) => watched.get_ref(),
            Self::Retry(socket) => socket,
        };
        Ok(match slices {
            [slice] => rustix::io::write(socket, slice),
            _ => rustix::io::writev(socket, slices),
        }?)
    }

    /// Returns when a write is worth another try.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Ready(watched) => watched.writable().await?.clear_ready(),
            Self::Retry(_) => runtime::sleep(RETRY_DELAY)?.await,
        }
        Ok(())
    }
}
