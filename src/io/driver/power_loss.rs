//! What is left after a power failure, simulated: a sink writes down all calls, and between them what the
//! owner is told. Each prefix of that list is a moment at which the power may fail. Only what was synced by
//! then is sure to be there, and all that the owner was told has to be in it.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use proptest::prelude::*;

use super::{Left, drive};
use crate::io::engine::Engine;
use crate::io::retry::Retry;
use crate::io::sink::{Failure, Sink};
use crate::io::stream::Stream;
use crate::io::threads::{Outlook, runtime};
use crate::writer::{Event, Listener, Mark, Origin, SystemCall, Writer};

const ENOSPC: i32 = 28;

/// What happened, in order.
#[derive(Clone, Debug)]
enum Entry {
    /// The owner asked for a sync behind so many bytes.
    Asked(usize),
    Wrote(usize),
    Synced,
    SyncFailed,
    Committed,
    Told(Event),
}

/// What the owner does during a call, and what comes of the call.
#[derive(Clone, Debug)]
struct Scene {
    owner: Vec<Act>,
    at_most: usize,
    is_full: bool,
    syncs: bool,
}

#[derive(Clone, Debug)]
enum Act {
    Write(usize),
    Sync,
}

/// All that the parts of a run share.
#[derive(Default)]
struct Run {
    log: Mutex<Vec<Entry>>,
    scenes: Mutex<VecDeque<Scene>>,
    stream: Mutex<Weak<Stream>>,
    accepted: Mutex<usize>,
    has_ended: AtomicBool,
}

impl Run {
    fn add(&self, entry: Entry) {
        self.log.lock().push(entry);
    }

    /// Lets the owner act; returns what comes of the call.
    fn play(&self) -> Scene {
        let scene = self.scenes.lock().pop_front().unwrap_or(Scene {
            owner: Vec::new(),
            at_most: usize::MAX,
            is_full: false,
            syncs: true,
        });
        let stream = self.stream.lock().upgrade();
        for act in &scene.owner {
            self.act(stream.as_ref().expect("the test holds it"), act);
        }
        scene
    }

    fn act(&self, stream: &Arc<Stream>, act: &Act) {
        match act {
            _ if self.has_ended.load(Ordering::Relaxed) => {}
            Act::Write(bytes) => {
                stream.append(&vec![b'x'; *bytes]);
                *self.accepted.lock() += bytes;
            }
            Act::Sync => {
                self.add(Entry::Asked(*self.accepted.lock()));
                stream.mark(Mark::Sync { metadata: false });
            }
        }
    }
}

impl Listener for Run {
    fn notify(&self, _: u64, event: Event) {
        self.add(Entry::Told(event));
    }
}

struct RecordingSink(Arc<Run>);

