//! The calls that put marks into a stream.

use std::ptr::null_mut;

use napi::bindgen_prelude::{Buffer, Either};
use napi::{Env, Error, Result, sys};
use napi_derive::napi;

use super::callback::answer;
use super::environment::Environment;
use super::open::path_of;
use super::values::{arguments, id_of, number_in};
use crate::writer::Mark;

/// The kinds of marks by the names that JavaScript has for them.
pub(super) const MARKS: [(&str, u8); 6] = [
    ("MARK_END", END),
    ("MARK_END_AND_CLOSE", END_AND_CLOSE),
    ("MARK_CLOSE", CLOSE),
    ("MARK_SYNC", SYNC),
    ("MARK_SYNC_METADATA", SYNC_METADATA),
    ("MARK_ROTATE", ROTATE),
];

const END: u8 = 0;
const END_AND_CLOSE: u8 = 1;
const CLOSE: u8 = 2;
const SYNC: u8 = 3;
const SYNC_METADATA: u8 = 4;
const ROTATE: u8 = 5;

/// `mark(id, kind)`: puts a mark behind all that was accepted.
pub(super) unsafe extern "C" fn mark(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [id, kind] = arguments(env, info)?;
        let mark = match u8::try_from(number_in(env, kind)?) {
            Ok(END) => Mark::End,
            Ok(END_AND_CLOSE) => Mark::EndAndClose,
            Ok(CLOSE) => Mark::Close,
            Ok(SYNC) => Mark::Sync { metadata: false },
            Ok(SYNC_METADATA) => Mark::Sync { metadata: true },
            Ok(ROTATE) => Mark::Rotate,
            _ => return Err(Error::from_reason("there is no such mark")),
        };
        Environment::with_stream(env, id_of(env, id)?, |stream| stream.mark(mark))?;
        Ok(null_mut())
    })
}

/// Puts a mark behind all that was accepted: what follows goes to the file at `path`, or to the one that is where the
/// stream was opened.
#[napi(catch_unwind)]
pub(super) fn mark_reopen(env: Env, id: f64, path: Option<Either<String, Buffer>>) -> Result<()> {
    let mark = Mark::Reopen {
        path: path.map(path_of).transpose()?,
    };
    Environment::with_stream(env.raw(), id, |stream| stream.mark(mark))
}
