//! When a file is put aside for a new one: how much is in it, and how much it may hold.

/// What a file holds when it is opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fill {
    /// Its size.
    pub bytes: u64,
    /// It was begun so long ago that it is put aside before the first write.
    pub is_due: bool,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// How many bytes a file holds at most, unless a single write is larger.
    size: Option<u64>,
    /// How many bytes are in the file, or on their way to it.
    bytes: u64,
    /// The file is put aside before a write that would make it larger than this: `size`, or more after a
    /// failure, which is not repeated with every write.
    limit: u64,
    /// See [`Fill::is_due`].
    is_due: bool,
}

impl Rotation {
    /// Files of `size` bytes, or of any size: then only [`super::Mark::Rotate`] ends them.
    pub(crate) fn new(size: Option<u64>) -> Self {
        Self {
            size,
            bytes: 0,
            limit: size.unwrap_or(u64::MAX),
            is_due: false,
        }
    }

    /// Whether the size of a file matters.
    pub(crate) fn has_size(&self) -> bool {
        self.size.is_some()
    }

    /// A file was opened that holds so much.
    pub(crate) fn found(&mut self, fill: Fill) {
        self.bytes = fill.bytes;
        self.limit = self.size.unwrap_or(u64::MAX);
        self.is_due = fill.is_due;
    }

    /// Whether a new file comes before a write of so many bytes. Counts from there on.
    #[must_use]
    pub(crate) fn begin_if_due(&mut self, next_write: Option<u64>) -> bool {
        let is_full = next_write.is_some_and(|next| self.bytes.saturating_add(next) > self.limit);
        (self.is_due || is_full) && self.begin_if_used()
    }

    /// Whether there is anything in the file that can be put aside.
    #[must_use]
    pub(crate) fn begin_if_used(&mut self) -> bool {
        self.is_due = false;
        self.bytes > 0
    }

    /// The old file goes on, for as many bytes as a new one would have had.
    pub(crate) fn failed(&mut self) {
        self.limit = self.bytes.saturating_add(self.size.unwrap_or(u64::MAX));
    }

    /// How many bytes still fit, if that matters.
    pub(crate) fn room(&self) -> Option<u64> {
        self.has_size()
            .then(|| self.limit.saturating_sub(self.bytes))
    }

