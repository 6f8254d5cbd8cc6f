//! Events on their way to JavaScript: queues for each environment, one for those of streams and one
//! for answers to lookups, and one weak threadsafe function that says "there is something in them".

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::Status;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

use crate::io::{Answer, node_errno};
use crate::writer::{Event, Listener, SystemError};

/// The function in `lib/mailbox.js` that takes the events.
pub(super) type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

/// How many numbers one event takes: stream, kind and two values.
pub(super) const EVENT_NUMBERS: usize = 4;

/// See the module's text.
pub(super) struct Events {
    queue: Mutex<VecDeque<(u64, Event)>>,
    /// By the numbers that JavaScript gave to the lookups.
    answers: Mutex<Vec<(f64, Answer)>>,
    /// JavaScript has been called and has not looked yet.
    scheduled: AtomicBool,
    /// Taken, on the JavaScript thread, when the environment goes; events are dropped from then on.
    wake: Mutex<Option<Wake>>,
}

impl Events {
    /// An empty queue that announces its events through `wake`.
    pub(super) fn new(wake: Wake) -> Self {
        Self {
            queue: Mutex::default(),
            answers: Mutex::default(),
            scheduled: AtomicBool::new(false),
            wake: Mutex::new(Some(wake)),
        }
    }

    /// Moves as many events as fit to `target` and returns their count. Where events are left the
    /// caller comes back for them.
    pub(super) fn take(&self, target: &mut [f64]) -> usize {
        // Cleared before the queue is read: an event that comes later calls again.
        self.scheduled.store(false, Ordering::SeqCst);
        let mut queue = self.queue.lock();
        let count = queue.len().min(target.len() / EVENT_NUMBERS);
        for ((stream, event), record) in queue
            .drain(..count)
            .zip(target.chunks_exact_mut(EVENT_NUMBERS))
        {
            record.copy_from_slice(&record_of(stream, event));
        }
        count
    }

    /// What became of the lookup of this number.
    pub(super) fn answer(&self, lookup: f64, answer: Answer) {
        self.answers.lock().push((lookup, answer));
        self.announce();
    }

    /// Takes all answers.
    pub(super) fn take_answers(&self) -> Vec<(f64, Answer)> {
        // Cleared before the queue is read, as in `take`.
        self.scheduled.store(false, Ordering::SeqCst);
        std::mem::take(&mut self.answers.lock())
    }

    fn announce(&self) {
        if !self.scheduled.swap(true, Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Calls JavaScript, once more if it was called already.
    pub(super) fn wake(&self) {
        self.with_wake(|wake| {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
    }

    /// Uses the threadsafe function, unless the environment is gone.
    pub(super) fn with_wake(&self, use_it: impl FnOnce(&Wake)) {
        if let Some(wake) = &*self.wake.lock() {
            use_it(wake);
        }
    }

    /// The environment goes. Called on its thread, where the function must be let go.
    pub(super) fn close(&self) {
        self.wake.lock().take();
    }
}

impl Listener for Events {
    fn notify(&self, stream: u64, event: Event) {
        self.queue.lock().push_back((stream, event));
        self.announce();
    }
}

/// The numbers of an event, as `lib/events.js` reads them. Positions and stream numbers stay exact up to
/// 2^53.
#[expect(clippy::cast_precision_loss, reason = "8 PiB through one stream")]
fn record_of(stream: u64, event: Event) -> [f64; EVENT_NUMBERS] {
    let (kind, a, b) = match event {
        Event::Opened { fd } => (Kind::Opened, f64::from(fd), 0.0),
        Event::Progress { completed } => (Kind::Progress, completed as f64, 0.0),
        Event::Finished => (Kind::Finished, 0.0, 0.0),
        Event::Failed { error } => numbers_of(Kind::Failed, Some(error)),
        Event::Closed { error } => numbers_of(Kind::Closed, error),
        Event::Parked => (Kind::Parked, 0.0, 0.0),
        Event::Synced { syncs } => (Kind::Synced, syncs as f64, 0.0),
        Event::Unsyncable { syncs } => (Kind::Unsyncable, syncs as f64, 0.0),
        Event::Stalled { error } => numbers_of(Kind::Stalled, Some(error)),
        Event::Recovered => (Kind::Recovered, 0.0, 0.0),
        Event::Reopened { result: Ok(fd) } => (Kind::Reopened, f64::from(fd), NO_CALL),
        Event::Reopened { result: Err(error) } => numbers_of(Kind::Reopened, Some(error)),
        Event::Rotated { fd, stamp_ms } => (Kind::Rotated, f64::from(fd), stamp_ms as f64),
        Event::RotateFailed { error } => numbers_of(Kind::RotateFailed, Some(error)),
        Event::Moved { result: Ok(fd) } => (Kind::Moved, f64::from(fd), NO_CALL),
        Event::Moved { result: Err(error) } => numbers_of(Kind::Moved, Some(error)),
    };
    [stream as f64, f64::from(kind as u8), a, b]
}

/// What stands for the call of an absent error.
const NO_CALL: f64 = -1.0;

fn numbers_of(kind: Kind, error: Option<SystemError>) -> (Kind, f64, f64) {
    error.map_or((kind, 0.0, NO_CALL), |error| {
        let errno = match error.errno {
            SystemError::PANIC => SystemError::PANIC,
            errno => node_errno(errno),
        };
        (kind, f64::from(errno), f64::from(error.call as u8))
    })
}

/// What an event is, as a number.
#[derive(Clone, Copy)]
enum Kind {
    Opened,
    Progress,
    Finished,
    Failed,
    Closed,
    Synced,
    Reopened,
    Unsyncable,
    Stalled,
    Recovered,
    Parked,
    Rotated,
    RotateFailed,
    Moved,
}

/// The kinds by the names that JavaScript has for them.
pub(super) const KINDS: [(&str, u8); 14] = [
    ("EVENT_OPENED", Kind::Opened as u8),
    ("EVENT_PROGRESS", Kind::Progress as u8),
    ("EVENT_FINISHED", Kind::Finished as u8),
    ("EVENT_FAILED", Kind::Failed as u8),
    ("EVENT_CLOSED", Kind::Closed as u8),
    ("EVENT_SYNCED", Kind::Synced as u8),
    ("EVENT_REOPENED", Kind::Reopened as u8),
    ("EVENT_UNSYNCABLE", Kind::Unsyncable as u8),
    ("EVENT_STALLED", Kind::Stalled as u8),
    ("EVENT_RECOVERED", Kind::Recovered as u8),
    ("EVENT_PARKED", Kind::Parked as u8),
    ("EVENT_ROTATED", Kind::Rotated as u8),
    ("EVENT_ROTATE_FAILED", Kind::RotateFailed as u8),
    ("EVENT_MOVED", Kind::Moved as u8),
];
