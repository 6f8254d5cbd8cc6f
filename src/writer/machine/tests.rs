use std::collections::VecDeque;

use bytes::Buf;
use proptest::prelude::*;

use super::*;
use crate::writer::SystemCall;

const OPENED: Event = Event::Opened { fd: 3 };
const CLOSED: Event = Event::Closed { error: None };

fn error(call: SystemCall) -> SystemError {
    SystemError { errno: 5, call }
}

fn failure(call: SystemCall) -> Event {
    Event::Failed { error: error(call) }
}

/// A stream with an open descriptor.
fn open() -> Writer {
    Writer::new(Origin::Descriptor, false)
}

/// A stream in the middle of its first write, and the batch.
fn writing(bytes: &[u8]) -> (Writer, Batch) {
    let mut writer = open();
    let _pending = writer.append(bytes);
    assert!(writer.flush());
    let batch = next_batch(&mut writer);
    (writer, batch)
}

fn next_batch(writer: &mut Writer) -> Batch {
    match writer.next() {
        Step::Write(batch) => batch,
        step => panic!("{step:?} instead of a write"),
    }
}

#[track_caller]
fn assert_rests(writer: &mut Writer) {
    assert!(!writer.has_work());
    assert!(matches!(writer.next(), Step::Idle));
}

/// The driver comes back from a sync.
fn synced(writer: &mut Writer, result: Result<(), SystemError>) -> Option<Event> {
    writer.synced(result, Duration::from_micros(1))
}

/// Goes through a close that the machine has asked for.
#[track_caller]
fn assert_closes(writer: &mut Writer) {
    assert!(writer.has_work());
    assert!(matches!(writer.next(), Step::Close));
    assert_eq!(writer.closed(Ok(())), CLOSED);
    assert_rests(writer);
}

mod life {
    use super::*;

    #[test]
    fn path_is_opened_before_the_first_byte_is_written() {
        let mut writer = Writer::new(Origin::Path, false);
        let _pending = writer.append(b"early");
        assert!(writer.flush());
        assert!(matches!(writer.next(), Step::Open));
        assert_eq!(writer.opened(Ok(3)), OPENED);
        assert_eq!(next_batch(&mut writer).chunk(), b"early");
    }

    #[test]
    fn flush_without_bytes_opens_a_path_and_leaves_a_descriptor_alone() {
        assert!(Writer::new(Origin::Path, false).flush());
        assert!(!open().flush());
    }

    #[test]
    fn second_driver_is_never_asked_for() {
        let (mut writer, _batch) = writing(b"one");
        let _pending = writer.append(&vec![0; 100_000]);
        assert!(!writer.flush());
        assert!(!writer.mark(Mark::End));
        assert!(!writer.mark(Mark::Close));
    }

    #[test]
    fn driver_is_asked_for_again_after_it_left() {
        let (mut writer, batch) = writing(b"one");
        assert_eq!(writer.wrote(batch.remaining()), None);
        assert_rests(&mut writer);
        writer.leave();
        let _pending = writer.append(b"two");
        assert!(writer.flush());
    }

    #[test]
    fn append_asks_for_a_driver_only_when_a_batch_is_gathered() {
        let mut writer = open();
        let line = [b'x'; 100];
        let starts = (1..=5000).filter(|_| writer.append(&line).start);
        assert_eq!(starts.count(), 1);
        assert_eq!(writer.total(), 500_000);
    }

    #[test]
    fn bytes_behind_the_last_flush_wait_for_the_next() {
        let (mut writer, batch) = writing(b"due");
        let accepted = writer.append(b"gathered");
        assert_eq!(accepted.pending, 11);
        assert!(!accepted.start);
        let _progress = writer.wrote(batch.remaining());
        assert_rests(&mut writer);
        assert!(!writer.flush(), "the driver is still there");
        assert_eq!(next_batch(&mut writer).chunk(), b"gathered");
    }

    #[test]
    fn end_is_told_after_the_last_byte_and_once() {
        let (mut writer, batch) = writing(b"last");
        assert!(!writer.mark(Mark::End));
        assert!(!writer.mark(Mark::End));
        let _progress = writer.wrote(batch.remaining());
        assert!(writer.has_work());
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
        assert_rests(&mut writer);
        assert!(!writer.mark(Mark::End));
        assert_rests(&mut writer);
    }

    #[test]
    fn end_waits_for_the_sync() {
        let mut writer = Writer::new(Origin::Descriptor, true);
        assert!(writer.mark(Mark::End));
        assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
        assert_eq!(synced(&mut writer, Ok(())), None, "the end tells it");
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
        assert_rests(&mut writer);
    }

