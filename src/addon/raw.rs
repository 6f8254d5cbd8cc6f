//! The calls that are made for every batch, as bare Node-API callbacks: a generated wrapper costs
//! three times as much as the copy of a short line.
//!
//! Each takes a stream's number first. None calls back into JavaScript.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::time::Duration;

use napi::bindgen_prelude::Object;
use napi::{Env, Result, sys};
use napi_derive::napi;

use super::callback::answer;
use super::constants::constants;
use super::environment::Environment;
use super::registry::Registry;
use super::stats::stats_of;
use super::values::{
    arguments, bool_of, count, id_of, number_in, numbers_of, position, position_of,
};
use super::{feed, marks, slabs};
use crate::io::Stream;
use crate::writer::Standing;

/// Exports the callbacks.
#[napi(module_exports)]
pub(super) fn export(mut exports: Object, env: Env) -> Result<()> {
    let callbacks: [(&str, sys::napi_callback); 21] = [
        ("appendBytes", Some(feed::append_bytes)),
        ("sendBytes", Some(feed::send_bytes)),
        ("writeBytes", Some(feed::write_bytes)),
        ("writeString", Some(feed::write_string)),
        ("writeLatin1", Some(feed::write_latin1)),
        ("handOverBytes", Some(feed::hand_over_bytes)),
        ("handOverString", Some(feed::hand_over_string)),
        ("appendString", Some(feed::append_string)),
        ("flush", Some(flush)),
        ("watch", Some(watch)),
        ("settle", Some(settle)),
        ("pending", Some(pending)),
        ("accepted", Some(accepted)),
        ("completed", Some(completed)),
        ("stats", Some(stats)),
        ("mark", Some(marks::mark)),
        ("release", Some(release)),
        ("wake", Some(wake)),
        ("takeEvents", Some(take_events)),
        ("keepAlive", Some(keep_alive)),
        ("encodeInto", Some(slabs::encode_into)),
    ];
    for (name, callback) in callbacks {
        let callback = callback.expect("each entry has one");
        exports.set(name, env.create_function::<(), ()>(name, callback)?)?;
    }
    exports.set("constants", constants(&env)?)?;
    Ok(())
}

/// `flush(id)`: hands all accepted bytes to the driver and returns their count so far.
unsafe extern "C" fn flush(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [id] = arguments(env, info)?;
        let total = Environment::with_stream(env, id_of(env, id)?, Stream::flush)?;
        position(env, total)
    })
}

/// `settle(id, timeoutMs)`: waits until the system has all that was accepted, at most so long, and returns
/// zero if it has, else about how many bytes are missing. Where the driver's place is free, this thread takes it: no other has to
/// wake.
unsafe extern "C" fn settle(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [id, timeout_ms] = arguments(env, info)?;
        let timeout = Duration::from_millis(position_of(env, timeout_ms)?);
        let stream = Environment::stream(env, id_of(env, id)?)?;
        let missing = match catch_unwind(AssertUnwindSafe(|| stream.wait_settled(timeout))) {
            Ok(Standing::Settled) => 0,
            // Bytes are not all that may be missing.
            Ok(Standing::Waiting(bytes) | Standing::Failed(_, bytes)) => bytes.max(1),
            // The stream has failed, which the next question about it tells.
            Err(_) => stream.pending().max(1),
        };
        count(env, missing)
    })
}

/// `watch(id, position)`: asks for one progress event when so many bytes are completed.
unsafe extern "C" fn watch(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [id, position] = arguments(env, info)?;
        let position = position_of(env, position)?;
        Environment::with_stream(env, id_of(env, id)?, |stream| stream.watch(position))?;
        Ok(null_mut())
    })
}

/// `pending(id)`: how many bytes wait for the system.
unsafe extern "C" fn pending(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer_count(env, info, Stream::pending)
}

/// `accepted(id)`: how many bytes Rust has accepted.
unsafe extern "C" fn accepted(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer_count(env, info, Stream::accepted)
}

/// `completed(id)`: how many bytes the system has taken.
unsafe extern "C" fn completed(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer_count(env, info, Stream::completed)
}

fn answer_count(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    count_of: fn(&Stream) -> u64,
) -> sys::napi_value {
    answer(env, || {
        let [id] = arguments(env, info)?;
        let id = id_of(env, id)?;
        let bytes = Environment::with_stream_or(env, id, |stream| count_of(stream), count_of)?;
        count(env, bytes)
    })
}

/// `stats(id, target)`: fills a `Float64Array` with what has been done for the stream so far.
unsafe extern "C" fn stats(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [id, target] = arguments(env, info)?;
        let target = numbers_of(env, target)?;
        Environment::with_stream(env, id_of(env, id)?, |stream| {
            // SAFETY: V8 keeps the array's memory at this place for the length of this call, and
            // `lib/native-stream.js`, its only owner, does not share it.
            fill(unsafe { &mut *target }, stream);
        })?;
        Ok(null_mut())
    })
}

/// `release(id, target)`: forgets a stream, whose number names nothing from now on, and fills the `Float64Array`, if there
/// is one, with what was done for it. A descriptor that it opened and did not close is closed.
unsafe extern "C" fn release(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [id, target] = arguments(env, info)?;
        let target = numbers_of(env, target).ok();
        let id = id_of(env, id)?;
        let stream = Environment::with(env, |environment| {
            Ok(Registry::id_of(id).and_then(|id| environment.streams.remove(id)))
        })?;
        if let (Some(stream), Some(target)) = (stream, target) {
            // SAFETY: as in `stats`.
            fill(unsafe { &mut *target }, &stream);
        }
        Ok(null_mut())
    })
}

/// `keepAlive(hub, alive)`: keeps the process alive for streams with work to do, or lets it end.
unsafe extern "C" fn keep_alive(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [hub, alive] = arguments(env, info)?;
        let hub = number_in(env, hub)?;
        let alive = bool_of(env, alive)?;
        Environment::with(env, |environment| environment.keep_alive(env, hub, alive))?;
        Ok(null_mut())
    })
}

fn fill(target: &mut [f64], stream: &Stream) {
    for (number, value) in target.iter_mut().zip(stats_of(stream)) {
        *number = value;
    }
}

/// `wake(hub)`: has the queue's function called once more, in this phase of the event loop if it is under way.
unsafe extern "C" fn wake(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [hub] = arguments(env, info)?;
        let hub = number_in(env, hub)?;
        Environment::with(env, |environment| environment.wake(hub))?;
        Ok(null_mut())
    })
}

/// `takeEvents(hub, target)`: moves events to a `Float64Array`, four numbers each, returns their
/// count.
unsafe extern "C" fn take_events(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [hub, target] = arguments(env, info)?;
        let hub = number_in(env, hub)?;
        let target = numbers_of(env, target)?;
        let taken = Environment::with(env, |environment| {
            let events = environment.events(hub)?;
            // SAFETY: V8 keeps the array's memory at this place for the length of this call, and
            // `lib/events.js`, its only owner, does not share it.
            Ok(events.take(unsafe { &mut *target }))
        })?;
        count(env, taken as u64)
    })
}
