//! The calls that are made for every batch, as bare Node-API callbacks: a generated wrapper costs
//! three times as much as the copy of a short line.
//!
//! Each takes a stream's number first. None calls back into JavaScript.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::Object;
use napi::{Env, Error, JsError, Result, sys};
use napi_derive::napi;

use super::constants::constants;
use super::desk::{Desk, Encoded};
use super::environment::Environment;
use super::slabs;
use super::stats::stats_of;
use super::values::{
    View, arguments, bool_of, complement, count, hub_of, id_of, numbers_of, position, position_of,
};
use crate::faults::{self, Place};
use crate::io::Stream;
use crate::writer::Standing;

thread_local! {
    /// For all streams of the thread.
    pub(super) static DESK: RefCell<Desk> = const { RefCell::new(Desk::new()) };
}

/// Exports the callbacks below.
#[napi(module_exports)]
pub(super) fn export(mut exports: Object, env: Env) -> Result<()> {
    let callbacks: [(&str, sys::napi_callback); 15] = [
        ("appendBytes", Some(append_bytes)),
        ("sendBytes", Some(send_bytes)),
        ("writeBytes", Some(write_bytes)),
        ("writeString", Some(write_string)),
        ("writeLatin1", Some(write_latin1)),
        ("appendString", Some(append_string)),
        ("flush", Some(flush)),
        ("watch", Some(watch)),
        ("settle", Some(settle)),
        ("pending", Some(pending)),
        ("accepted", Some(accepted)),
        ("completed", Some(completed)),
        ("stats", Some(stats)),
        ("takeEvents", Some(take_events)),
        ("encodeInto", Some(slabs::encode_into)),
    ];
    for (name, callback) in callbacks {
        let callback = callback.expect("each entry has one");
        exports.set(name, env.create_function::<(), ()>(name, callback)?)?;
    }
    exports.set("constants", constants(&env)?)?;
    Ok(())
}

/// `appendBytes(id, view)`: copies the view's bytes and returns how many wait for the system.
unsafe extern "C" fn append_bytes(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let pending = with_view(env, info, Stream::append, Stream::pending)?;
        count(env, pending)
    })
}

/// `sendBytes(id, view)`: gives the system what it takes at once of the view's bytes, without a
/// copy, and returns how many that is.
unsafe extern "C" fn send_bytes(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let sent = with_view(env, info, Stream::send, |_| 0)?;
        count(env, sent as u64)
    })
}

/// `writeBytes(id, view, length)`: takes one write, of so many of the view's bytes, and hands it over. Returns
/// how many bytes wait for the system.
unsafe extern "C" fn write_bytes(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [_, _, length] = arguments(env, info)?;
        let length = usize::try_from(position_of(env, length)?).unwrap_or(usize::MAX);
        let write =
            |stream: &Arc<Stream>, bytes: &[u8]| stream.write(&bytes[..length.min(bytes.len())]);
        let pending = with_view(env, info, write, Stream::pending)?;
        count(env, pending)
    })
}

/// `writeString(id, string)`: the same with a string, encoded as UTF-8.
unsafe extern "C" fn write_string(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    write_encoded(env, info, |desk, string| {
        desk.encode(env, string).map(|encoded| encoded.bytes)
    })
}

/// `writeLatin1(id, string)`: the same with a byte for each unit.
unsafe extern "C" fn write_latin1(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    write_encoded(env, info, |desk, string| desk.encode_latin1(env, string))
}

/// Takes one write, of what `encode` makes of the call's string, and hands it over.
fn write_encoded(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    encode: impl FnOnce(&mut Desk, sys::napi_value) -> Result<&[u8]>,
) -> sys::napi_value {
    answer(env, || {
        let [id, string] = arguments(env, info)?;
        let id = id_of(env, id)?;
        DESK.with_borrow_mut(|desk| {
            let bytes = encode(desk, string)?;
            let pending = Environment::give(env, id, |stream| stream.write(bytes))?;
            count(env, pending)
        })
    })
}

/// Lets `take` have the bytes of the call's view. If it panics the answer is `answer_of_failed`.
fn with_view<T>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    take: impl FnOnce(&Arc<Stream>, &[u8]) -> T,
    answer_of_failed: fn(&Stream) -> T,
) -> Result<T> {
    let [id, view] = arguments(env, info)?;
    let view = View::of(env, view)?;
    let copy;
    let bytes: *const [u8] = if view.is_shared {
        copy = view.copied();
        &raw const *copy
    } else {
        view.bytes
    };
    let id = id_of(env, id)?;
    let take = |stream: &Arc<Stream>| {
        // SAFETY: V8 keeps the view's memory at this place for the length of this call, which runs no
        // JavaScript, so that nobody writes to it. Memory that other threads write to was copied.
        take(stream, unsafe { &*bytes })
    };
    Environment::with_stream_or(env, id, take, answer_of_failed)
}

/// `appendString(id, string, seamless)`: encodes the string as UTF-8 and returns how many bytes
/// wait for the system.
///
/// A negative result means that the string has surrogate pairs: it is the complement of that count, and
/// unless `seamless`, nothing was appended, because halves from different writes may have met in it.
unsafe extern "C" fn append_string(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [id, string, seamless] = arguments(env, info)?;
        let id = id_of(env, id)?;
        let seamless = bool_of(env, seamless)?;
        DESK.with_borrow_mut(|desk| {
            let Encoded { bytes, has_pairs } = desk.encode(env, string)?;
            let taken = if has_pairs && !seamless { &[] } else { bytes };
            let pending = Environment::give(env, id, |stream| stream.append(taken))?;
            if has_pairs {
                complement(env, pending)
            } else {
                count(env, pending)
            }
        })
    })
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
        let stats = Environment::with_stream(env, id_of(env, id)?, |stream| stats_of(stream))?;
        // SAFETY: V8 keeps the array's memory at this place for the length of this call, and
        // `lib/native-stream.js`, its only owner, does not share it.
        let target = unsafe { &mut *target };
        for (number, value) in target.iter_mut().zip(stats) {
            *number = value;
        }
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
        let hub = hub_of(env, hub)?;
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
