//! The half that makes system calls: threads, drivers and sinks. The only part that names tokio.

mod driver;
mod file;
mod runtime;
mod sink;
mod socket;
mod stream;

#[cfg(unix)]
#[path = "descriptor_unix.rs"]
mod descriptor;

#[cfg(test)]
mod scripted;

pub use file::{FileOptions, Target, open_file};
pub use runtime::later;
pub use socket::WriteSide;
pub use stream::Stream;
