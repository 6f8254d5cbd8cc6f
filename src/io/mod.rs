//! The half that makes system calls: threads, drivers and sinks. The only part that names tokio.

mod counters;
mod driver;
mod file;
mod lookup;
mod pool;
mod runtime;
mod sink;
mod socket;
mod stream;

#[cfg(unix)]
#[path = "descriptor_unix.rs"]
mod descriptor;

#[cfg(windows)]
#[path = "descriptor_windows.rs"]
mod descriptor;

#[cfg(windows)]
mod libuv;

#[cfg(test)]
mod scripted;

#[cfg(feature = "bench")]
mod discarding;
#[cfg(feature = "bench")]
pub use discarding::DiscardingStream;

pub use counters::writes;
pub use file::{FileOptions, Target, open_file};
pub use lookup::{Answer, Question, lookup};
pub use runtime::later;
pub use socket::WriteSide;
pub use stream::Stream;

#[cfg(windows)]
pub use libuv::errno as node_errno;

/// Node's number for an errno of the system's: the same.
#[cfg(unix)]
pub const fn node_errno(errno: i32) -> i32 {
    errno
}