    #[test]
    fn bytes_after_an_end_are_dropped() {
        let (mut writer, batch) = writing(b"all");
        let _starts = writer.mark(Mark::End);
        let before = writer.append(b"more").pending;
        assert_eq!((before, writer.total()), (3, 3));
        let _progress = writer.wrote(batch.remaining());
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
    }

    #[test]
    fn bytes_dropped_after_an_end_do_not_take_those_before_it_along() {
        let (mut writer, first) = writing(b"first");
        let _pending = writer.append(b"second");
        let _starts = writer.mark(Mark::End);
        let _pending = writer.append(&[0; 10]);
        let _progress = writer.wrote(first.remaining());
        assert_eq!(next_batch(&mut writer).chunk(), b"second");
    }

    #[test]
    #[should_panic(expected = "the driver asked again before it reported")]
    fn asking_again_before_a_report_is_a_bug() {
        let mut writer = Writer::new(Origin::Path, false);
        let _starts = writer.flush();
        assert!(matches!(writer.next(), Step::Open));
        let _never = writer.next();
    }
}

mod failure {
    use super::*;

    #[test]
    fn failed_open_has_nothing_to_close() {
        let mut writer = Writer::new(Origin::Path, false);
        let _pending = writer.append(b"lost");
        assert!(writer.flush());
        assert!(matches!(writer.next(), Step::Open));
        let event = writer.opened(Err(error(SystemCall::Open)));
        assert_eq!(event, failure(SystemCall::Open));
        assert_rests(&mut writer);
        assert!(!writer.mark(Mark::Close), "the driver is still there");
        assert!(matches!(writer.next(), Step::Tell(CLOSED)));
        assert_rests(&mut writer);
    }

    #[test]
    fn failed_write_drops_all_and_waits_for_the_close() {
        let (mut writer, _batch) = writing(b"lost");
        let _pending = writer.append(b"lost too");
        let event = writer.failed(error(SystemCall::Write));
        assert_eq!(event, Some(failure(SystemCall::Write)));
        assert_eq!(writer.queue.taken(), writer.queue.accepted());
        assert_rests(&mut writer);
        assert!(!writer.mark(Mark::End));
        assert_rests(&mut writer);
        writer.leave();
        assert!(!writer.flush());
        assert!(writer.mark(Mark::Close));
        assert_closes(&mut writer);
    }

    #[test]
    fn appends_after_a_failure_never_look_written_and_ask_for_nothing() {
        let mut writer = open();
        assert!(writer.claim());
        writer.passed(0, Duration::ZERO);
        let _event = writer.failed(error(SystemCall::Write));
        assert_eq!(writer.pending(), 0);
        let accepted = writer.append(&vec![0; 400_000]);
        assert!(!accepted.start);
        assert_eq!(accepted.pending, 400_000);
        assert!(!writer.flush());
        assert_rests(&mut writer);
        assert_eq!(writer.pending(), 400_000);
        let failed = Standing::Failed(error(SystemCall::Write), 400_000);
        assert_eq!(writer.standing(writer.total()), failed);
    }

    #[test]
    fn failed_sync_is_no_end() {
        let mut writer = Writer::new(Origin::Descriptor, true);
        assert!(writer.mark(Mark::End));
        assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
        let event = synced(&mut writer, Err(error(SystemCall::Fsync)));
        assert_eq!(event, Some(failure(SystemCall::Fsync)));
        assert_rests(&mut writer);
        assert!(!writer.mark(Mark::Close));
        assert_closes(&mut writer);
    }

    #[test]
    fn a_stream_fails_only_once_and_not_after_its_close() {
        let (mut writer, _batch) = writing(b"lost");
        assert!(writer.failed(error(SystemCall::Write)).is_some());
        assert_eq!(writer.failed(error(SystemCall::Write)), None);
        let _starts = writer.mark(Mark::Close);
        assert_closes(&mut writer);
        assert_eq!(writer.failed(error(SystemCall::Write)), None);
        assert_rests(&mut writer);
    }

    #[test]
    fn second_failure_does_not_invent_a_descriptor_to_close() {
        let mut writer = Writer::new(Origin::Path, false);
        let _starts = writer.flush();
        assert!(matches!(writer.next(), Step::Open));
        let _event = writer.opened(Err(error(SystemCall::Open)));
        assert_eq!(writer.failed(error(SystemCall::Write)), None);
        let _starts = writer.mark(Mark::Close);
        assert!(matches!(writer.next(), Step::Tell(CLOSED)));
    }
}

