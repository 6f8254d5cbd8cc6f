//! Sockets: the write side of a connected descriptor that Node made and reads from.
//!
//! A socket never blocks, so its driver needs no thread of its own. It begins on the thread of the
//! owner and gives the system what it takes at once: a lone small write costs no hop. Only when the
//! system refuses bytes does the driver become a task, which waits and goes on.
//!
//! A driver may leave the owner's thread only with a duplicate of the descriptor, see
//! [`crate::io::sink::SocketSink`]. Where the system has none to spare it stays, and the owner is asked to
//! look at it again after a while.

use std::io::{self, IoSlice};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use parking_lot::Mutex as Slot;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Engine;
use crate::io::driver::{Left, drive, wind_up};
use crate::io::sink::{NodeSocket, Sink, SocketSink};
use crate::io::stream::Stream;
use crate::io::threads::{Outlook, runtime};
use crate::writer::{Listener, Origin, Writer};

/// Makes a stream that writes to the connected socket `fd`, which stays open until the stream's close is
/// asked for or [`Stream::disown`] is called.
pub(crate) fn open_socket(id: u64, fd: i32, listener: Arc<dyn Listener>) -> Arc<Stream> {
    let writer = Writer::new(Origin::Descriptor, false);
    Stream::new(id, writer, listener, SocketEngine::new(fd))
}

/// How often the owner asks for a sink that is about to be unlocked.
const LOCK_ATTEMPTS: usize = 1000;

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A driver that only the owner's thread can carry on.
enum Parked {
    /// The last driver is slow to unlock the sink, so this one has not begun. Until it has, the duplicate is not its
    /// own: it would be gone by the time that another thread could use it.
    NotBegun,
    /// It has to wait and has no duplicate to leave with.
    Begun(Driver),
}

/// Runs drivers on the owner's thread for as long as they need not wait.
struct SocketEngine {
    /// Locked for as long as a driver runs.
    sink: Arc<Mutex<SocketSink>>,
    socket: Arc<NodeSocket>,
    parked: Slot<Option<Parked>>,
}

impl SocketEngine {
    fn new(fd: i32) -> Self {
        let socket = Arc::new(NodeSocket::new(fd));
        Self {
            sink: Arc::new(Mutex::new(SocketSink::new(Arc::clone(&socket)))),
            socket,
            parked: Slot::new(None),
        }
    }

    /// The sink, unless a driver that has left is slow to unlock it.
    fn lock(&self) -> Option<OwnedMutexGuard<SocketSink>> {
        for _ in 0..LOCK_ATTEMPTS {
            if let Ok(sink) = Arc::clone(&self.sink).try_lock_owned() {
                return Some(sink);
            }
            thread::yield_now();
        }
        None
    }

    fn go_on(&self, mut driver: Driver, stream: &Arc<Stream>) -> io::Result<()> {
        let begun = AssertUnwindSafe(|| stream.drive_as_owner(|| begin(driver.as_mut())));
        // A panic has failed the stream, which tells its owner.
        if catch_unwind(begun).is_ok_and(|progress| progress.is_pending()) {
            return self.go_elsewhere(driver, stream);
        }
        Ok(())
    }

    fn go_elsewhere(&self, driver: Driver, stream: &Arc<Stream>) -> io::Result<()> {
        if self.socket.is_duplicated() {
            drop(runtime::handle()?.spawn(driver));
            return Ok(());
        }
        self.park(Parked::Begun(driver), stream);
        Ok(())
    }

    fn park(&self, parked: Parked, stream: &Arc<Stream>) {
        *self.parked.lock() = Some(parked);
        stream.tell_parked();
    }
}

impl Engine for SocketEngine {
    fn start(&self, stream: Arc<Stream>) -> io::Result<()> {
        if let Some(sink) = self.lock() {
            return self.go_on(Box::pin(drive_socket(sink, Arc::clone(&stream))), &stream);
        }
        self.park(Parked::NotBegun, &stream);
        Ok(())
    }

    fn disown(&self) -> bool {
        self.socket.revoke();
        // It could only go on here.
        self.parked.lock().take().is_some()
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        unreachable!("a socket's driver runs on no pool")
    }

    fn wind_up(&self, stream: &Stream) {
        // Free: without a runtime every driver was dropped when it had to wait.
        if let Ok(mut sink) = self.sink.try_lock() {
            wind_up(stream, &mut *sink);
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sink = self.lock().ok_or(io::ErrorKind::WouldBlock)?;
        sink.write(&[IoSlice::new(bytes)])
    }

    fn unpark(&self, stream: &Arc<Stream>) -> io::Result<()> {
        let parked = self.parked.lock().take();
        match parked {
            None => Ok(()),
            Some(Parked::NotBegun) => self.start(Arc::clone(stream)),
            Some(Parked::Begun(driver)) => self.go_on(driver, stream),
        }
    }

    fn is_parked(&self) -> bool {
        self.parked.lock().is_some()
    }

    fn is_hung_up(&self) -> bool {
        self.socket.is_hung_up()
    }
}

/// Goes as far as possible without waiting. What wakes a future is asked anew each time it is
/// polled, so that it can go on elsewhere.
fn begin(driver: Pin<&mut (dyn Future<Output = ()> + Send)>) -> Poll<()> {
    driver.poll(&mut Context::from_waker(Waker::noop()))
}

async fn drive_socket(mut sink: OwnedMutexGuard<SocketSink>, stream: Arc<Stream>) {
    loop {
        match drive(&stream, &mut *sink).await {
            Left::Idle => break,
            // A stream that can't leave the owner's thread goes on there.
            Left::Again => {
                if sink.duplicate().is_ok() {
                    tokio::task::yield_now().await;
                }
            }
            Left::Waiting => unreachable!("this driver waits"),
            Left::Stalled(_) => unreachable!("a socket's writes are not tried again"),
        }
    }
    // Closed after the sink is unlocked.
    let _duplicate = sink.take_duplicate();
    drop(sink);
}

#[cfg(all(test, unix))]
mod tests;
