//! The pure half: what a write stream is, without clocks, threads, system calls or JavaScript.
#![forbid(unsafe_code)]

mod chunk;
mod error;
mod event;
mod queue;
mod writer;

pub use chunk::Batch;
pub use error::{SystemCall, SystemError};
pub use event::{Event, Listener};
pub use queue::Queue;
pub use writer::{Accepted, Origin, Standing, Step, Writer};
