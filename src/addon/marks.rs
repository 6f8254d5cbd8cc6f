//! The call that puts a mark into a stream.

use napi::bindgen_prelude::{Buffer, Either};
use napi::{Env, Error, Result};
use napi_derive::napi;

use super::environment::Environment;
use super::open::path_of;
use crate::writer::Mark;

/// The kinds of marks by the names that JavaScript has for them.
pub(super) const MARKS: [(&str, u8); 7] = [
    ("MARK_END", END),
    ("MARK_END_AND_CLOSE", END_AND_CLOSE),
    ("MARK_CLOSE", CLOSE),
    ("MARK_SYNC", SYNC),
    ("MARK_SYNC_METADATA", SYNC_METADATA),
    ("MARK_REOPEN", REOPEN),
    ("MARK_ROTATE", ROTATE),
];

const END: u8 = 0;
const END_AND_CLOSE: u8 = 1;
const CLOSE: u8 = 2;
const SYNC: u8 = 3;
const SYNC_METADATA: u8 = 4;
const REOPEN: u8 = 5;
const ROTATE: u8 = 6;

/// Puts a mark behind all that was accepted. `path` is where a reopen opens, unless that is where the
/// stream was opened.
#[napi(catch_unwind)]
pub(super) fn mark(
    env: Env,
    id: f64,
    kind: u8,
    path: Option<Either<String, Buffer>>,
) -> Result<()> {
    let mark = match kind {
        END => Mark::End,
        END_AND_CLOSE => Mark::EndAndClose,
        CLOSE => Mark::Close,
        SYNC => Mark::Sync { metadata: false },
        SYNC_METADATA => Mark::Sync { metadata: true },
        REOPEN => Mark::Reopen {
            path: path.map(path_of).transpose()?,
        },
        ROTATE => Mark::Rotate,
        _ => return Err(Error::from_reason("there is no such mark")),
    };
    Environment::with_stream(env.raw(), id, |stream| stream.mark(mark))
}
