//! The write side of a connected socket, which Node reads from and closes.
//!
//! The thread of the owner writes to Node's own descriptor: Node closes it on that thread, and says so
//! before, so that its number is right as long as the call lasts. No other thread may do that. A driver
//! that has to wait gets a duplicate, one for both its writes and its wait, and closes it when all
//! is written: a connection that is not stalled has one descriptor, Node's.

use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::descriptor::Descriptor;
use super::readiness::Waiter;
use super::{Failure, Sink};
use crate::io::threads::runtime;

/// libuv takes it for EAGAIN. The socket may call itself writable all the while.
const ENOBUFS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };

/// What a write says on a connection that is over.
const EPIPE: i32 = 32;

/// How long to wait before another try where the system can't tell when there is memory again.
const RETRY_DELAY: Duration = Duration::from_millis(5);

/// No descriptor.
const NONE: i32 = -1;

/// What a socket's engine and its sink share.
pub(crate) struct NodeSocket {
    /// Node's descriptor, or [`NONE`] once Node has it back.
    fd: AtomicI32,
    /// The only thread that may use it.
    owner: ThreadId,
    /// The sink has a duplicate, so that any thread may drive it.
    is_duplicated: AtomicBool,
}

impl NodeSocket {
    /// The socket `fd`, which must stay open until [`Self::revoke`], for this thread.
    pub(crate) fn new(fd: i32) -> Self {
        Self {
            fd: AtomicI32::new(fd),
            owner: thread::current().id(),
            is_duplicated: AtomicBool::new(false),
        }
    }

    /// Any thread may drive.
    pub(crate) fn is_duplicated(&self) -> bool {
        self.is_duplicated.load(Ordering::Acquire)
    }

    /// Node may close its descriptor from now on. Called on the owner's thread.
    pub(crate) fn revoke(&self) {
        self.fd.store(NONE, Ordering::Release);
    }

    /// Both directions of the connection are over, as after a reset. Asked on the owner's thread.
    pub(crate) fn is_hung_up(&self) -> bool {
        self.descriptor().is_ok_and(|fd| fd.is_hung_up())
    }

    fn descriptor(&self) -> io::Result<Descriptor> {
        if thread::current().id() != self.owner {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match self.fd.load(Ordering::Acquire) {
            NONE => Err(io::Error::from_raw_os_error(EPIPE)),
            fd => Ok(Descriptor::given(fd)),
        }
    }
}

/// See the module's text.
pub(crate) struct SocketSink {
    socket: Arc<NodeSocket>,
    /// Made by a driver that has to wait, before it leaves the owner's thread.
    waiter: Option<Waiter>,
    /// The system had no memory for the last write.
    is_out_of_memory: bool,
}

impl SocketSink {
    /// A sink on the descriptor that Node owns.
    pub(crate) fn new(socket: Arc<NodeSocket>) -> Self {
        Self {
            socket,
            waiter: None,
            is_out_of_memory: false,
        }
    }

    /// Makes the duplicate, without which no other thread may drive. Fails if there are too many
    /// descriptors.
    pub(crate) fn duplicate(&mut self) -> io::Result<()> {
        if self.waiter.is_none() {
            self.waiter = Some(Waiter::of(&self.socket.descriptor()?)?);
            self.socket.is_duplicated.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// A lack of memory is no error, but a reason to wait.
    fn judge(&mut self, result: io::Result<usize>) -> io::Result<usize> {
        match result {
            Err(error) if error.raw_os_error() == Some(ENOBUFS) => {
                self.is_out_of_memory = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
            result => result,
        }
    }

    /// All is written: returns the duplicate to be closed.
    #[must_use]
    pub(crate) fn take_duplicate(&mut self) -> Option<Waiter> {
        self.socket.is_duplicated.store(false, Ordering::Release);
        self.waiter.take()
    }
}

impl Sink for SocketSink {
    fn open(&mut self) -> Result<i32, Failure> {
        unreachable!("a socket's stream begins open");
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let result = match &self.waiter {
            Some(waiter) => waiter.write(slices),
            None => self.socket.descriptor()?.write(slices, None),
        };
        self.judge(result)
    }

    /// Where there is no descriptor for the duplicate it returns when it is polled again: the owner does
    /// that after a while.
    async fn writable(&mut self) -> io::Result<()> {
        if self.duplicate().is_err() {
            tokio::task::yield_now().await;
            return Ok(());
        }
        if std::mem::take(&mut self.is_out_of_memory) {
            runtime::sleep(RETRY_DELAY)?.await;
        } else if let Some(waiter) = &self.waiter {
            waiter.writable().await?;
        }
        Ok(())
    }

    fn sync(&mut self, _: bool, _: bool) -> Result<(), Failure> {
        unreachable!("nobody syncs a socket");
    }

    fn commit(&mut self) -> Result<(), Failure> {
        unreachable!("a socket has no other place");
    }

    fn reopen(&mut self, _: Option<&Path>) -> io::Result<i32> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn close(&mut self) -> io::Result<()> {
        drop(self.take_duplicate());
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    use super::*;

    #[test]
    fn lack_of_memory_is_waited_for() {
        let (near, _peer) = UnixStream::pair().unwrap();
        let mut sink = SocketSink::new(Arc::new(NodeSocket::new(near.as_raw_fd())));
        let refused = sink.judge(Err(io::Error::from_raw_os_error(ENOBUFS)));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let start = Instant::now();
        runtime::block_on(sink.writable()).unwrap();
        assert!(
            start.elapsed() >= RETRY_DELAY,
            "the socket is writable all the while"
        );
    }

    #[test]
    fn descriptor_of_another_thread_is_not_used() {
        let (near, _peer) = UnixStream::pair().unwrap();
        let socket = Arc::new(NodeSocket::new(near.as_raw_fd()));
        let refused = thread::spawn(move || SocketSink::new(socket).write(&[IoSlice::new(b"no")]));
        let error = refused.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn duplicate_is_given_back_when_all_is_written() {
        let (near, _peer) = UnixStream::pair().unwrap();
        let socket = Arc::new(NodeSocket::new(near.as_raw_fd()));
        let mut sink = SocketSink::new(Arc::clone(&socket));
        sink.duplicate().unwrap();
        assert!(socket.is_duplicated());
        drop(sink.take_duplicate());
        assert!(!socket.is_duplicated());
    }

    #[test]
    fn a_descriptor_that_node_has_back_is_not_used() {
        let (near, mut peer) = UnixStream::pair().unwrap();
        let socket = Arc::new(NodeSocket::new(near.as_raw_fd()));
        let mut sink = SocketSink::new(Arc::clone(&socket));
        assert_eq!(sink.write(&[IoSlice::new(b"before")]).unwrap(), 6);
        socket.revoke();
        let error = sink.write(&[IoSlice::new(b"after")]).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(EPIPE));
        drop(near);
        let mut read = String::new();
        io::Read::read_to_string(&mut peer, &mut read).unwrap();
        assert_eq!(read, "before");
    }

    #[test]
    fn only_a_connection_that_is_over_is_hung_up() {
        let (near, peer) = UnixStream::pair().unwrap();
        let socket = NodeSocket::new(near.as_raw_fd());
        assert!(!socket.is_hung_up());
        drop(peer);
        assert!(socket.is_hung_up());
        socket.revoke();
        assert!(!socket.is_hung_up(), "nobody knows");
    }
}
