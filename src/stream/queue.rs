//! The Rust-owned buffer: bytes in the order in which they were accepted.
//!
//! It counts bytes, never writes. Positions are totals since the stream began:
//! `completed ≤ taken ≤ accepted`. What lies between `taken` and `accepted` is in `chunks`; what
//! lies between `completed` and `taken` is in the [`Batch`] that the driver holds.

use std::collections::VecDeque;

use super::chunk::{Batch, CHUNK_BYTES, Chunk};

/// See the module's text.
#[derive(Debug, Default)]
pub struct Queue {
    /// Only the last one has room that is still used.
    chunks: VecDeque<Chunk>,
    /// Bytes accepted since the stream began.
    accepted: u64,
    /// Bytes handed to the driver since the stream began.
    taken: u64,
    /// Bytes the system took since the stream began.
    completed: u64,
}

impl Queue {
    /// Copies `bytes` to the end.
    pub fn append(&mut self, bytes: &[u8]) {
        self.accepted += bytes.len() as u64;
        let mut rest = match self.chunks.back_mut() {
            Some(last) => last.copy(bytes),
            None => bytes,
        };
        while !rest.is_empty() {
            rest = self.grow(rest.len().min(CHUNK_BYTES)).copy(rest);
        }
    }

    /// Counts `bytes` that the system took without a stay in this queue, which is empty.
    pub fn pass(&mut self, bytes: usize) {
        assert_eq!(self.pending(), 0, "bytes that wait were overtaken");
        self.accepted += bytes as u64;
        self.taken = self.accepted;
        self.completed = self.accepted;
    }

    /// Counts `bytes` that nobody will take: they count as waiting, as those do that [`Self::clear`]
    /// dropped, so that nothing behind a failure looks as if it were written.
    pub fn drop_new(&mut self, bytes: usize) {
        self.accepted += bytes as u64;
        self.taken = self.accepted;
    }

    /// Hands over chunks from the front, about `limit` bytes and at least one chunk.
    pub fn take(&mut self, limit: usize) -> Batch {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while let Some(front) = self.chunks.front() {
            if bytes > 0 && bytes + front.len() > limit {
                break;
            }
            bytes += front.len();
            batch.extend(self.chunks.pop_front());
        }
        self.taken += bytes as u64;
        batch
    }

    /// The system took `bytes` of what was handed over.
    pub fn complete(&mut self, bytes: usize) {
        self.completed += bytes as u64;
        assert!(
            self.completed <= self.taken,
            "completed more than was taken"
        );
    }

    /// Drops all bytes that wait. Those that the driver holds are its own to drop.
    pub fn clear(&mut self) {
        self.chunks.clear();
        self.taken = self.accepted;
    }

    /// Bytes accepted since the stream began.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Bytes handed to the driver since the stream began.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Bytes the system took since the stream began.
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Bytes accepted that the system has not taken.
    pub fn pending(&self) -> u64 {
        self.accepted - self.completed
    }

    /// Adds an empty chunk with `room`; chunks double from the small ones up to the pooled size,
    /// so a stream that writes little holds little.
    fn grow(&mut self, room: usize) -> &mut Chunk {
        let doubled = self.chunks.back().map_or(0, |last| last.capacity() * 2);
        let room = room.max(doubled.min(CHUNK_BYTES));
        self.chunks.push_back(Chunk::with_room(room));
        self.chunks.back_mut().expect("a chunk was just pushed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Buf;
    use proptest::prelude::*;

    /// Empties `batch` in steps of at most `step` bytes.
    fn drain(batch: &mut Batch, step: usize, queue: &mut Queue) -> Vec<u8> {
        let mut out = Vec::new();
        while batch.has_remaining() {
            let bytes = batch.chunk().len().min(step);
            out.extend_from_slice(&batch.chunk()[..bytes]);
            batch.advance(bytes);
            queue.complete(bytes);
        }
        out
    }

    #[test]
    fn a_tiny_write_takes_a_small_chunk() {
        let mut queue = Queue::default();
        queue.append(b"x");
        assert!(queue.chunks[0].capacity() <= 1024);
    }

    #[test]
    fn many_tiny_writes_cost_memory_per_byte() {
        let mut queue = Queue::default();
        for _ in 0..100_000 {
            queue.append(b"x");
        }
        let held: usize = queue.chunks.iter().map(Chunk::capacity).sum();
        assert!(held <= 100_000 * 4, "{held} bytes held for 100000");
    }

    #[test]
    fn take_respects_the_limit_after_the_first_chunk() {
        let mut queue = Queue::default();
        queue.append(&vec![1; 4 * CHUNK_BYTES]);
        assert_eq!(queue.take(1).remaining(), CHUNK_BYTES);
        assert_eq!(queue.take(2 * CHUNK_BYTES).remaining(), 2 * CHUNK_BYTES);
        assert_eq!(queue.take(usize::MAX).remaining(), CHUNK_BYTES);
        assert_eq!(queue.taken(), queue.accepted());
    }

    #[test]
    fn clear_forgets_what_waits_but_not_the_count() {
        let mut queue = Queue::default();
        queue.append(b"abc");
        queue.clear();
        assert!(!queue.take(usize::MAX).has_remaining());
        assert_eq!((queue.accepted(), queue.pending()), (3, 3));
    }

    #[derive(Clone, Debug)]
    enum Action {
        Append(Vec<u8>),
        Take { limit: usize, step: usize },
    }

    fn action() -> impl Strategy<Value = Action> {
        let small = prop::collection::vec(any::<u8>(), 0..2000);
        let large = (any::<u8>(), 0..3 * CHUNK_BYTES).prop_map(|(byte, len)| vec![byte; len]);
        prop_oneof![
            7 => small.prop_map(Action::Append),
            1 => large.prop_map(Action::Append),
            3 => (1..2 * CHUNK_BYTES, 1..10_000usize)
                .prop_map(|(limit, step)| Action::Take { limit, step }),
        ]
    }

    proptest! {
        #[test]
        fn behaves_as_a_plain_vec(actions in prop::collection::vec(action(), 1..60)) {
            let mut queue = Queue::default();
            let mut model = Vec::new();
            let mut out = Vec::new();
            for action in actions {
                match action {
                    Action::Append(bytes) => {
                        model.extend_from_slice(&bytes);
                        queue.append(&bytes);
                    }
                    Action::Take { limit, step } => {
                        let mut batch = queue.take(limit);
                        out.extend(drain(&mut batch, step, &mut queue));
                    }
                }
                prop_assert_eq!(queue.accepted(), model.len() as u64);
                prop_assert_eq!(queue.completed(), out.len() as u64);
                prop_assert_eq!(queue.pending(), (model.len() - out.len()) as u64);
            }
            while queue.pending() > 0 {
                let mut batch = queue.take(CHUNK_BYTES);
                out.extend(drain(&mut batch, usize::MAX, &mut queue));
            }
            prop_assert!(out == model, "the bytes differ");
        }
    }
}