    /// So many bytes are on their way to the file.
    pub(crate) fn took(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// So many of them are not.
    pub(crate) fn put_back(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf;
    use proptest::prelude::*;

    use super::super::machine::{Origin, Step, Writer};
    use super::super::{Batch, Event, Mark, SystemCall, SystemError};
    use super::*;

    const ERROR: SystemError = SystemError {
        errno: 28,
        call: SystemCall::Rename,
    };

    fn writer(size: Option<u64>) -> Writer {
        Writer::new(Origin::Path, false).rotating(Rotation::new(size))
    }

    /// What the driver does, and the files that come of it.
    struct Log {
        writer: Writer,
        files: Vec<Vec<u8>>,
        /// How many of the next rotations fail.
        failures: usize,
    }

    impl Log {
        fn opened(size: Option<u64>, fill: Fill) -> Self {
            let mut writer = writer(size);
            assert!(writer.flush());
            assert!(matches!(writer.next(), Step::Open));
            writer.found(fill);
            let _event = writer.opened(Ok(3));
            let found = usize::try_from(fill.bytes).unwrap();
            Self {
                writer,
                files: vec![vec![b'0'; found]],
                failures: 0,
            }
        }

        fn empty(size: u64) -> Self {
            let fill = Fill {
                bytes: 0,
                is_due: false,
            };
            Self::opened(Some(size), fill)
        }

        fn write(&mut self, writes: &[&str]) {
            for bytes in writes {
                let _accepted = self.writer.append(bytes.as_bytes());
            }
            let _start = self.writer.flush();
        }

        /// Everything that is due.
        fn drive(&mut self) {
            loop {
                match self.writer.next() {
                    Step::Write(batch) => self.take(batch),
                    Step::Rotate => self.rotate(),
                    Step::Idle => return self.writer.leave(),
                    step => unreachable!("{step:?}"),
                }
            }
        }

        fn take(&mut self, mut batch: Batch) {
            let bytes = batch.remaining();
            let file = self.files.last_mut().unwrap();
            file.extend_from_slice(&batch.copy_to_bytes(bytes));
            let _progress = self.writer.wrote(bytes);
        }

        fn rotate(&mut self) {
            assert!(!self.files.last().unwrap().is_empty(), "an empty file");
            if self.failures > 0 {
                self.failures -= 1;
                let event = self.writer.rotate_failed(ERROR);
                return assert_eq!(event, Event::RotateFailed { error: ERROR });
            }
            self.files.push(Vec::new());
            self.writer.found(Fill {
                bytes: 0,
                is_due: false,
            });
            let _event = self.writer.rotated(4, 1);
        }

        fn assert(&self, expected: &[&str]) {
            let files = self.files.iter().map(|file| str::from_utf8(file).unwrap());
            assert_eq!(files.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_file_ends_before_the_write_that_does_not_fit() {
        let mut log = Log::empty(10);
        log.write(&["aaaa", "bbbb", "cccc", "dddd", "ee", "f"]);
        log.drive();
        log.assert(&["aaaabbbb", "ccccddddee", "f"]);
    }

    #[test]
    fn a_write_that_is_larger_has_a_file_of_its_own() {
        let mut log = Log::empty(4);
        log.write(&["aaaaaa", "b", "cccccc", "d"]);
        log.drive();
        log.assert(&["aaaaaa", "b", "cccccc", "d"]);
    }

    #[test]
    fn writes_that_fit_go_to_the_system_together() {
        for size in [Some(100), None] {
            let fill = Fill {
                bytes: 0,
                is_due: false,
            };
            let mut log = Log::opened(size, fill);
            log.write(&["a"; 10]);
            log.drive();
            assert_eq!(log.writer.counters().batches, 1);
        }
    }

    #[test]
    fn what_was_in_the_file_counts() {
        let fill = Fill {
            bytes: 8,
            is_due: false,
        };
        let mut log = Log::opened(Some(10), fill);
        log.write(&["aa", "b"]);
        log.drive();
        log.assert(&["00000000aa", "b"]);
    }

    #[test]
    fn a_file_that_is_due_at_the_open_is_put_aside_once() {
        for (bytes, expected) in [(3, &["000", "ab"][..]), (0, &["ab"])] {
            let fill = Fill {
                bytes,
                is_due: true,
            };
            let mut log = Log::opened(None, fill);
            log.write(&["a"]);
            log.drive();
            log.write(&["b"]);
            log.drive();
            log.assert(expected);
        }
    }

    #[test]
    fn a_file_that_is_due_at_a_reopen_is_put_aside_before_the_next_write() {
        for size in [Some(10), None] {
            let fill = Fill {
                bytes: 0,
                is_due: false,
            };
            let mut log = Log::opened(size, fill);
            log.write(&["a"]);
            log.drive();
            let _start = log.writer.mark(Mark::Reopen { path: None });
            assert!(matches!(log.writer.next(), Step::Reopen(None)));
            log.writer.found(Fill {
                bytes: 1,
                is_due: true,
            });
            let _event = log.writer.reopened(Ok(4));
            log.write(&["b"]);
            log.drive();
            log.assert(&["a", "b"]);
        }
    }

    #[test]
    fn a_mark_ends_a_file_unless_it_is_empty() {
        let mut log = Log::opened(
            None,
            Fill {
                bytes: 0,
                is_due: false,
            },
        );
        let _start = log.writer.mark(Mark::Rotate);
        log.write(&["a"]);
        let _start = log.writer.mark(Mark::Rotate);
        let _start = log.writer.mark(Mark::Rotate);
        log.write(&["b"]);
        log.drive();
        log.assert(&["a", "b"]);
    }

    #[test]
    fn after_a_failure_the_old_file_has_room_for_as_much_again_and_the_next_has_not() {
        let mut log = Log::empty(4);
        log.failures = 1;
        log.write(&["aa", "bb", "cc", "dd", "ee", "ff", "gg"]);
        log.drive();
        log.assert(&["aabbccdd", "eeff", "gg"]);
    }

    #[test]
    fn what_is_put_back_comes_again_and_counts_once() {
        let mut log = Log::empty(4);
        log.write(&["aa", "b", "cc"]);
        let Step::Write(mut batch) = log.writer.next() else {
            unreachable!("bytes were due");
        };
        batch.advance(1);
        log.files[0].push(b'a');
        let _progress = log.writer.wrote(1);
        log.writer.put_back(batch);
        assert_eq!(log.writer.pending(), 4);
        log.drive();
        log.assert(&["aab", "cc"]);
    }

    #[test]
    fn the_rest_of_a_write_goes_where_its_beginning_went() {
        let mut log = Log::empty(4);
        log.write(&["aaaaaa", "b"]);
        let Step::Write(mut batch) = log.writer.next() else {
            unreachable!("bytes were due");
        };
        batch.advance(2);
        log.files[0].extend_from_slice(b"aa");
        let _progress = log.writer.wrote(2);
        log.writer.put_back(batch);
        log.drive();
        log.assert(&["aaaaaa", "b"]);
    }

    #[test]
    fn a_file_that_others_have_moved_is_gone_on_from() {
        let mut log = Log::empty(4);
        log.write(&["aaaa", "b"]);
        let Step::Write(batch) = log.writer.next() else {
            unreachable!("bytes were due");
        };
        log.take(batch);
        assert!(matches!(log.writer.next(), Step::Rotate));
        log.files.push(Vec::new());
        log.writer.found(Fill {
            bytes: 0,
            is_due: false,
        });
        let moved = Event::Moved { result: Ok(5) };
        assert_eq!(log.writer.moved(Ok(5)), moved);
        log.drive();
        log.assert(&["aaaa", "b"]);
    }

    proptest! {
        #[test]
        fn files_end_between_writes_and_are_as_full_as_they_may_be(
            size in 1..200u64,
            found in 0..300u64,
            failures in 0..2usize,
            turns in prop::collection::vec(prop::collection::vec(1..150usize, 0..30), 1..8),
        ) {
            let fill = Fill { bytes: found, is_due: false };
            let mut log = Log::opened(Some(size), fill);
            log.failures = failures;
            let (mut edges, mut all) = (vec![found], vec![b'0'; usize::try_from(found).unwrap()]);
            for (turn, lengths) in turns.iter().enumerate() {
                for (index, length) in lengths.iter().enumerate() {
                    let write = vec![b'a' + u8::try_from((turn + index) % 26).unwrap(); *length];
                    all.extend_from_slice(&write);
                    edges.push(all.len() as u64);
                    let _accepted = log.writer.append(&write);
                }
                let _start = log.writer.flush();
                log.drive();
            }
            prop_assert!(log.files.concat() == all, "the bytes differ");
            let mut end = 0;
            for (index, file) in log.files.iter().enumerate() {
                let start = end;
                end += file.len() as u64;
                prop_assert!(index + 1 == log.files.len() || edges.contains(&end));
                let inner = edges.iter().filter(|edge| (start + 1..end).contains(edge)).count();
                let fits = end - start <= size;
                prop_assert!(fits || inner == 0 || failures > 0 || index == 0, "too full");
                if let Some(next) = edges.iter().find(|edge| **edge > end)
                    && index + 1 < log.files.len()
                {
                    prop_assert!(next - start > size, "a write would have fitted");
                }
            }
        }
    }
}