impl Sink for RecordingSink {
    fn open(&mut self) -> Result<i32, Failure> {
        self.0.play();
        Ok(3)
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let scene = self.0.play();
        if scene.is_full {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        let given: usize = slices.iter().map(|slice| slice.len()).sum();
        let taken = given.min(scene.at_most);
        self.0.add(Entry::Wrote(taken));
        Ok(taken)
    }

    async fn writable(&mut self) -> io::Result<()> {
        unreachable!("a file is always writable")
    }

    fn sync(&mut self, _: bool, _: bool) -> Result<(), Failure> {
        if self.0.play().syncs {
            self.0.add(Entry::Synced);
            return Ok(());
        }
        self.0.add(Entry::SyncFailed);
        let error = io::Error::from_raw_os_error(5);
        Err(Failure::of(SystemCall::Fdatasync)(error))
    }

    fn reopen(&mut self, _: Option<&Path>) -> io::Result<i32> {
        unreachable!("nobody asks for it")
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.sync(true, false)?;
        self.0.add(Entry::Committed);
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct NoEngine;

impl Engine for NoEngine {
    fn start(&self, _: Arc<Stream>) -> io::Result<()> {
        Ok(())
    }

    fn drive(&self, _: &Arc<Stream>) -> Outlook {
        unreachable!("the test is the driver")
    }

    fn wind_up(&self, _: &Stream) {}
}

/// Runs a stream to its end and returns what happened.
fn run(acts: &[Act], scenes: Vec<Scene>, commits: bool) -> Vec<Entry> {
    let run = Arc::new(Run::default());
    run.scenes.lock().extend(scenes);
    let mut writer = Writer::new(Origin::Path, false);
    if commits {
        writer = writer.committing();
    }
    let listener: Arc<dyn Listener> = Arc::<Run>::clone(&run);
    let retry = Retry::new(vec![ENOSPC], Duration::ZERO, None);
    let stream = Stream::with_retry(1, writer, listener, NoEngine, Some(retry));
    *run.stream.lock() = Arc::downgrade(&stream);
    for act in acts {
        run.act(&stream, act);
    }
    let mut sink = RecordingSink(Arc::clone(&run));
    stream.flush();
    while runtime::block_on(drive(&stream, &mut sink)) != Left::Idle {}
    run.has_ended.store(true, Ordering::Relaxed);
    stream.mark(Mark::End);
    while runtime::block_on(drive(&stream, &mut sink)) != Left::Idle {}
    run.log.lock().clone()
}

/// What is known at one moment.
#[derive(Default)]
struct State {
    written: usize,
    /// So many bytes outlive a power failure at this moment. More may.
    safe: usize,
    /// The target has its new content.
    is_in_place: bool,
    has_sync_failed: bool,
    /// The positions of syncs that were asked for and not answered.
    asked: VecDeque<usize>,
}

impl State {
    fn step(&mut self, entry: &Entry) {
        match entry {
            Entry::Asked(position) => self.asked.push_back(*position),
            Entry::Wrote(bytes) => self.written += bytes,
            Entry::Synced => self.safe = self.written,
            Entry::SyncFailed => self.has_sync_failed = true,
            Entry::Committed => {
                assert_eq!(self.safe, self.written, "a file in place that is not safe");
                self.is_in_place = true;
            }
            Entry::Told(event) => self.told(*event),
        }
    }

    fn told(&mut self, event: Event) {
        match event {
            Event::Synced { syncs } => {
                assert!(!self.has_sync_failed, "a success behind a failure");
                for position in self.asked.drain(..syncs) {
                    assert!(position <= self.safe, "told, and not safe");
                }
            }
            Event::Finished => assert!(!self.has_sync_failed, "an end behind a failure"),
            _ => {}
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (1..400usize).prop_map(Act::Write),
        1 => (1..300_000usize).prop_map(Act::Write),
        3 => Just(Act::Sync),
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    let owner = prop::collection::vec(act(), 0..4);
    let at_most = prop_oneof![1..500usize, Just(usize::MAX)];
    let rarely = prop::bool::weighted(0.1);
    let mostly = prop::bool::weighted(0.97);
    (owner, at_most, rarely, mostly).prop_map(|(owner, at_most, is_full, syncs)| Scene {
        owner,
        at_most,
        is_full,
        syncs,
    })
}

proptest! {
    #[test]
    fn whatever_the_owner_was_told_outlives_a_power_failure(
        acts in prop::collection::vec(act(), 0..20),
        scenes in prop::collection::vec(scene(), 0..60),
        commits in any::<bool>(),
    ) {
        let log = run(&acts, scenes, commits);
        let mut state = State::default();
        for entry in &log {
            state.step(entry);
        }
        let has_finished = log.iter().any(|entry| matches!(entry, Entry::Told(Event::Finished)));
        prop_assert_eq!(has_finished, !state.has_sync_failed);
        prop_assert_eq!(state.is_in_place, commits && has_finished);
        prop_assert!(state.asked.is_empty() || state.has_sync_failed, "a sync was forgotten");
    }
}
