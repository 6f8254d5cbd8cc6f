use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

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
        let is_within = matches!(mark, Mark::Sync { .. } | Mark::Reopen { .. } | Mark::Rotate);
        let is_unopened = self.writer.phase == Phase::Unopened;
        let is_early = is_within && is_unopened && matches!(self.driver, Position::Gone);
        let start = self.writer.mark(mark);
        if is_early {
            assert!(!start, "such a mark opens nothing");
        } else {
            self.after_call(start);
        }
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
        self.writer.passed(at_most, Some(Duration::ZERO));
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
                let event = match result(SystemCall::Open) {
                    Ok(()) if at_most.is_multiple_of(2) => self.writer.opened_quietly(3),
                    result => Some(self.writer.opened(result.map(|()| 3))),
                };
                self.tell(event);
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
        let open = self.writer.take_untold(&event);
        self.tell(open);
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