mod close {
    use super::*;

    #[test]
    fn unopened_is_opened_first() {
        let mut writer = Writer::new(Origin::Path, false);
        assert!(writer.mark(Mark::Close));
        assert!(matches!(writer.next(), Step::Open));
        let _event = writer.opened(Ok(3));
        assert_closes(&mut writer);
    }

    #[test]
    fn during_open_closes_what_was_opened() {
        let mut writer = Writer::new(Origin::Path, false);
        assert!(writer.flush());
        assert!(matches!(writer.next(), Step::Open));
        assert!(!writer.mark(Mark::Close));
        assert_eq!(writer.opened(Ok(3)), OPENED);
        assert_closes(&mut writer);
    }

    #[test]
    fn during_an_open_that_fails_ends_at_once() {
        let mut writer = Writer::new(Origin::Path, false);
        assert!(writer.flush());
        assert!(matches!(writer.next(), Step::Open));
        let _starts = writer.mark(Mark::Close);
        let _event = writer.opened(Err(error(SystemCall::Open)));
        assert!(matches!(writer.next(), Step::Tell(CLOSED)));
        assert_rests(&mut writer);
    }

    #[test]
    fn idle_closes_without_an_end() {
        let mut writer = open();
        assert!(writer.mark(Mark::Close));
        assert_closes(&mut writer);
    }

    #[test]
    fn writes_what_was_accepted_first() {
        let (mut writer, first) = writing(b"first");
        let _pending = writer.append(b"second");
        assert!(!writer.mark(Mark::Close));
        assert!(writer.is_closing());
        let _progress = writer.wrote(first.remaining());
        let second = next_batch(&mut writer);
        assert_eq!(second.chunk(), b"second");
        let _progress = writer.wrote(second.remaining());
        assert_closes(&mut writer);
    }

    #[test]
    fn gives_up_what_would_have_to_wait() {
        let (mut writer, _batch) = writing(b"first");
        let _pending = writer.append(b"second");
        let _progress = writer.wrote(2);
        assert!(!writer.mark(Mark::Close));
        writer.give_up();
        assert_closes(&mut writer);
        assert_eq!(writer.completed(), 2);
    }

    #[test]
    fn during_a_failing_write_closes_after_the_failure() {
        let (mut writer, _batch) = writing(b"lost");
        assert!(!writer.mark(Mark::Close));
        assert!(writer.failed(error(SystemCall::Write)).is_some());
        assert_closes(&mut writer);
    }

    #[test]
    fn during_a_sync_tells_no_end() {
        let mut writer = Writer::new(Origin::Descriptor, true);
        assert!(writer.mark(Mark::End));
        assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
        assert!(!writer.mark(Mark::Close));
        assert_eq!(synced(&mut writer, Ok(())), None);
        assert_closes(&mut writer);
    }

    /// Both ways to ask for it; the other one waits where it has to.
    const WAYS: [Mark; 2] = [Mark::Close, Mark::EndAndClose];

    #[test]
    fn syncs_first_where_that_was_asked_for() {
        for close in WAYS {
            let mut writer = Writer::new(Origin::Descriptor, true);
            assert!(writer.mark(close));
            assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
            assert_eq!(synced(&mut writer, Ok(())), None, "the close tells it");
            assert_closes(&mut writer);
        }
    }

    #[test]
    fn after_the_end_just_closes() {
        for close in WAYS {
            let mut writer = open();
            assert!(writer.mark(Mark::End));
            assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
            writer.leave();
            assert!(writer.mark(close));
            assert_closes(&mut writer);
        }
    }

    #[test]
    fn before_the_end_was_told_takes_its_place() {
        let mut writer = open();
        assert!(writer.mark(Mark::End));
        assert!(!writer.mark(Mark::Close));
        assert_closes(&mut writer);
    }

    #[test]
    fn end_after_it_changes_nothing() {
        let mut writer = open();
        assert!(writer.mark(Mark::Close));
        assert!(!writer.mark(Mark::End));
        assert_closes(&mut writer);
    }

