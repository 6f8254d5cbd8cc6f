//! What a call of a scripted sink does.

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Semaphore;

/// What one call does.
pub(crate) enum Outcome {
    /// Success; a write takes all that it is given. So do calls that the script does not mention.
    All,
    /// A write takes at most so many bytes.
    Accept(usize),
    /// The call fails.
    Fail(io::Error),
    /// The call panics, without the hook's message on the terminal.
    Panic,
    /// The call does not return before the test opens the gate.
    Held(Gate, Box<Outcome>),
    /// Success, after the owner did this during the call.
    During(Box<dyn FnOnce() + Send>),
}

impl Outcome {
    /// A failure by its kind.
    pub(crate) fn kind(kind: io::ErrorKind) -> Self {
        Self::Fail(kind.into())
    }

    /// A failure by its number.
    pub(crate) fn errno(errno: i32) -> Self {
        Self::Fail(io::Error::from_raw_os_error(errno))
    }

    /// Success, once `gate` is open.
    pub(crate) fn held(gate: &Gate) -> Self {
        Self::Held(gate.clone(), Box::new(Self::All))
    }

    /// Returns how many bytes a write takes.
    pub(crate) fn carry_out(self) -> io::Result<usize> {
        match self {
            Self::All => Ok(usize::MAX),
            Self::Accept(bytes) => Ok(bytes),
            Self::Fail(error) => Err(error),
            Self::Panic => resume_unwind(Box::new("scripted")),
            Self::Held(gate, then) => {
                gate.pass();
                then.carry_out()
            }
            Self::During(act) => {
                act();
                Ok(usize::MAX)
            }
        }
    }
}

/// Holds a call up until the test opens it.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    thread: Arc<(Mutex<bool>, Condvar)>,
    /// Closed when the gate is open: then nobody waits for a permit.
    task: Arc<Semaphore>,
}

impl Gate {
    /// A gate that is shut.
    pub(crate) fn shut() -> Self {
        Self {
            thread: Arc::default(),
            task: Arc::new(Semaphore::new(0)),
        }
    }

    /// Lets the call go on.
    pub(crate) fn open(&self) {
        *self.thread.0.lock() = true;
        self.thread.1.notify_all();
        self.task.close();
    }

    fn pass(&self) {
        let (is_open, opened) = &*self.thread;
        opened.wait_while(&mut is_open.lock(), |is_open| !*is_open);
    }

    pub(crate) async fn passed(&self) {
        let closed = self.task.acquire().await;
        assert!(closed.is_err(), "a gate has no permits");
    }
}
