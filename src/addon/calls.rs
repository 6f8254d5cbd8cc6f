//! The calls that a stream makes a few times in its life. Those it makes all the time are in
//! [`super::raw`].

use std::time::Duration;

use napi::bindgen_prelude::Function;
use napi::{Env, Result};
use napi_derive::napi;

use super::environment::{Environment, EnvironmentSettings};
use super::values::number_of;
use crate::io::{AtEnd, Stream};
use crate::writer::Standing;

/// Makes an event queue and returns its number. `deliver` is called whenever it has events.
#[napi(catch_unwind)]
pub(super) fn attach(
    env: Env,
    deliver: Function<(), ()>,
    settings: EnvironmentSettings,
) -> Result<u32> {
    Environment::attach(env, &deliver, settings)
}

/// Lets go of an event queue, which has no streams and no lookups any more.
#[napi(catch_unwind)]
pub(super) fn detach(env: Env, hub: u32) -> Result<()> {
    Environment::with(env.raw(), |environment| {
        environment.detach(hub);
        Ok(())
    })
}

/// The next time that the process comes to `place`, a number of [`crate::faults::Place`], it panics.
#[cfg(feature = "faults")]
#[napi(catch_unwind)]
pub(super) fn panic_at(place: u8) {
    crate::faults::arm(place);
}

/// The descriptor of a socket is about to be closed, or given to somebody else.
#[napi(catch_unwind)]
pub(super) fn disown(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, Stream::disown)
}

/// Drives on after `EVENT_PARKED`.
#[napi(catch_unwind)]
pub(super) fn unpark(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, Stream::unpark)
}

/// What the end of what the peer sends means: 0 if it is just an end, the error's number if a write has
/// failed, -1 if a write is about to tell.
#[napi(catch_unwind)]
pub(super) fn at_end(env: Env, id: f64) -> Result<i32> {
    Environment::with_stream(env.raw(), id, |stream| match stream.standing_at_end() {
        AtEnd::Clean => 0,
        AtEnd::Failed(error) => error.errno,
        AtEnd::Unknown => -1,
    })
}

/// Whether a write failed in a call of this thread, not behind its back.
#[napi(catch_unwind)]
pub(super) fn has_failed_in_call(env: Env, id: f64) -> Result<bool> {
    Environment::with_stream(env.raw(), id, |stream| stream.has_failed_in_call())
}

/// A Buffer that a socket's write was given has lost its memory. What waits is dropped.
#[napi(catch_unwind)]
pub(super) fn lose_memory(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, |stream| stream.lose_memory())
}

/// Drops what no driver has taken yet.
#[napi(catch_unwind)]
pub(super) fn discard(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, |stream| stream.discard())
}

/// What came of a wait.
#[napi(object, object_from_js = false)]
pub(super) struct Waited {
    /// The time was long enough: there is nothing more to wait for.
    pub is_settled: bool,
    /// Bytes that the system has not taken: none unless the time is over or the stream failed.
    pub bytes: f64,
    /// The number of the failure.
    pub errno: i32,
    /// The call that failed, as in `SystemCall`; -1 if none did.
    pub call: i32,
}

/// Waits until the system has all that was accepted. The only call that waits.
#[napi(catch_unwind)]
pub(super) fn wait_settled(env: Env, id: f64, timeout_ms: u32) -> Result<Waited> {
    let stream = Environment::stream(env.raw(), id)?;
    let standing = stream.wait_settled(Duration::from_millis(timeout_ms.into()));
    let (bytes, error) = match standing {
        Standing::Settled => (0, None),
        Standing::Waiting(bytes) => (bytes, None),
        Standing::Failed(error, bytes) => (bytes, Some(error)),
    };
    Ok(Waited {
        is_settled: !matches!(standing, Standing::Waiting(_)),
        bytes: number_of(bytes),
        errno: error.map_or(0, |error| error.errno),
        call: error.map_or(-1, |error| error.call as i32),
    })
}
