//! The Rust-owned buffer: writes in the order in which they were accepted, and marks between them.
//!
//! Positions are totals of bytes since the stream began: `completed ≤ taken ≤ accepted`. What lies
//! between `taken` and `accepted` is in `chunks`; what lies between `completed` and `taken` is in the
//! [`Batch`] that the driver holds.
//!
//! A write stays whole: it lies in one chunk, and a batch is whole chunks. So each system call begins
//! and ends at the edge of a write. Only the system can cut one.

use std::collections::VecDeque;

use bytes::Buf;

use super::batch::Batch;
use super::chunk::{CHUNK_BYTES, Chunk};
use super::mark::Mark;

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// None is empty. Only the last one has room that is still used.
    chunks: VecDeque<Chunk>,
    /// The next write starts a new chunk: a barrier stands before it.
    is_sealed: bool,
    /// Syncs and barriers that were not carried out, with their positions, which only grow.
    marks: VecDeque<(u64, Mark)>,
    /// Where the writes end that were not handed over, for a stream whose files end where a write does.
    edges: Option<VecDeque<u64>>,
    /// The last of them that was.
    last_edge: u64,
    /// Bytes accepted since the stream began.
    accepted: u64,
    /// Bytes handed to the driver since the stream began.
    taken: u64,
    /// Bytes the system took since the stream began.
    completed: u64,
}

impl Queue {
    /// Remembers from now on where writes end.
    pub(crate) fn track_edges(&mut self) {
        self.edges = Some(VecDeque::new());
    }

