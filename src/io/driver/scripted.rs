//! What tests of the driver need: a sink that does what the test wrote down, a listener and a log
//! that can be waited for, and engines that run the driver where the test wants it. Nothing here
//! sleeps; a wait that takes too long fails the test.

mod outcome;
mod record;
mod rig;
mod sink;

use std::time::Duration;

pub(crate) use outcome::{Gate, Outcome};
pub(crate) use record::{Record, Recorder};
pub(crate) use rig::Rig;
pub(crate) use sink::{Call, FD, NEXT_FD, ScriptedSink};

/// How long a test waits for what has to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
