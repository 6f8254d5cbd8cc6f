//! The call that compresses a file.

use std::sync::Arc;

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Result, Status};
use napi_derive::napi;
use parking_lot::Mutex;

use super::environment::Environment;
use crate::io::{self, node_errno};

/// What the system says where there is no thread.
const EAGAIN: i32 = 11;

type Done = ThreadsafeFunction<i32, (), i32, Status, false>;

/// Tells JavaScript what came of a compression, once.
///
/// The function is let go on the thread of JavaScript: after its call, or with the environment. If the other thread
/// had the last handle of it, it could let go at the moment in which the environment frees it.
#[derive(Clone, Default)]
pub(super) struct Report(Arc<Mutex<Option<Done>>>);

impl Report {
    fn new(done: &Function<i32, ()>) -> Result<Self> {
        let report = Self::default();
        let told = report.clone();
        let done = done
            .build_threadsafe_function::<i32>()
            .build_callback(move |context| {
                told.close();
                Ok(context.value)
            })?;
        *report.0.lock() = Some(done);
        Ok(report)
    }

    fn tell(&self, errno: i32) {
        if let Some(done) = &*self.0.lock() {
            // An environment that is ending gets no events.
            let _status = done.call(errno, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Nothing more is told. Called on the thread of JavaScript.
    pub(super) fn close(&self) {
        drop(self.0.lock().take());
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.lock().is_none()
    }
}

/// Replaces the file `from` by a compressed one at `to` and calls `done` with Node's positive number of what went wrong, or
/// zero. The process stays alive until then.
#[napi(catch_unwind)]
pub(super) fn compress_file(
    env: Env,
    from: String,
    to: String,
    done: Function<i32, ()>,
) -> Result<()> {
    let report = Environment::with(env.raw(), |environment| {
        let report = Report::new(&done)?;
        environment.add_report(report.clone());
        Ok(report)
    })?;
    let told = report.clone();
    let begun = io::compress(from.into(), to.into(), move |result| {
        told.tell(result.map_or_else(
            |error| error.raw_os_error().map_or(EAGAIN, node_errno),
            |()| 0,
        ));
    });
    begun.map_err(|error| {
        report.close();
        Error::from_reason(error.to_string())
    })
}