    /// Copies one write to the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.accepted += bytes.len() as u64;
        if let Some(edges) = &mut self.edges {
            edges.push_back(self.accepted);
        }
        match self.chunks.back_mut() {
            Some(last) if !self.is_sealed && bytes.len() <= last.room() => last.append(bytes),
            _ => self.grow(bytes.len()).append(bytes),
        }
    }

    /// Puts a sync or a barrier behind all that was accepted.
    pub(crate) fn mark(&mut self, mark: Mark) {
        // What is behind a sync may go to the system with what is before it.
        self.is_sealed |= !matches!(mark, Mark::Sync { .. });
        self.marks.push_back((self.accepted, mark));
    }

    /// Counts `bytes` that the system took without a stay in this queue, which is empty.
    pub(crate) fn pass(&mut self, bytes: usize) {
        assert_eq!(self.pending(), 0, "bytes that wait were overtaken");
        self.accepted += bytes as u64;
        self.taken = self.accepted;
        self.completed = self.accepted;
    }

    /// Counts `bytes` that are dropped at once: like those that [`Self::clear`] dropped they count as
    /// waiting, so that no byte after a failure counts as written.
    pub(crate) fn drop_new(&mut self, bytes: usize) {
        self.accepted += bytes as u64;
        self.taken = self.accepted;
    }

    /// Hands over chunks from the front, up to the next barrier or to `end`, which is the edge of a write:
    /// about `limit` bytes, at most `chunks` chunks and at least one.
    pub(crate) fn take(&mut self, limit: usize, chunks: usize, end: Option<u64>) -> Batch {
        self.forget_edges();
        let barrier = self.next_barrier();
        let mut batch = Batch::default();
        let mut bytes = 0;
        while let Some(front) = self.chunks.front_mut() {
            let length = front.unsent().len();
            let is_enough = bytes > 0 && (bytes + length > limit || batch.chunk_count() == chunks);
            if is_enough || barrier == Some(self.taken) || end == Some(self.taken) {
                break;
            }
            let room = end.map_or(u64::MAX, |end| end - self.taken);
            if let Ok(room) = usize::try_from(room)
                && room < length
            {
                batch.push(front.split_off_front(room));
                self.taken += room as u64;
                break;
            }
            bytes += length;
            self.taken += length as u64;
            batch.push(self.chunks.pop_front().expect("it is at the front"));
        }
        batch
    }

    /// Takes a batch back that the system has not taken all of. It is the next to be taken again.
    pub(crate) fn put_back(&mut self, batch: Batch) {
        self.taken -= batch.remaining() as u64;
        for chunk in batch.into_chunks().rev() {
            self.chunks.push_front(chunk);
        }
    }

    /// How long the next write is.
    pub(crate) fn next_write(&mut self) -> Option<u64> {
        self.forget_edges();
        let edge = self.edges.as_ref()?.front()?;
        Some(edge - self.taken)
    }

    /// Where the last of the writes ends that come to `room` bytes together; where the first one ends if
    /// it is larger.
    pub(crate) fn edge_within(&mut self, room: u64) -> Option<u64> {
        self.forget_edges();
        let edges = self.edges.as_ref()?;
        let end = self.taken.saturating_add(room);
        let fitting = edges.partition_point(|edge| *edge <= end);
        edges.get(fitting.saturating_sub(1)).copied()
    }

    fn forget_edges(&mut self) {
        let Some(edges) = &mut self.edges else { return };
        while let Some(edge) = edges.front().copied()
            && edge <= self.taken
        {
            self.last_edge = edge;
            edges.pop_front();
        }
    }

    /// What is next is the rest of a write that was put back.
    pub(crate) fn is_within_write(&mut self) -> bool {
        self.forget_edges();
        self.edges.is_some() && self.last_edge != self.taken
    }

    /// The mark that is next, if all bytes before it were handed over.
    pub(crate) fn reached(&self) -> Option<&Mark> {
        let (position, mark) = self.marks.front()?;
        (*position <= self.taken).then_some(mark)
    }

    /// There are marks, reached or not.
    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Takes out the syncs that were reached, up to the next barrier. Returns how many there are, and
    /// whether one of them asks for metadata.
    pub(crate) fn take_syncs(&mut self) -> (usize, bool) {
        let mut count = 0;
        let mut wants_metadata = false;
        while let Some(&(position, Mark::Sync { metadata })) = self.marks.front()
            && position <= self.taken
        {
            count += 1;
            wants_metadata |= metadata;
            self.marks.pop_front();
        }
        (count, wants_metadata)
    }

    /// Takes out the barrier that was reached.
    pub(crate) fn take_barrier(&mut self) -> Option<Mark> {
        self.reached()?;
        self.marks.pop_front().map(|(_, mark)| mark)
    }

    /// The system took `bytes` of what was handed over.
    pub(crate) fn complete(&mut self, bytes: usize) {
        self.completed += bytes as u64;
        assert!(
            self.completed <= self.taken,
            "completed more than was taken"
        );
    }

    /// Drops all bytes that wait, and all marks. Bytes that the driver holds are its own to drop.
    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
        self.marks.clear();
        if let Some(edges) = &mut self.edges {
            edges.clear();
        }
        self.taken = self.accepted;
    }

    /// An unknown number of accepted bytes is lost. One counts, and is never completed.
    pub(super) fn lose(&mut self) {
        self.accepted += 1;
    }

    /// Bytes accepted since the stream began.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Bytes handed to the driver since the stream began.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Bytes the system took since the stream began.
    pub(crate) fn completed(&self) -> u64 {
        self.completed
    }

    /// Bytes accepted that the system has not taken.
    pub(crate) fn pending(&self) -> u64 {
        self.accepted - self.completed
    }

    /// The position at which the driver has to stop.
    fn next_barrier(&self) -> Option<u64> {
        let mut marks = self.marks.iter();
        let barrier = marks.find(|(_, mark)| !matches!(mark, Mark::Sync { .. }));
        barrier.map(|(position, _)| *position)
    }

    /// Adds an empty chunk with `room`. Chunks double from small ones up to the usual size, so that a
    /// stream that writes little holds little.
    fn grow(&mut self, room: usize) -> &mut Chunk {
        let doubled = self.chunks.back().map_or(0, |last| last.capacity() * 2);
        self.is_sealed = false;
        self.chunks
            .push_back(Chunk::with_room(room.max(doubled.min(CHUNK_BYTES))));
        self.chunks.back_mut().expect("a chunk was just pushed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SYNC: Mark = Mark::Sync { metadata: false };
    const REOPEN: Mark = Mark::Reopen { path: None };

    /// All that can be taken at once.
    fn take(queue: &mut Queue) -> Batch {
        queue.take(usize::MAX, usize::MAX, None)
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
        let chunks = queue.chunks.len();
        assert!(chunks <= 16, "{chunks} pieces for the system to gather");
    }

    #[test]
    fn a_write_that_does_not_fit_starts_a_chunk() {
        let mut queue = Queue::default();
        queue.append(&[1; 1000]);
        queue.append(&[2; 100]);
        queue.append(&vec![3; 5 * CHUNK_BYTES]);
        let sizes = queue.chunks.iter().map(|chunk| chunk.unsent().len());
        assert_eq!(sizes.collect::<Vec<_>>(), [1000, 100, 5 * CHUNK_BYTES]);
    }

    #[test]
    fn take_respects_its_limits_after_the_first_chunk() {
        let mut queue = Queue::default();
        for _ in 0..7 {
            queue.append(&vec![1; CHUNK_BYTES]);
        }
        assert_eq!(queue.take(usize::MAX, 3, None).chunk_count(), 3);
        assert_eq!(queue.take(1, 9, None).remaining(), CHUNK_BYTES);
        assert_eq!(queue.take(usize::MAX, 1, None).remaining(), CHUNK_BYTES);
        assert_eq!(
            queue.take(2 * CHUNK_BYTES, 9, None).remaining(),
            2 * CHUNK_BYTES
        );
        assert_eq!(queue.taken(), queue.accepted());
    }

    #[test]
    fn clear_forgets_what_waits_but_not_the_count() {
        let mut queue = Queue::default();
        queue.append(b"abc");
        queue.mark(SYNC);
        queue.clear();
        assert!(!take(&mut queue).has_remaining());
        assert_eq!(queue.reached(), None);
        assert_eq!((queue.accepted(), queue.pending()), (3, 3));
    }

    #[test]
    fn a_barrier_parts_what_is_taken() {
        let mut queue = Queue::default();
        queue.append(b"old");
        queue.mark(REOPEN);
        queue.append(b"new");
        assert_eq!(queue.reached(), None);
        assert_eq!(take(&mut queue).chunk(), b"old");
        assert!(!take(&mut queue).has_remaining(), "it went past a barrier");
        assert_eq!(queue.take_barrier(), Some(REOPEN));
        assert_eq!(take(&mut queue).chunk(), b"new");
    }

    #[test]
    fn a_sync_stops_nobody_and_one_call_answers_many() {
        let mut queue = Queue::default();
        queue.append(b"one");
        queue.mark(SYNC);
        queue.append(b"two");
        queue.mark(Mark::Sync { metadata: true });
        let mut batch = take(&mut queue);
        assert_eq!(batch.copy_to_bytes(6), b"onetwo"[..]);
        queue.append(b"three");
        queue.mark(SYNC);
        assert_eq!(queue.take_syncs(), (2, true));
        assert_eq!(queue.reached(), None);
    }

    #[test]
    fn a_sync_behind_a_barrier_waits_for_it() {
        let mut queue = Queue::default();
        queue.mark(REOPEN);
        queue.mark(SYNC);
        assert_eq!(queue.take_syncs(), (0, false));
        assert_eq!(queue.take_barrier(), Some(REOPEN));
        assert_eq!(queue.reached(), Some(&SYNC));
    }

    #[derive(Clone, Debug)]
    enum Action {
        Append(Vec<u8>),
        Mark(Mark),
        Take { limit: usize, step: usize },
    }

    fn action() -> impl Strategy<Value = Action> {
        let small = prop::collection::vec(any::<u8>(), 0..2000);
        let large = (any::<u8>(), 0..3 * CHUNK_BYTES).prop_map(|(byte, len)| vec![byte; len]);
        let metadata = any::<bool>();
        prop_oneof![
            7 => small.prop_map(Action::Append),
            1 => large.prop_map(Action::Append),
            1 => Just(Action::Mark(REOPEN)),
            1 => metadata.prop_map(|metadata| Action::Mark(Mark::Sync { metadata })),
            3 => (1..2 * CHUNK_BYTES, 1..10_000usize)
                .prop_map(|(limit, step)| Action::Take { limit, step }),
        ]
    }

    /// What must be true of a queue, in the simplest terms.
    #[derive(Default)]
    struct Model {
        bytes: Vec<u8>,
        out: Vec<u8>,
        /// Where writes end.
        edges: Vec<u64>,
        marks: VecDeque<(u64, Mark)>,
    }

    impl Model {
        fn append(&mut self, queue: &mut Queue, bytes: &[u8]) {
            queue.append(bytes);
            self.bytes.extend_from_slice(bytes);
            self.edges.push(self.bytes.len() as u64);
        }

        fn mark(&mut self, queue: &mut Queue, mark: Mark) {
            queue.mark(mark.clone());
            self.marks.push_back((self.bytes.len() as u64, mark));
        }

        /// One batch in steps of at most `step` bytes, and the marks that it reaches.
        fn take(&mut self, queue: &mut Queue, limit: usize, step: usize) {
            let mut batch = queue.take(limit, 64, None);
            let taken = queue.taken();
            assert!(taken == 0 || self.edges.contains(&taken), "a write was cut");
            let barrier = self.marks.iter().find(|(_, mark)| *mark == REOPEN);
            assert!(barrier.is_none_or(|(position, _)| taken <= *position));
            while batch.has_remaining() {
                let bytes = batch.chunk().len().min(step);
                self.out.extend_from_slice(&batch.chunk()[..bytes]);
                batch.advance(bytes);
                queue.complete(bytes);
            }
            self.answer_marks(queue);
        }

        fn answer_marks(&mut self, queue: &mut Queue) {
            while let Some(mark) = queue.reached().cloned() {
                let (position, expected) = self.marks.pop_front().expect("a mark too many");
                assert_eq!(mark, expected, "out of order");
                assert!(position <= queue.completed(), "a mark before its bytes");
                if mark == REOPEN {
                    assert_eq!(position, queue.completed(), "bytes went past a barrier");
                    assert_eq!(queue.take_barrier(), Some(REOPEN));
                    continue;
                }
                let (count, _) = queue.take_syncs();
                for _ in 1..count {
                    let (position, mark) = self.marks.pop_front().expect("a sync too many");
                    assert_ne!(mark, REOPEN, "a sync went past a barrier");
                    assert!(position <= queue.completed(), "a sync before its bytes");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn writes_stay_whole_and_marks_in_order(
            actions in prop::collection::vec(action(), 1..60),
        ) {
            let mut queue = Queue::default();
            let mut model = Model::default();
            for action in actions {
                match action {
                    Action::Append(bytes) => model.append(&mut queue, &bytes),
                    Action::Mark(mark) => model.mark(&mut queue, mark),
                    Action::Take { limit, step } => model.take(&mut queue, limit, step),
                }
                let pending = model.bytes.len() - model.out.len();
                prop_assert_eq!(queue.pending(), pending as u64);
            }
            while queue.pending() > 0 || queue.reached().is_some() {
                model.take(&mut queue, CHUNK_BYTES, usize::MAX);
            }
            prop_assert!(model.out == model.bytes, "the bytes differ");
            prop_assert!(model.marks.is_empty(), "a mark was not answered");
        }
    }
}
