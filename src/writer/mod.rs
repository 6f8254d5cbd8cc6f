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

pub(crate) use batch::Batch;
pub(crate) use counters::Counters;
pub(crate) use error::{SystemCall, SystemError};
pub(crate) use event::{Event, Listener};
pub(crate) use machine::{Accepted, BATCH_CHUNKS, Origin, Standing, Step, Writer};
pub(crate) use mark::Mark;
pub(crate) use rotation::{Fill, Rotation};
