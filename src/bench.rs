//! What `benches/` measures; no part of the addon. Private types stay private behind it.

use bytes::Buf;

pub use crate::io::DiscardingStream;
use crate::stream::Queue;

/// How much a driver takes for one system call.
const BATCH_BYTES: usize = 512 * 1024;

/// A queue whose bytes are taken as a driver takes them, by a system that takes all.
#[derive(Debug, Default)]
pub struct DiscardingQueue(Queue);

impl DiscardingQueue {
    /// Takes a copy of `bytes`.
    pub fn append(&mut self, bytes: &[u8]) {
        self.0.append(bytes);
    }

    /// Empties it. Returns how many bytes went through it so far.
    pub fn take_all(&mut self) -> u64 {
        while self.0.accepted() > self.0.taken() {
            let mut batch = self.0.take(BATCH_BYTES);
            let bytes = batch.remaining();
            batch.advance(bytes);
            self.0.complete(bytes);
        }
        self.0.completed()
    }
}
