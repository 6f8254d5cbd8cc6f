//! Chunks on their way to the system. The driver owns them. They no longer grow.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::Buf;

use super::chunk::Chunk;

/// See the module's text. It ends where a write ends.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// None is empty.
    chunks: VecDeque<Chunk>,
    /// The sum of the chunks' unsent bytes.
    bytes: usize,
}

impl Batch {
    /// Adds a chunk, which holds bytes, at the end.
    pub(crate) fn push(&mut self, chunk: Chunk) {
        debug_assert!(!chunk.unsent().is_empty(), "an empty chunk was queued");
        self.bytes += chunk.unsent().len();
        self.chunks.push_back(chunk);
    }

    /// What was not sent, in order.
    pub(crate) fn into_chunks(self) -> impl DoubleEndedIterator<Item = Chunk> {
        self.chunks.into_iter()
    }

    /// How many chunks there are.
    pub(crate) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }
}

impl Buf for Batch {
    fn remaining(&self) -> usize {
        self.bytes
    }

    fn chunk(&self) -> &[u8] {
        self.chunks.front().map_or(&[], Chunk::unsent)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
            *slice = IoSlice::new(chunk.unsent());
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
            let unsent = front.unsent().len();
            if bytes < unsent {
                return front.advance(bytes);
            }
            bytes -= unsent;
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
            chunk.append(part);
            batch.push(chunk);
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
        let mut batch = batch(&[b"abc", b"def"]);
        batch.advance(1);
        let mut slices = [IoSlice::new(&[]); 4];
        let used = batch.chunks_vectored(&mut slices);
        let view: Vec<&[u8]> = slices[..used].iter().map(|slice| &**slice).collect();
        assert_eq!(view, [&b"bc"[..], &b"def"[..]]);
    }

    #[test]
    #[should_panic(expected = "the system took more than it was given")]
    fn advancing_past_the_end_is_a_bug() {
        batch(&[b"abc"]).advance(4);
    }
}
