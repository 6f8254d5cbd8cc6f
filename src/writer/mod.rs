//! The pure half: what a write stream is, without clocks, threads, system calls or JavaScript.
#![forbid(unsafe_code)]

mod batch;
mod chunk;
mod counters;
mod error;
mod event;
mod machine;
mod mark;
mod queue;
mod rotation;

pub use batch::Batch;
pub use counters::Counters;
pub use error::{SystemCall, SystemError};
pub use event::{Event, Listener};
pub use machine::{Accepted, BATCH_CHUNKS, Origin, Standing, Step, Writer};
pub use mark::Mark;
pub use rotation::{Fill, Rotation};
