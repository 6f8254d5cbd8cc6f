//! The descriptor that the user gave a stream, and what a driver may use of it.
//!
//! It is the user's to close, so its number is only used while that surely names what the user means: on the
//! thread of the stream's owner, until it is disowned. Drivers on other threads get a duplicate.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::{self, ThreadId};

use crate::io::sink::Descriptor;
use crate::io::sync::{AtomicBool, Mutex};

pub(super) struct Given {
    fd: i32,
    /// The thread on which the number names what the user means.
    owner: ThreadId,
    /// From now on it may name something else.
    is_disowned: AtomicBool,
    /// For the driver that was started last.
    duplicate: Mutex<Option<Descriptor>>,
    /// The process had no descriptor left for one. Only the owner's thread looks at it.
    has_no_duplicate: AtomicBool,
}

impl Given {
    /// Of the thread that calls.
    pub(super) fn new(fd: i32) -> Self {
        Self {
            fd,
            owner: thread::current().id(),
            is_disowned: AtomicBool::new(false),
            duplicate: Mutex::new(None),
            has_no_duplicate: AtomicBool::new(false),
        }
    }

    pub(super) fn disown(&self) {
        self.is_disowned.store(true, Ordering::Relaxed);
    }

    /// This is the thread of its owner.
    pub(super) fn is_owned_here(&self) -> bool {
        thread::current().id() == self.owner
    }

    /// The process had no descriptor left for a duplicate.
    pub(super) fn lacks_duplicate(&self) -> bool {
        self.has_no_duplicate.load(Ordering::Relaxed)
    }

    /// Makes a duplicate for the next driver, on the owner's thread, if the process has a descriptor to spare, and
    /// returns whether it has. Fails if the number names nothing, or perhaps something else.
    pub(super) fn lend(&self) -> io::Result<bool> {
        if self.is_disowned.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let Some(duplicate) = self.duplicate()? else {
            return Ok(false);
        };
        *self.duplicate.lock() = Some(duplicate);
        Ok(true)
    }

    /// What was made for the driver that is starting, if anything was.
    pub(super) fn take_lent(&self) -> Option<Descriptor> {
        self.duplicate.lock().take()
    }

    /// What its owner's thread may write to itself: better a duplicate, which may be kept.
    pub(super) fn for_owner(&self) -> Option<Descriptor> {
        if self.is_disowned.load(Ordering::Relaxed) {
            return None;
        }
        let duplicate = self.duplicate().ok()?;
        Some(duplicate.unwrap_or_else(|| self.itself()))
    }

    /// For the length of a call on its owner's thread.
    pub(super) fn itself(&self) -> Descriptor {
        Descriptor::given(self.fd)
    }

    fn duplicate(&self) -> io::Result<Option<Descriptor>> {
        let duplicate = Descriptor::for_any_thread(self.fd)?;
        let is_none = duplicate.is_none();
        self.has_no_duplicate.store(is_none, Ordering::Relaxed);
        Ok(duplicate)
    }
}

#[cfg(all(test, unix, not(rushwrite_loom)))]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_number_is_known_on_the_thread_of_its_owner_alone() {
        let given = Given::new(0);
        assert!(given.is_owned_here());
        let is_owned = thread::scope(|scope| scope.spawn(|| given.is_owned_here()).join());
        assert!(!is_owned.unwrap());
    }

    #[test]
    fn an_owner_writes_to_a_duplicate_until_the_number_is_disowned() {
        let (_reader, writer) = io::pipe().unwrap();
        let given = Given::new(writer.as_raw_fd());
        let descriptor = given.for_owner().unwrap();
        assert_ne!(descriptor.number(), writer.as_raw_fd());
        assert!(!given.lacks_duplicate());
        given.disown();
        assert!(given.for_owner().is_none());
    }
}
