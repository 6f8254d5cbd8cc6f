//! The memory of queued bytes, and its reuse.
//!
//! A fresh MiB costs 256 page faults, so chunks of the standard size return to a pool when they
//! are dropped. The memory is initialised once, when it is made, so that it needs no `unsafe` here.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, BytesMut};
use parking_lot::Mutex;

/// The size in bytes of a chunk that is pooled. It holds a full batch of staged strings even if
/// every UTF-16 unit takes three bytes.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// The smallest chunk in bytes, for streams that write a line now and then.
const MIN_CHUNK_BYTES: usize = 1024;

/// How many free chunks the process keeps: 8 MiB.
const POOL_CHUNKS: usize = 32;

/// Requests above this many bytes get a pooled chunk; smaller ones are left to the allocator.
const POOLED_FROM_BYTES: usize = 32 * 1024;

static POOL: Mutex<Vec<BytesMut>> = Mutex::new(Vec::new());

/// A run of queued bytes: `memory[sent..filled]` is what the system has not taken yet.
#[derive(Debug)]
pub struct Chunk {
    /// Initialised over its whole length, which never changes.
    memory: BytesMut,
    /// Bytes the system has taken; at most `filled`.
    sent: usize,
    /// Bytes written into the chunk; at most `memory.len()`.
    filled: usize,
}

impl Chunk {
    /// A chunk with room for at least `bytes`.
    pub fn with_room(bytes: usize) -> Self {
        let memory = if bytes <= POOLED_FROM_BYTES {
            BytesMut::zeroed(bytes.next_power_of_two().max(MIN_CHUNK_BYTES))
        } else if bytes <= CHUNK_BYTES {
            let free = POOL.lock().pop();
            free.unwrap_or_else(|| BytesMut::zeroed(CHUNK_BYTES))
        } else {
            BytesMut::zeroed(bytes)
        };
        Self {
            memory,
            sent: 0,
            filled: 0,
        }
    }

    /// The memory behind the last byte.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.memory[self.filled..]
    }

    /// Says that `bytes` of [`Self::room`] now hold data.
    pub fn fill(&mut self, bytes: usize) {
        self.filled += bytes;
        assert!(self.filled <= self.memory.len(), "a chunk was overfilled");
    }

    /// Copies as much of `bytes` as fits and returns the rest.
    pub fn copy<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let room = self.room();
        let (head, rest) = bytes.split_at(bytes.len().min(room.len()));
        room[..head.len()].copy_from_slice(head);
        self.fill(head.len());
        rest
    }

    /// The size of the memory in bytes.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// How many bytes the system has not taken.
    pub fn len(&self) -> usize {
        self.filled - self.sent
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if self.memory.len() == CHUNK_BYTES {
            let mut pool = POOL.lock();
            if pool.len() < POOL_CHUNKS {
                pool.push(std::mem::take(&mut self.memory));
            }
        }
    }
}

/// Chunks on their way to the system. The driver owns them; nobody appends to them any more.
#[derive(Debug, Default)]
pub struct Batch {
    /// None is empty.
    chunks: VecDeque<Chunk>,
    /// The sum of the chunks' lengths.
    bytes: usize,
}

impl Extend<Chunk> for Batch {
    /// Adds chunks at the end. An empty chunk goes back to the pool at once.
    fn extend<I: IntoIterator<Item = Chunk>>(&mut self, chunks: I) {
        for chunk in chunks {
            if chunk.len() > 0 {
                self.bytes += chunk.len();
                self.chunks.push_back(chunk);
            }
        }
    }
}

impl Buf for Batch {
    fn remaining(&self) -> usize {
        self.bytes
    }

    fn chunk(&self) -> &[u8] {
        self.chunks
            .front()
            .map_or(&[], |chunk| &chunk.memory[chunk.sent..chunk.filled])
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
            *slice = IoSlice::new(&chunk.memory[chunk.sent..chunk.filled]);
            used += 1;
        }
        used
    }

    fn advance(&mut self, mut bytes: usize) {
        assert!(
            bytes <= self.bytes,
            "the system took more than it was given"
        );
        self.bytes -= bytes;
        while let Some(front) = self.chunks.front_mut() {
            if bytes < front.len() {
                front.sent += bytes;
                return;
            }
            bytes -= front.len();
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(parts: &[&[u8]]) -> Batch {
        let mut batch = Batch::default();
        for part in parts {
            let mut chunk = Chunk::with_room(part.len());
            assert!(chunk.copy(part).is_empty());
            batch.extend([chunk]);
        }
        batch
    }

    #[test]
    fn advance_within_a_chunk_keeps_the_rest() {
        let mut batch = batch(&[b"hello", b"world"]);
        batch.advance(2);
        assert_eq!(batch.chunk(), b"llo");
        batch.advance(5);
        assert_eq!(batch.chunk(), b"rld");
        assert_eq!(batch.remaining(), 3);
        batch.advance(3);
        assert!(!batch.has_remaining());
        assert_eq!(batch.chunk(), b"");
    }

    #[test]
    fn vectored_view_starts_at_what_was_not_taken() {
        let mut batch = batch(&[b"abc", b"", b"def"]);
        batch.advance(1);
        let mut slices = [IoSlice::new(&[]); 4];
        let used = batch.chunks_vectored(&mut slices);
        let view: Vec<&[u8]> = slices[..used].iter().map(|slice| &**slice).collect();
        assert_eq!(view, [&b"bc"[..], &b"def"[..]]);
    }

    #[test]
    fn copy_returns_what_did_not_fit() {
        let mut chunk = Chunk::with_room(MIN_CHUNK_BYTES);
        let bytes = vec![7; MIN_CHUNK_BYTES + 3];
        assert_eq!(chunk.copy(&bytes), [7, 7, 7]);
        assert!(chunk.room().is_empty());
    }

    #[test]
    #[should_panic(expected = "the system took more than it was given")]
    fn advancing_past_the_end_is_a_bug() {
        batch(&[b"abc"]).advance(4);
    }
}
