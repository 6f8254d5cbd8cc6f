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

pub use compress::compress;
pub use engine::{open_file, open_socket};
pub use lookup::{Answer, Question, lookup};
pub use retry::Retry;
pub use sink::{FileOptions, RotationOptions, Target, node_errno};
pub use stream::{AtEnd, Stream};
pub use threads::runtime::later;
pub use threads::set_disk_threads;
