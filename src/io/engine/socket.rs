//! Sockets: the write side of a connected descriptor that somebody else made, and reads from.
//!
//! A socket never blocks, so its driver needs no thread of its own. It begins on the thread of the
//! owner and gives the system what it takes at once: a lone small write costs no hop. Only when the
//! system refuses bytes does the driver become a task, which waits and goes on.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::sync::Mutex;

use super::Engine;
use crate::io::driver::{Left, drive, wind_up};
use crate::io::sink::{Descriptor, FileSink, Sink};
use crate::io::stream::Stream;
use crate::io::threads::{Outlook, runtime};
use crate::writer::{Listener, Origin, Writer};

/// The write side of a socket.
pub struct WriteSide(FileSink);

impl WriteSide {
    /// Of the socket `fd`, through a duplicate: that number may be closed, and name something else,
    /// before the stream is. Fails if there are too many descriptors.
    pub fn of(fd: i32) -> io::Result<Self> {
        Ok(Self(FileSink::over(Descriptor::duplicate(fd)?)))
    }

    /// Makes a stream that writes to it.
    pub fn open(self, id: u64, listener: Arc<dyn Listener>) -> Arc<Stream> {
        let writer = Writer::new(Origin::Descriptor, false);
        let engine = SocketEngine(Arc::new(Mutex::new(self.0)));
        Stream::new(id, writer, listener, engine)
    }
}

/// Runs drivers on the owner's thread for as long as they need not wait. The sink is locked for as
/// long as one runs: one that is about to leave may still hold it when the next one starts.
struct SocketEngine(Arc<Mutex<FileSink>>);

impl Engine for SocketEngine {
    fn start(&self, stream: Arc<Stream>) -> io::Result<()> {
        let sink = Arc::clone(&self.0);
        let mut driver = Box::pin(serve(sink, Arc::clone(&stream)));
        if stream
            .drive_as_owner(|| begin(driver.as_mut()))
            .is_pending()
        {
            drop(runtime::handle()?.spawn(driver));
        }
        Ok(())
    }

    fn serve(&self, _: &Arc<Stream>) -> Outlook {
        unreachable!("a socket's driver runs on no pool")
    }

    fn wind_up(&self, stream: &Stream) {
        // Free: without a runtime every driver was dropped when it had to wait.
        if let Ok(mut sink) = self.0.try_lock() {
            wind_up(stream, &mut *sink);
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.try_lock() {
            Ok(mut sink) => sink.write(&[IoSlice::new(bytes)]),
            Err(_) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

/// Goes as far as possible without waiting. What wakes a future is asked anew each time it is
/// polled, so that it can go on elsewhere.
fn begin(driver: Pin<&mut impl Future<Output = ()>>) -> Poll<()> {
    driver.poll(&mut Context::from_waker(Waker::noop()))
}

async fn serve(sink: Arc<Mutex<FileSink>>, stream: Arc<Stream>) {
    let mut sink = sink.lock().await;
    loop {
        match drive(&stream, &mut *sink).await {
            Left::Again => tokio::task::yield_now().await,
            Left::Idle => return,
            Left::Stalled(_) => unreachable!("a socket's writes are not tried again"),
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
