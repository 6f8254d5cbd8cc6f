//! The memory of queued bytes, and its reuse.
//!
//! A fresh MiB costs 256 page faults, so chunks from 32 KiB on return to a pool when they are dropped.
//! The pool is one for the process, because the thread that fills a chunk is not the one that drops it.

use bytes::BytesMut;
use parking_lot::Mutex;

/// The size in bytes up to which a stream's chunks grow. A larger write has a chunk of its own. The
/// largest batch of strings fits: 16 Ki UTF-16 units of three bytes each.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;

/// The smallest chunk in bytes, for streams that write a line now and then.
const MIN_CHUNK_BYTES: usize = 1024;

/// The smallest chunk in bytes that is pooled. Smaller ones are left to the allocator.
const MIN_POOLED_BYTES: usize = 32 * 1024;

/// The largest chunk in bytes that is pooled.
const MAX_POOLED_BYTES: usize = 2 * 1024 * 1024;

/// How many bytes of free chunks the process keeps at most.
const POOL_BYTES: usize = 8 * 1024 * 1024;

/// Pooled chunks have powers of two as sizes; each size has a list.
const SIZES: usize = (MAX_POOLED_BYTES / MIN_POOLED_BYTES).ilog2() as usize + 1;

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

/// Free chunks. Their memory is allocated and holds no bytes.
struct Pool {
    by_size: [Vec<BytesMut>; SIZES],
    /// The sum of their capacities; at most [`POOL_BYTES`].
    bytes: usize,
}

impl Pool {
    const fn new() -> Self {
        Self {
            by_size: [const { Vec::new() }; SIZES],
            bytes: 0,
        }
    }

    fn pop(&mut self, list: usize) -> Option<BytesMut> {
        let memory = self.by_size[list].pop()?;
        self.bytes -= memory.capacity();
        Some(memory)
    }

    /// Keeps `memory` if there is room, else returns it.
    fn push(&mut self, list: usize, memory: BytesMut) -> Option<BytesMut> {
        if self.bytes + memory.capacity() > POOL_BYTES {
            return Some(memory);
        }
        self.bytes += memory.capacity();
        self.by_size[list].push(memory);
        None
    }
}

/// The list for chunks of `capacity` bytes; none if such chunks are not pooled.
fn list_of(capacity: usize) -> Option<usize> {
    let is_pooled =
        capacity.is_power_of_two() && (MIN_POOLED_BYTES..=MAX_POOLED_BYTES).contains(&capacity);
    is_pooled.then(|| (capacity / MIN_POOLED_BYTES).ilog2() as usize)
}

/// A run of queued bytes, in memory of a fixed size.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The bytes that were appended. Its capacity never changes.
    memory: BytesMut,
    /// How many of them the system has taken.
    sent: usize,
}

impl Chunk {
    /// An empty chunk with room for at least `bytes`.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let capacity = if bytes > MAX_POOLED_BYTES {
            bytes
        } else {
            bytes.next_power_of_two().max(MIN_CHUNK_BYTES)
        };
        let free = list_of(capacity).and_then(|list| POOL.lock().pop(list));
        Self {
            memory: free.unwrap_or_else(|| BytesMut::with_capacity(capacity)),
            sent: 0,
        }
    }

    /// Copies `bytes`, for which there is room.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.room(), "a chunk was overfilled");
        self.memory.extend_from_slice(bytes);
    }

    /// Takes the first `bytes` of [`Self::unsent`] out, as a chunk of their own.
    pub(crate) fn split_off_front(&mut self, bytes: usize) -> Self {
        let mut front = Self::with_room(bytes);
        front.append(&self.unsent()[..bytes]);
        self.advance(bytes);
        front
    }

    /// How many bytes can still be appended.
    pub(crate) fn room(&self) -> usize {
        self.memory.capacity() - self.memory.len()
    }

    /// The size of the memory in bytes.
    pub(crate) fn capacity(&self) -> usize {
        self.memory.capacity()
    }

    /// The bytes that the system has not taken.
    pub(crate) fn unsent(&self) -> &[u8] {
        &self.memory[self.sent..]
    }

    /// The system took `bytes` of [`Self::unsent`].
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        assert!(
            self.sent <= self.memory.len(),
            "more was sent than there is"
        );
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if let Some(list) = list_of(self.memory.capacity()) {
            let mut memory = std::mem::take(&mut self.memory);
            memory.clear();
            // What the pool does not keep is freed without its lock.
            let unkept = POOL.lock().push(list, memory);
            drop(unkept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_a_power_of_two_up_to_the_largest_pooled_size() {
        assert_eq!(Chunk::with_room(0).capacity(), MIN_CHUNK_BYTES);
        assert_eq!(Chunk::with_room(1025).capacity(), 2048);
        assert_eq!(Chunk::with_room(1_000_000).capacity(), 1 << 20);
        let large = MAX_POOLED_BYTES + 1;
        assert_eq!(Chunk::with_room(large).capacity(), large);
    }

    #[test]
    fn what_was_sent_is_not_seen_again() {
        let mut chunk = Chunk::with_room(8);
        chunk.append(b"hello");
        chunk.advance(2);
        chunk.append(b"!");
        assert_eq!(chunk.unsent(), b"llo!");
    }

    #[test]
    #[should_panic(expected = "a chunk was overfilled")]
    fn a_chunk_never_grows() {
        Chunk::with_room(1).append(&[0; MIN_CHUNK_BYTES + 1]);
    }

    #[test]
    fn pool_keeps_pooled_sizes_up_to_its_bound() {
        for bytes in [1024, 33_000, 2 * MAX_POOLED_BYTES] {
            assert_eq!(list_of(bytes), None);
        }
        let mut pool = Pool::new();
        let list = list_of(1 << 20).expect("it is pooled");
        let refused = (0..100)
            .filter(|_| pool.push(list, BytesMut::with_capacity(1 << 20)).is_some())
            .count();
        assert_eq!((refused, pool.bytes), (92, POOL_BYTES));
        assert!(pool.pop(list).is_some());
        assert!(pool.pop(list - 1).is_none());
        assert_eq!(pool.bytes, POOL_BYTES - (1 << 20));
    }
}
