//! The half that makes system calls. The only part that names tokio.
//!
//! [`stream`] is what threads share; [`driver`] carries a stream's steps out; [`engine`] decides which
//! threads drive, [`sink`] what is called, [`threads`] are the threads themselves.

mod compress;
mod driver;
mod engine;
mod lookup;
mod retry;
mod sink;
mod stream;
mod sync;
mod threads;

pub(crate) use compress::compress;
pub(crate) use engine::{open_file, open_socket};
pub(crate) use lookup::{Answer, Question, lookup};
pub(crate) use retry::Retry;
pub(crate) use sink::{FileOptions, RotationOptions, Target, node_errno};
pub(crate) use stream::{AtEnd, Stream};
pub(crate) use threads::runtime::later;
pub(crate) use threads::set_disk_threads;
