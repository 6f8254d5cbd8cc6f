//! Waiting until a descriptor takes bytes again.

#![expect(clippy::unused_async, reason = "on unix it waits")]

use std::io::{self, IoSlice};
use std::time::Duration;

use super::descriptor::Descriptor;
use crate::io::threads::runtime;

/// How long to wait before another try: the system can't tell when a descriptor is writable.
const RETRY_DELAY: Duration = Duration::from_millis(5);
/// Tells when a descriptor that would have blocked may be tried again.
#[derive(Debug)]
pub(crate) struct Wakeup;

impl Wakeup {
    /// There is nothing to watch.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "on unix there may be no thread to watch on"
    )]
    pub(crate) fn new(_: &Descriptor) -> io::Result<Self> {
        Ok(Self)
    }

    /// Returns when a write is worth another try.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        runtime::sleep(RETRY_DELAY)?.await;
        Ok(())
    }
}

/// There is none: sockets are Node's there.
#[derive(Debug)]
pub(crate) enum Waiter {}

impl Waiter {
    /// Always fails.
    pub(crate) fn of(_: &Descriptor) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn write(&self, _: &[IoSlice<'_>]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) async fn writable(&self) -> io::Result<()> {
        match *self {}
    }
}