    #[test]
    fn during_close_and_after_it_nothing_more_is_asked_for() {
        let mut writer = open();
        assert!(writer.mark(Mark::Close));
        assert!(matches!(writer.next(), Step::Close));
        assert!(!writer.mark(Mark::Close));
        assert!(!writer.append(&vec![0; 400_000]).start);
        let error = error(SystemCall::Close);
        let event = writer.closed(Err(error));
        assert_eq!(event, Event::Closed { error: Some(error) });
        assert_rests(&mut writer);
        writer.leave();
        assert!(!writer.mark(Mark::Close));
        assert!(!writer.mark(Mark::End));
        assert!(!writer.flush());
        assert_rests(&mut writer);
        assert_eq!(writer.total(), 0);
    }
}

mod end_and_close {
    use super::*;

    #[test]
    fn writes_the_rest_and_closes_unasked() {
        let mut writer = Writer::new(Origin::Path, false);
        let _pending = writer.append(b"all");
        assert!(writer.mark(Mark::EndAndClose));
        assert!(matches!(writer.next(), Step::Open));
        assert_eq!(writer.opened(Ok(3)), OPENED);
        let batch = next_batch(&mut writer);
        assert_eq!(writer.wrote(batch.remaining()), None);
        assert_closes(&mut writer);
    }

    #[test]
    fn waits_for_a_sink_that_would_block() {
        let (mut writer, _batch) = writing(b"patient");
        assert!(!writer.mark(Mark::EndAndClose));
        assert!(!writer.is_closing());
        assert!(!writer.mark(Mark::Close));
        assert!(writer.is_closing());
    }

    #[test]
    fn after_a_failure_the_owner_has_to_ask() {
        let (mut writer, _batch) = writing(b"lost");
        assert!(!writer.mark(Mark::EndAndClose));
        let error = error(SystemCall::Write);
        assert_eq!(writer.failed(error), Some(Event::Failed { error }));
        assert_rests(&mut writer);
        writer.leave();
        assert!(writer.mark(Mark::Close));
        assert_closes(&mut writer);
    }

    #[test]
    fn end_and_close_after_it_change_nothing() {
        let mut writer = open();
        assert!(writer.mark(Mark::EndAndClose));
        assert!(!writer.mark(Mark::End));
        assert_closes(&mut writer);
        writer.leave();
        assert!(!writer.mark(Mark::Close));
    }

    #[test]
    fn bytes_after_it_are_dropped() {
        let mut writer = open();
        assert!(writer.mark(Mark::EndAndClose));
        assert_eq!(writer.append(b"late").pending, 0);
    }
}

mod watch {
    use super::*;

    const fn progress(completed: u64) -> Event {
        Event::Progress { completed }
    }

    #[test]
    fn fires_once_when_the_position_is_reached() {
        let (mut writer, _batch) = writing(&[0; 10]);
        assert_eq!(writer.watch(5), None);
        assert_eq!(writer.wrote(4), None);
        assert_eq!(writer.wrote(4), Some(progress(8)));
        assert_eq!(writer.wrote(2), None);
    }

    #[test]
    fn fires_at_once_if_the_position_is_reached_already() {
        let (mut writer, _batch) = writing(&[0; 10]);
        assert_eq!(writer.wrote(4), None);
        assert_eq!(writer.watch(4), Some(progress(4)));
        assert_eq!(writer.wrote(6), None, "it does not fire again");
        assert_eq!(writer.watch(0), Some(progress(10)));
    }

    #[test]
    fn lower_position_wins() {
        let (mut writer, _batch) = writing(&[0; 10]);
        assert_eq!(writer.watch(3), None);
        assert_eq!(writer.watch(9), None);
        assert_eq!(writer.wrote(3), Some(progress(3)));
        assert_eq!(writer.watch(9), None);
        assert_eq!(writer.watch(5), None);
        assert_eq!(writer.wrote(2), Some(progress(5)));
    }

    #[test]
    fn only_an_open_stream_may_still_get_bytes() {
        let mut writer = open();
        assert!(matches!(writer.next(), Step::Idle));
        let _start = writer.mark(Mark::End);
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
        assert!(matches!(writer.next(), Step::Idle));
        let _start = writer.mark(Mark::Close);
        assert!(matches!(writer.next(), Step::Close));
        let _closed = writer.closed(Ok(()));
        assert!(matches!(writer.next(), Step::Idle));
    }

    #[test]
    fn nothing_fires_after_the_close() {
        let (mut writer, batch) = writing(&[0; 10]);
        let _starts = writer.mark(Mark::Close);
        let _event = writer.wrote(batch.remaining());
        assert_closes(&mut writer);
        assert_eq!(writer.watch(5), None);
    }
}

mod marks {
    use super::*;

    const SYNC: Mark = Mark::Sync { metadata: false };
    const REOPEN: Mark = Mark::Reopen { path: None };

