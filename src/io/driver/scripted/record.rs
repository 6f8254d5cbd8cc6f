//! Lists that tests wait for.

use parking_lot::{Condvar, Mutex};

use super::PATIENCE;
use crate::writer::{Event, Listener};

/// A list that grows, and can be waited for.
#[derive(Debug)]
pub(crate) struct Record<T> {
    items: Mutex<Vec<T>>,
    grown: Condvar,
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Self {
            items: Mutex::default(),
            grown: Condvar::new(),
        }
    }
}

impl<T: Copy + std::fmt::Debug> Record<T> {
    pub(crate) fn push(&self, item: T) {
        self.items.lock().push(item);
        self.grown.notify_all();
    }

    /// All that there is.
    pub(crate) fn all(&self) -> Vec<T> {
        self.items.lock().clone()
    }

    /// Waits for an item that is `wanted` and returns the first one.
    pub(crate) fn wait(&self, wanted: impl Fn(&T) -> bool) -> T {
        let mut items = self.items.lock();
        self.grown
            .wait_while_for(&mut items, |items| !items.iter().any(&wanted), PATIENCE);
        let found = items.iter().copied().find(|item| wanted(item));
        found.unwrap_or_else(|| panic!("did not come, only {items:?}"))
    }
}

/// A listener that remembers.
pub(crate) type Recorder = Record<Event>;

impl Listener for Recorder {
    fn notify(&self, _: u64, event: Event) {
        self.push(event);
    }
}

impl Recorder {
    /// All events but progress, which may be told in one step or in several.
    pub(crate) fn milestones(&self) -> Vec<Event> {
        let mut events = self.all();
        events.retain(|event| !matches!(event, Event::Progress { .. }));
        events
    }

    /// The counts that were told.
    pub(crate) fn progress(&self) -> Vec<u64> {
        let completed = |event| match event {
            Event::Progress { completed } => Some(completed),
            _ => None,
        };
        self.all().into_iter().filter_map(completed).collect()
    }

    /// Waits for the end of all writing.
    pub(crate) fn wait_finished(&self) {
        self.wait(|event| *event == Event::Finished);
    }

    /// Waits for the end of the stream.
    pub(crate) fn wait_closed(&self) {
        self.wait(|event| matches!(event, Event::Closed { .. }));
    }
}
