//! What benchmarks of the driver need: a stream whose sink takes everything at once, driven on the
//! thread that asks for it. What is left is the cost of the queue, the machine and the driver.

use std::io::{self, IoSlice};
use std::sync::Arc;

use super::driver::{Left, drive};
use super::sink::Sink;
use super::stream::{Engine, Stream};
use crate::stream::{Event, Listener, Origin, Writer};

/// See the module's text.
pub struct DiscardingStream {
    stream: Arc<Stream>,
    sink: Discard,
}

impl DiscardingStream {
    /// An open stream without bytes.
    #[must_use]
    pub fn new() -> Self {
        let writer = Writer::new(Origin::Descriptor, false);
        Self {
            stream: Stream::new(0, writer, Arc::new(Deaf), Asleep),
            sink: Discard,
        }
    }

    /// Takes a copy of `bytes`.
    pub fn append(&self, bytes: &[u8]) {
        self.stream.append(bytes);
    }

    /// Writes all that was appended. Returns how many bytes the sink has taken so far.
    pub async fn drive(&mut self) -> u64 {
        self.stream.flush();
        while drive(&self.stream, &mut self.sink).await == Left::Again {}
        self.stream.completed()
    }
}

impl Default for DiscardingStream {
    fn default() -> Self {
        Self::new()
    }
}

struct Deaf;

impl Listener for Deaf {
    fn notify(&self, _: u32, _: Event) {}
}

/// The driver runs when [`DiscardingStream::drive`] is called.
struct Asleep;

impl Engine for Asleep {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        Ok(())
    }

    fn wind_up(&self, _: &Stream) {}
}

struct Discard;

impl Sink for Discard {
    fn open(&mut self) -> io::Result<i32> {
        Ok(0)
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    async fn writable(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}