    #[test]
    fn a_sync_is_answered_after_its_bytes_while_writing_goes_on() {
        let (mut writer, batch) = writing(b"one");
        assert!(!writer.mark(SYNC));
        let _accepted = writer.append(b"two");
        assert_eq!(writer.wrote(batch.remaining()), None);
        assert!(matches!(
            writer.next(),
            Step::Sync {
                metadata: false,
                ..
            }
        ));
        let answer = Some(Event::Synced { syncs: 1 });
        assert_eq!(synced(&mut writer, Ok(())), answer);
        assert!(!writer.flush());
        assert_eq!(next_batch(&mut writer).chunk(), b"two");
    }

    #[test]
    fn syncs_that_come_during_a_sync_share_the_next() {
        let mut writer = open();
        assert!(writer.mark(SYNC));
        assert!(matches!(writer.next(), Step::Sync { .. }));
        for _ in 0..3 {
            let _accepted = writer.append(b"x");
            assert!(!writer.mark(SYNC));
        }
        let _answer = synced(&mut writer, Ok(()));
        let batch = next_batch(&mut writer);
        let _progress = writer.wrote(batch.remaining());
        assert!(matches!(writer.next(), Step::Sync { .. }));
        let answer = Some(Event::Synced { syncs: 3 });
        assert_eq!(synced(&mut writer, Ok(())), answer);
        assert_rests(&mut writer);
        assert_eq!(writer.counters().syncs, 2);
    }

    #[test]
    fn a_failed_sync_fails_the_stream_and_all_later_ones() {
        let mut writer = open();
        assert!(writer.mark(SYNC));
        assert!(matches!(writer.next(), Step::Sync { .. }));
        assert!(!writer.mark(SYNC));
        let failed = synced(&mut writer, Err(error(SystemCall::Fdatasync)));
        assert_eq!(failed, Some(failure(SystemCall::Fdatasync)));
        assert!(!writer.mark(SYNC));
        assert_rests(&mut writer);
    }

    #[test]
    fn bytes_behind_a_reopen_wait_for_it_and_its_failure_is_no_end() {
        let (mut writer, batch) = writing(b"old");
        let path = Some(PathBuf::from("/there"));
        assert!(!writer.mark(Mark::Reopen { path: path.clone() }));
        let _accepted = writer.append(b"new");
        assert!(!writer.flush());
        let _progress = writer.wrote(batch.remaining());
        assert!(matches!(writer.next(), Step::Reopen(there) if there == path));
        let result = Err(error(SystemCall::Open));
        assert_eq!(writer.reopened(result), Event::Reopened { result });
        assert_eq!(next_batch(&mut writer).chunk(), b"new");
    }

    #[test]
    fn marks_come_before_the_end_and_none_after_it() {
        let mut writer = open();
        assert!(writer.mark(REOPEN));
        assert!(!writer.mark(SYNC));
        assert!(!writer.mark(Mark::End));
        assert!(!writer.mark(SYNC));
        assert!(matches!(writer.next(), Step::Reopen(None)));
        let _event = writer.reopened(Ok(9));
        assert!(matches!(writer.next(), Step::Sync { .. }));
        let _event = synced(&mut writer, Ok(()));
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
        assert_rests(&mut writer);
    }

    #[test]
    fn an_owner_does_not_overtake_a_mark() {
        let mut writer = open();
        assert!(writer.mark(REOPEN));
        writer.leave();
        assert!(!writer.claim());
    }
}

