//! Whether the path of a sink still names its file, and when to look.

use std::io;
use std::mem;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::io::sink::descriptor::Descriptor;

/// See the module's text.
pub(super) struct Follow {
    /// How often to look at most.
    every: Duration,
    /// When that was last done.
    looked: Instant,
    /// The path could not be opened. That is reported once.
    is_lost: bool,
    /// Since when nothing has the path, although the file is still somewhere.
    moved_away: Option<Instant>,
}

/// After a file was moved away: how long the program that moved it has to put another in its place. logrotate does
/// so; a file that it finds there already it takes for another program's, and moves it away, too.
const SUCCESSION: Duration = Duration::from_millis(100);

impl Follow {
    pub(super) fn new(every: Duration) -> Self {
        Self {
            every,
            looked: Instant::now(),
            is_lost: false,
            moved_away: None,
        }
    }

    /// The path names another file than `descriptor`, or none, and it is time to go on there.
    pub(super) fn is_due(&mut self, path: &Path, descriptor: &Descriptor) -> bool {
        if self.looked.elapsed() < self.every {
            return false;
        }
        if Descriptor::identity_at(path).is_err() && descriptor.has_name() {
            let moved_away = *self.moved_away.get_or_insert_with(Instant::now);
            if moved_away.elapsed() < SUCCESSION {
                return false;
            }
        }
        self.moved_away = None;
        self.looked = Instant::now();
        is_displaced(path, descriptor)
    }

    /// The path is open again.
    pub(super) fn found(&mut self) {
        self.is_lost = false;
    }

    /// What came of opening the path, unless that was told already.
    pub(super) fn news(&mut self, result: io::Result<i32>) -> Option<io::Result<i32>> {
        let was_lost = mem::replace(&mut self.is_lost, result.is_err());
        (result.is_ok() || !was_lost).then_some(result)
    }
}

/// The path names another file than `descriptor`, or none.
pub(super) fn is_displaced(path: &Path, descriptor: &Descriptor) -> bool {
    let own = descriptor.identity();
    own.is_some_and(|own| match Descriptor::identity_at(path) {
        Ok(named) => named != own,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    })
}
