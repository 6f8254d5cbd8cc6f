//! The calls that a stream makes a few times in its life. Those it makes all the time are in
//! [`super::raw`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either, Function};
use napi::{Env, Error, Result};
use napi_derive::napi;

use super::environment::Environment;
use super::registry::Registry;
use crate::io::{self, FileOptions, Question, Stream, Target, WriteSide, open_file};
use crate::stream::Standing;

/// Makes an event queue and returns its number. `deliver` is called whenever it has events.
#[napi]
pub fn attach(env: Env, deliver: Function<(), ()>) -> Result<u32> {
    Environment::attach(env, &deliver)
}

/// Keeps the process alive for streams with work to do, or lets it end.
#[napi]
pub fn keep_alive(env: Env, hub: u32, alive: bool) -> Result<()> {
    Environment::with(|environment| environment.keep_alive(env, hub, alive))
}

/// A file stream's options, validated and completed by `lib/options.js`.
#[napi(object, object_to_js = false)]
pub struct FileStreamOptions {
    /// The path; without one `fd` is used. Bytes on unix, UTF-8 on Windows.
    pub path: Option<Either<String, Buffer>>,
    /// A descriptor that is open already.
    pub fd: Option<i32>,
    /// `open(2)`'s flags.
    pub flags: i32,
    /// `open(2)`'s mode.
    pub mode: u32,
    /// The offset of the first byte, or -1 for the system's own position.
    pub start: f64,
    /// Sync before the end is told.
    pub flush: bool,
    /// Only `close` closes the descriptor, not `release`.
    pub keep_open: bool,
    /// Not even `close` closes `fd`, which somebody else does.
    pub borrowed: Option<bool>,
}

/// Makes a file stream and returns its number. It is opened with its first flush.
#[napi]
pub fn open_file_stream(hub: u32, options: FileStreamOptions) -> Result<u32> {
    let target = match (options.path, options.fd) {
        (Some(path), _) => Target::Path {
            path: path_of(path)?,
            flags: options.flags,
            mode: options.mode,
        },
        (None, Some(fd)) if fd >= 0 => Target::Descriptor(fd),
        (None, _) => return Err(Error::from_reason("a path or a descriptor is needed")),
    };
    let options = FileOptions {
        target,
        start: position_of(options.start),
        flush: options.flush,
        keep_open: options.keep_open,
        borrowed: options.borrowed.unwrap_or(false),
    };
    Environment::with(|environment| {
        let listener = Arc::clone(environment.events(hub)?);
        environment
            .streams
            .insert(|id| open_file(id, options, listener))
            .ok_or_else(|| Error::from_reason("too many streams"))
    })
}

/// Makes a stream that writes to the connected socket `fd`, which stays the caller's, and returns its
/// number; or nothing if there are too many descriptors or streams.
#[napi]
pub fn open_socket_stream(hub: u32, fd: i32) -> Result<Option<u32>> {
    let Ok(side) = WriteSide::of(fd) else {
        return Ok(None);
    };
    Environment::with(|environment| {
        let listener = Arc::clone(environment.events(hub)?);
        Ok(environment.streams.insert(|id| side.open(id, listener)))
    })
}

/// Asks for the addresses of a name in ASCII, of `family` 4, 6 or any, with `getaddrinfo(3)`'s flags.
/// The answer comes under the number `lookup`. False if the system has no thread for the question.
#[napi]
pub fn lookup(hub: u32, lookup: f64, name: String, family: u8, hints: i32) -> Result<bool> {
    let events = Environment::with(|environment| environment.events(hub).cloned())?;
    let question = Question {
        name,
        family,
        hints,
    };
    Ok(io::lookup(question, move |answer| events.answer(lookup, answer)).is_ok())
}

/// What became of a lookup.
#[napi(object, object_from_js = false)]
pub struct LookupAnswer {
    /// Its number.
    pub lookup: f64,
    /// libuv's negative number if it failed, else 0.
    pub errno: i32,
    /// The addresses in the system's order.
    pub addresses: Vec<String>,
}

/// Takes all answers; to be called after `takeEvents`.
#[napi]
pub fn take_answers(hub: u32) -> Result<Vec<LookupAnswer>> {
    let answers = Environment::with(|environment| Ok(environment.events(hub)?.take_answers()))?;
    let answers = answers.into_iter().map(|(lookup, answer)| LookupAnswer {
        lookup,
        errno: *answer.as_ref().err().unwrap_or(&0),
        addresses: answer.iter().flatten().map(ToString::to_string).collect(),
    });
    Ok(answers.collect())
}

/// Drops what no driver has taken yet.
#[napi]
pub fn discard(id: f64) -> Result<()> {
    Environment::with_stream(id, |stream| stream.discard())
}

/// Nothing more comes.
#[napi]
pub fn end(id: f64) -> Result<()> {
    Environment::with_stream(id, Stream::end)
}

/// Close the descriptor.
#[napi]
pub fn close(id: f64) -> Result<()> {
    Environment::with_stream(id, Stream::close)
}

/// What came of a wait.
#[napi(object, object_from_js = false)]
pub struct Waited {
    /// Bytes that the system has not taken: none unless the time is over or the stream failed.
    pub bytes: f64,
    /// The number of the failure.
    pub errno: i32,
    /// The call that failed, as in `SystemCall`; -1 if none did.
    pub call: i32,
}

/// Waits until the system has all that was accepted. The only call that waits.
#[napi]
pub fn wait_settled(id: f64, timeout_ms: u32) -> Result<Waited> {
    let stream = Environment::with_stream(id, Arc::clone)?;
    let (bytes, error) = match stream.wait_settled(Duration::from_millis(timeout_ms.into())) {
        Standing::Settled => (0, None),
        Standing::Waiting(bytes) => (bytes, None),
        Standing::Failed(error, bytes) => (bytes, Some(error)),
    };
    Ok(Waited {
        bytes: number_of(bytes),
        errno: error.map_or(0, |error| error.errno),
        call: error.map_or(-1, |error| error.call as i32),
    })
}

/// Forgets a stream; its number names nothing from now on. A descriptor that it opened and did not
/// close is closed.
#[napi]
pub fn release(id: f64) -> Result<()> {
    Environment::with(|environment| {
        drop(Registry::id_of(id).and_then(|id| environment.streams.remove(id)));
        Ok(())
    })
}

/// What this process has done since it began.
#[napi(object, object_from_js = false)]
pub struct Counters {
    /// Write calls of all streams, in all environments.
    pub writes: f64,
}

/// For the benchmarks; costs nothing unless it is called.
#[napi]
#[must_use]
pub fn counters() -> Counters {
    Counters {
        writes: number_of(io::writes()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn number_of(count: u64) -> f64 {
    count as f64
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path can be refused")]
fn path_of(path: Either<String, Buffer>) -> Result<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    Ok(match path {
        Either::A(path) => path.into(),
        Either::B(path) => OsStr::from_bytes(&path).into(),
    })
}

#[cfg(not(unix))]
fn path_of(path: Either<String, Buffer>) -> Result<PathBuf> {
    Ok(match path {
        Either::A(path) => path.into(),
        Either::B(path) => std::str::from_utf8(&path)
            .map_err(|_| Error::from_reason("the path is not UTF-8"))?
            .into(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be an integer that a double holds exactly"
)]
fn position_of(start: f64) -> Option<u64> {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    (0.0..=MAX_SAFE_INTEGER)
        .contains(&start)
        .then_some(start as u64)
}