/// What the owner or the driver does next. The driver skips what does not fit its state.
#[derive(Clone, Debug)]
enum Action {
    Append(Vec<u8>),
    Flush,
    Watch {
        ahead: u64,
    },
    Mark(Mark),
    /// The owner gives the system bytes past the queue, if it may.
    Send {
        at_most: usize,
    },
    Drive {
        succeeds: bool,
        at_most: usize,
    },
    /// The system refuses what the driver writes, if it does, for now.
    Refuse,
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![
        3 => any::<bool>().prop_map(|metadata| Mark::Sync { metadata }),
        3 => Just(Mark::Reopen { path: None }),
        1 => Just(Mark::End),
        1 => Just(Mark::EndAndClose),
        1 => Just(Mark::Close),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let piece = prop::collection::vec(any::<u8>(), 0..200);
    let large = any::<u8>().prop_map(|byte| vec![byte; 70_000]);
    prop_oneof![
        8 => piece.prop_map(Action::Append),
        1 => large.prop_map(Action::Append),
        6 => Just(Action::Flush),
        4 => (0..300u64).prop_map(|ahead| Action::Watch { ahead }),
        4 => mark().prop_map(Action::Mark),
        2 => (0..300usize).prop_map(|at_most| Action::Send { at_most }),
        3 => Just(Action::Refuse),
        24 => (prop::bool::weighted(0.95), 1..400usize)
            .prop_map(|(succeeds, at_most)| Action::Drive { succeeds, at_most }),
    ]
}

/// Where the one driver of the model is.
enum Position {
    Gone,
    Asking,
    Opening,
    Writing(Batch),
    Syncing,
    Reopening,
    Committing,
    Closing,
}

/// A writer, and what is known about it without looking inside.
#[expect(clippy::struct_excessive_bools, reason = "each is known by itself")]
struct Model {
    writer: Writer,
    driver: Position,
    /// All bytes that were accepted, and those that the system took.
    accepted: Vec<u8>,
    written: Vec<u8>,
    /// Where accepted writes end.
    edges: Vec<usize>,
    /// Positions of marks that were not answered.
    syncs: VecDeque<usize>,
    reopens: VecDeque<usize>,
    watch: Option<u64>,
    events: Vec<Event>,
    ending: Ending,
    gave_up: bool,
    commits: bool,
    has_committed: bool,
    is_stalled: bool,
}

impl Model {
    fn new(origin: Origin, flush: bool, commits: bool) -> Self {
        let writer = Writer::new(origin, flush);
        Self {
            writer: if commits { writer.committing() } else { writer },
            driver: Position::Gone,
            accepted: Vec::new(),
            written: Vec::new(),
            edges: vec![0],
            syncs: VecDeque::new(),
            reopens: VecDeque::new(),
            watch: None,
            events: Vec::new(),
            ending: Ending::None,
            gave_up: false,
            commits,
            has_committed: false,
            is_stalled: false,
        }
    }

    fn has_failed(&self) -> bool {
        let mut events = self.events.iter();
        events.any(|event| matches!(event, Event::Failed { .. }))
    }

    fn is_closed(&self) -> bool {
        matches!(self.events.last(), Some(Event::Closed { .. }))
    }

    fn apply(&mut self, action: Action) {
        match action {
            Action::Append(bytes) => {
                let accepted = self.writer.append(&bytes);
                self.after_append(&bytes, accepted);
            }
            Action::Flush => {
                let start = self.writer.flush();
                self.after_call(start);
            }
            Action::Watch { ahead } => {
                let position = self.writer.completed() + ahead;
                self.watch = Some(self.watch.map_or(position, |watch| watch.min(position)));
                let event = self.writer.watch(position);
                self.tell(event);
            }
            Action::Mark(mark) => self.mark(mark),
            Action::Send { at_most } => self.send(at_most),
            Action::Drive { succeeds, at_most } => self.drive(succeeds, at_most),
            Action::Refuse => self.refuse(),
        }
    }

    fn refuse(&mut self) {
        self.driver = match std::mem::replace(&mut self.driver, Position::Asking) {
            Position::Writing(batch) => {
                let event = self.writer.stalled(batch, error(SystemCall::Write));
                self.tell(event);
                assert!(self.is_stalled);
                Position::Asking
            }
            driver => driver,
        };
    }

    fn mark(&mut self, mark: Mark) {
        let position = self.accepted.len();
        let is_taken = self.ending == Ending::None && !self.has_failed();
        match mark {
            Mark::Sync { .. } if is_taken => self.syncs.push_back(position),
            Mark::Reopen { .. } if is_taken => self.reopens.push_back(position),
            Mark::Sync { .. } | Mark::Reopen { .. } | Mark::Rotate => {}
            Mark::End => self.ending = self.ending.max(Ending::End),
            Mark::EndAndClose => self.ending = self.ending.max(Ending::EndAndClose),
            Mark::Close => self.ending = Ending::Close,
        }
        let start = self.writer.mark(mark);
        self.after_call(start);
    }

    fn send(&mut self, at_most: usize) {
        if !self.writer.claim() {
            return;
        }
        assert!(matches!(self.driver, Position::Gone), "two drivers");
        assert!(
            self.syncs.is_empty() && self.reopens.is_empty(),
            "a mark was overtaken"
        );
        let bytes = vec![b'!'; at_most];
        self.accepted.extend_from_slice(&bytes);
        self.written.extend_from_slice(&bytes);
        self.edges.push(self.accepted.len());
        self.writer.passed(at_most, Duration::ZERO);
        // The owner sees the count itself; what it had asked for comes with the next one.
        let event = self.writer.watch(u64::MAX);
        self.tell(event);
    }

