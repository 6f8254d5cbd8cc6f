//! The frame of a bare Node-API callback.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use napi::{Error, JsError, Result, sys};

use crate::faults::{self, Place};

/// Runs a callback's body; an error or a panic becomes an exception.
pub(super) fn answer(
    env: sys::napi_env,
    body: impl FnOnce() -> Result<sys::napi_value>,
) -> sys::napi_value {
    let striking = || {
        faults::strike(Place::Call);
        body()
    };
    let result = catch_unwind(AssertUnwindSafe(striking))
        .unwrap_or_else(|_| Err(Error::from_reason("the native half panicked")));
    result.unwrap_or_else(|error| {
        // SAFETY: `env` is the environment that made this call, on its own thread.
        unsafe { JsError::from(error).throw_into(env) };
        null_mut()
    })
}
