//! A stream that threads share: the [`Writer`] behind its lock, and the means to wake its driver.
//!
//! The lock is held for a copy or a transition, never across a system call of the driver.

mod driver;
mod owner;
mod rhythm;
mod wait;

use std::sync::Arc;

use tokio::sync::Notify;

use super::engine::Engine;
use super::retry::Retry;
use super::sync::{AtomicBool, Condvar, Mutex};
use super::threads::{Outlook, Work};
use crate::writer::{Event, Listener, Writer};

pub(crate) use owner::AtEnd;
use rhythm::Rhythm;

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
    /// The owner waits there.
    is_awaited: AtomicBool,
    rhythm: Mutex<Rhythm>,
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
            is_awaited: AtomicBool::new(false),
            rhythm: Mutex::new(Rhythm::default()),
            listener,
            engine: Box::new(engine),
            retry,
        })
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

impl Work for Stream {
    fn run(self: Arc<Self>) -> Outlook {
        self.engine.drive(&self)
    }
}

#[cfg(test)]
#[cfg(not(rushwrite_loom))]
mod tests;