    fn after_append(&mut self, bytes: &[u8], accepted: Accepted) {
        if self.ending == Ending::None {
            self.accepted.extend_from_slice(bytes);
            self.edges.push(self.accepted.len());
        }
        let waiting = self.accepted.len() - self.written.len();
        assert_eq!(accepted.pending, waiting as u64);
        self.start_if(accepted.start);
    }

    /// A flush or a mark: what can be done has a driver now.
    fn after_call(&mut self, start: bool) {
        self.start_if(start);
        assert!(!matches!(self.driver, Position::Gone) || !self.writer.has_work());
    }

    fn start_if(&mut self, start: bool) {
        if start {
            assert!(matches!(self.driver, Position::Gone), "two drivers");
            self.driver = Position::Asking;
        }
    }

    fn drive(&mut self, succeeds: bool, at_most: usize) {
        let result = |call| if succeeds { Ok(()) } else { Err(error(call)) };
        match std::mem::replace(&mut self.driver, Position::Asking) {
            Position::Gone => self.driver = Position::Gone,
            Position::Asking => self.ask(),
            Position::Opening => {
                let event = self.writer.opened(result(SystemCall::Open).map(|()| 3));
                self.tell(Some(event));
            }
            Position::Writing(batch) if succeeds => self.write(batch, at_most),
            Position::Writing(_) if self.writer.is_closing() && at_most.is_multiple_of(2) => {
                self.writer.give_up();
                self.gave_up = true;
            }
            Position::Writing(_) => {
                let event = self.writer.failed(error(SystemCall::Write));
                self.tell(event);
            }
            Position::Syncing => {
                let event = synced(&mut self.writer, result(SystemCall::Fsync));
                self.tell(event);
            }
            Position::Reopening => {
                let event = self.writer.reopened(result(SystemCall::Open).map(|()| 4));
                self.tell(Some(event));
            }
            Position::Committing => {
                self.has_committed = succeeds;
                let event = self.writer.committed(result(SystemCall::Rename));
                self.tell(event);
            }
            Position::Closing => {
                let event = self.writer.closed(result(SystemCall::Close));
                self.tell(Some(event));
            }
        }
    }

    fn ask(&mut self) {
        let has_work = self.writer.has_work();
        let step = self.writer.next();
        assert_eq!(matches!(step, Step::Idle), !has_work);
        match step {
            Step::Open => self.driver = Position::Opening,
            Step::Write(batch) => {
                let end = self.written.len() + batch.remaining();
                assert!(self.edges.contains(&end), "a batch cuts a write");
                let barrier = self.reopens.front().copied().unwrap_or(usize::MAX);
                assert!(end <= barrier, "a batch goes past a barrier");
                self.driver = Position::Writing(batch);
            }
            Step::Sync { .. } => self.driver = Position::Syncing,
            Step::Reopen(_) => self.driver = Position::Reopening,
            Step::Commit => {
                assert!(self.commits && !self.has_committed, "a second commit");
                assert_ne!(self.ending, Ending::Close, "the owner gave up");
                assert!(
                    self.written == self.accepted,
                    "a commit before the last byte"
                );
                assert!(self.syncs.is_empty() && self.reopens.is_empty());
                self.driver = Position::Committing;
            }
            Step::Rotate => unreachable!("this stream is not rotated"),
            Step::Close => self.driver = Position::Closing,
            Step::Tell(event) => self.tell(Some(event)),
            Step::Idle => {
                self.driver = Position::Gone;
                self.writer.leave();
            }
        }
    }

    /// A write, short or not, of the batch's first chunk.
    fn write(&mut self, mut batch: Batch, at_most: usize) {
        let bytes = batch.chunk().len().min(at_most);
        self.written.extend_from_slice(&batch.chunk()[..bytes]);
        batch.advance(bytes);
        let event = self.writer.wrote(bytes);
        self.tell(event);
        if batch.has_remaining() {
            self.driver = Position::Writing(batch);
        }
    }

