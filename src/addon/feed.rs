//! The calls that give a stream bytes, and what they are encoded with.

use std::cell::RefCell;
use std::sync::Arc;

use napi::{Result, sys};

use super::callback::answer;
use super::desk::{Desk, Encoded};
use super::environment::Environment;
use super::values::{View, arguments, bool_of, complement, count, id_of, position, position_of};
use crate::io::Stream;

thread_local! {
    /// For all streams of the thread.
    pub(super) static DESK: RefCell<Desk> = const { RefCell::new(Desk::new()) };
}

/// `appendBytes(id, view)`: copies the view's bytes and returns how many wait for the system.
pub(super) unsafe extern "C" fn append_bytes(
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
pub(super) unsafe extern "C" fn send_bytes(
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
pub(super) unsafe extern "C" fn write_bytes(
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
pub(super) unsafe extern "C" fn write_string(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    write_encoded(env, info, |desk, string| {
        desk.encode(env, string).map(|encoded| encoded.bytes)
    })
}

/// `writeLatin1(id, string)`: the same with a byte for each unit.
pub(super) unsafe extern "C" fn write_latin1(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    write_encoded(env, info, |desk, string| desk.encode_latin1(env, string))
}

/// `handOverBytes(id, view, watches)`: copies one write, hands it to the driver with all before it, and returns how
/// many bytes were accepted so far. If it `watches`, one progress event comes when they are completed.
pub(super) unsafe extern "C" fn hand_over_bytes(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [_, _, watches] = arguments(env, info)?;
        let watches = bool_of(env, watches)?;
        let hand_over = |stream: &Arc<Stream>, bytes: &[u8]| stream.hand_over(bytes, watches);
        let total = with_view(env, info, hand_over, Stream::accepted)?;
        position(env, total)
    })
}

/// `handOverString(id, string, watches)`: the same with a string, encoded as UTF-8.
pub(super) unsafe extern "C" fn hand_over_string(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [id, string, watches] = arguments(env, info)?;
        let id = id_of(env, id)?;
        let watches = bool_of(env, watches)?;
        DESK.with_borrow_mut(|desk| {
            let bytes = desk.encode(env, string)?.bytes;
            let hand_over = |stream: &Arc<Stream>| stream.hand_over(bytes, watches);
            let total = Environment::with_stream_or(env, id, hand_over, Stream::accepted)?;
            position(env, total)
        })
    })
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
        // JavaScript, so that nobody detaches, resizes or writes to it. Memory that other threads write to
        // was copied.
        take(stream, unsafe { &*bytes })
    };
    Environment::with_stream_or(env, id, take, answer_of_failed)
}

/// `appendString(id, string, seamless)`: encodes the string as UTF-8 and returns how many bytes
/// wait for the system.
///
/// A negative result means that the string has surrogate pairs: it is the complement of that count, and
/// unless `seamless`, nothing was appended, because halves from different writes may have met in it.
pub(super) unsafe extern "C" fn append_string(
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
