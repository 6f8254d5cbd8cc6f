//! The call that compresses a file.

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Error, Result};
use napi_derive::napi;

use crate::io::{self, node_errno};

/// What the system says where there is no thread.
const EAGAIN: i32 = 11;

/// Replaces the file `from` by a compressed one at `to` and calls `done` with Node's positive number of what went wrong, or
/// zero. The process stays alive until then.
#[napi]
pub(super) fn compress_file(from: String, to: String, done: Function<i32, ()>) -> Result<()> {
    let done = done
        .build_threadsafe_function::<i32>()
        .build_callback(|context| Ok(context.value))?;
    let report = move |result: std::io::Result<()>| {
        let errno = result.map_or_else(
            |error| error.raw_os_error().map_or(EAGAIN, node_errno),
            |()| 0,
        );
        // An environment that has ended gets no events.
        let _status = done.call(errno, ThreadsafeFunctionCallMode::NonBlocking);
    };
    io::compress(from.into(), to.into(), report)
        .map_err(|error| Error::from_reason(error.to_string()))
}