    fn tell(&mut self, event: Option<Event>) {
        let Some(event) = event else { return };
        let completed = self.writer.completed();
        assert!(!self.is_closed(), "{event:?} after the close");
        match event {
            Event::Progress { completed: told } => {
                assert_eq!(told, completed);
                self.watch = self.watch.filter(|watch| *watch > told);
            }
            Event::Synced { syncs } | Event::Unsyncable { syncs } => self.answer_syncs(syncs),
            Event::Stalled { .. } => {
                assert!(!self.is_stalled, "a stall that was told");
                self.is_stalled = true;
            }
            Event::Recovered => {
                assert!(self.is_stalled, "there was no stall");
                self.is_stalled = false;
            }
            Event::Reopened { .. } => {
                let position = self.reopens.pop_front().expect("a second answer");
                assert_eq!(position, self.written.len(), "a reopen at another place");
                let earlier = self.syncs.front();
                assert!(
                    earlier.is_none_or(|sync| *sync >= position),
                    "a sync was skipped"
                );
            }
            Event::Finished => {
                assert!(!self.events.contains(&event), "a second end");
                assert_ne!(self.ending, Ending::None);
                assert!(self.written == self.accepted, "an end before the last byte");
                assert_eq!(self.has_committed, self.commits);
                assert!(
                    self.syncs.is_empty() && self.reopens.is_empty(),
                    "marks are left"
                );
            }
            Event::Failed { .. } => {
                assert!(!self.has_failed(), "a second failure");
                self.is_stalled = false;
                self.syncs.clear();
                self.reopens.clear();
            }
            Event::Closed { .. } => {
                assert!(self.ending >= Ending::EndAndClose);
                let is_complete = self.written == self.accepted;
                assert!(
                    is_complete || self.ending == Ending::Close,
                    "a close before the last byte"
                );
                assert!(
                    self.has_committed || !self.commits || self.ending == Ending::Close,
                    "a close before the commit"
                );
            }
            Event::Opened { .. } => assert!(!self.events.contains(&event), "opened twice"),
            Event::Parked => unreachable!("the machine parks nobody"),
            Event::Rotated { .. } | Event::RotateFailed { .. } | Event::Moved { .. } => {
                unreachable!("this stream is not rotated")
            }
        }
        self.events.push(event);
    }

    /// Marks are answered in order, once, and after their bytes.
    fn answer_syncs(&mut self, syncs: usize) {
        let barrier = self.reopens.front().copied().unwrap_or(usize::MAX);
        for _ in 0..syncs {
            let position = self.syncs.pop_front().expect("nobody had asked");
            assert!(position <= self.written.len(), "a sync before its bytes");
            assert!(position <= barrier, "a sync went past a barrier");
        }
    }

    /// What holds between any two actions.
    fn check(&self) {
        assert_eq!(self.writer.completed(), self.written.len() as u64);
        assert_eq!(self.writer.total(), self.accepted.len() as u64);
        assert!(self.accepted.starts_with(&self.written), "wrong order");
        let reached = self.watch.filter(|watch| *watch <= self.writer.completed());
        assert!(
            reached.is_none() || self.is_closed(),
            "a watched position was not told"
        );
    }

    /// Everything succeeds until there is nothing to do.
    fn drive_to_rest(&mut self) {
        while !matches!(self.driver, Position::Gone) {
            self.drive(true, usize::MAX);
            self.check();
        }
    }
}

/// `PROPTEST_CASES`, or more than proptest's own default.
fn cases() -> ProptestConfig {
    const CASES: u32 = 1000;
    let config = ProptestConfig::default();
    let is_set = std::env::var_os("PROPTEST_CASES").is_some();
    if is_set {
        config
    } else {
        ProptestConfig {
            cases: CASES,
            ..config
        }
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_order_of_calls_and_results_keeps_the_promises(
        from_path in any::<bool>(),
        flush in any::<bool>(),
        commits in any::<bool>(),
        actions in prop::collection::vec(action(), 1..120),
    ) {
        let origin = if from_path { Origin::Path } else { Origin::Descriptor };
        let mut model = Model::new(origin, flush, commits);
        for action in actions {
            model.apply(action);
            model.check();
        }
        let ending = model.ending;
        model.apply(Action::Mark(Mark::End));
        model.drive_to_rest();
        let has_finished = model.events.contains(&Event::Finished);
        if !model.has_failed() && !model.gave_up {
            prop_assert!(model.written == model.accepted, "bytes are missing");
            prop_assert!(has_finished || ending >= Ending::EndAndClose);
            prop_assert!(model.syncs.is_empty() && model.reopens.is_empty());
            prop_assert!(!model.is_stalled, "a recovery was not told");
        }
        model.apply(Action::Mark(Mark::Close));
        model.drive_to_rest();
        prop_assert!(model.is_closed());
        prop_assert!(!model.writer.has_work());
    }
}
