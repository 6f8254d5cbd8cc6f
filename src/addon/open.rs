//! The calls that make streams, and their options.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either};
use napi::{Env, Error, Result};
use napi_derive::napi;

use super::environment::Environment;
use super::values::number_of;
use crate::io::{FileOptions, Retry, RotationOptions, Target, open_file, open_socket};

/// Makes a stream that writes to `path`, bytes on unix and UTF-8 on Windows, and returns its number.
/// It is opened, with `open(2)`'s flags and mode, with its first flush.
///
/// `start` is the offset of the first byte, or -1 for the system's own position. With `flush` the end
/// waits for a sync. With `keep_open` only `close` closes the descriptor, not `release`. `log` says how the
/// file is replaced by others.
#[napi(catch_unwind)]
#[allow(
    clippy::too_many_arguments,
    clippy::allow_attributes,
    reason = "plain values cost less than an object; napi hides the function from the lint"
)]
pub(super) fn open_path(
    env: Env,
    hub: u32,
    path: Either<String, Buffer>,
    flags: i32,
    mode: u32,
    start: f64,
    flush: bool,
    keep_open: bool,
    durability: Option<Durability>,
    log: Option<LogOptions>,
) -> Result<f64> {
    let path = path_of(path)?;
    let durability = durability.unwrap_or_default();
    let log = log.unwrap_or_default();
    let options = FileOptions {
        start: position_of(start),
        flush,
        keep_open,
        mkdir: durability.mkdir,
        atomic: durability.atomic,
        rotation: log.rotation(),
        follow: log.follow(),
        ..FileOptions::to(Target::Path { path, flags, mode })
    };
    open(env, hub, options, durability.retry)
}

/// What few streams want.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub(super) struct Durability {
    /// Make folders that are missing above the path.
    pub mkdir: bool,
    /// Give the path what was written with the end, whole.
    pub atomic: bool,
    /// Try refused writes again.
    pub retry: Option<RetryOptions>,
}

/// What is done about writes that the system refuses.
#[napi(object, object_to_js = false)]
pub(crate) struct RetryOptions {
    /// Node's positive numbers of the errors.
    pub on: Vec<i32>,
    /// The pause before each try, in milliseconds.
    pub delay: f64,
    /// How long in a row the system may refuse, in milliseconds; `Infinity` is for ever.
    pub limit: f64,
}

impl From<RetryOptions> for Retry {
    fn from(options: RetryOptions) -> Self {
        let duration = |millis: f64| Duration::try_from_secs_f64(millis / 1000.0).ok();
        let delay = duration(options.delay).unwrap_or(Duration::MAX);
        Self::new(options.on, delay, duration(options.limit))
    }
}

/// How the file of a log is replaced by others.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub(super) struct LogOptions {
    /// The file is put aside: when it would get larger than `rotateSize`, if there is one, and with each
    /// `MARK_ROTATE`.
    pub rotates: bool,
    /// In bytes.
    pub rotate_size: Option<f64>,
    /// One that was begun before this time, in milliseconds since 1970, is put aside when it is opened.
    pub due_before_ms: Option<f64>,
    /// How often at most, in milliseconds, to look before a write whether the path still names the file.
    pub follow_ms: Option<f64>,
}

impl LogOptions {
    fn rotation(&self) -> Option<RotationOptions> {
        self.rotates.then(|| RotationOptions {
            size: self.rotate_size.and_then(position_of),
            due_before_ms: self.due_before_ms.and_then(position_of),
        })
    }

    fn follow(&self) -> Option<Duration> {
        self.follow_ms
            .and_then(position_of)
            .map(Duration::from_millis)
    }
}

/// The same for a descriptor that is open already, and that the caller closes after the stream.
#[napi(catch_unwind)]
pub(super) fn open_descriptor(
    env: Env,
    hub: u32,
    fd: i32,
    start: f64,
    flush: bool,
    retry: Option<RetryOptions>,
) -> Result<f64> {
    if fd < 0 {
        return Err(Error::from_reason("a descriptor is no negative number"));
    }
    let options = FileOptions {
        start: position_of(start),
        flush,
        keep_open: true,
        ..FileOptions::to(Target::Descriptor(fd))
    };
    open(env, hub, options, retry)
}

fn open(env: Env, hub: u32, options: FileOptions, retry: Option<RetryOptions>) -> Result<f64> {
    Environment::with(env.raw(), |environment| {
        let listener = Arc::clone(environment.events(hub)?);
        environment
            .streams
            .insert(|id| open_file(id, options, retry.map(Retry::from), listener))
            .map(number_of)
            .ok_or_else(|| Error::from_reason("too many streams"))
    })
}

/// Makes a stream that writes to the connected socket `fd`, which stays the caller's, and returns its
/// number; or nothing if there are too many streams. The caller says with `disown` that it will close
/// the descriptor.
#[napi(catch_unwind)]
pub(super) fn open_socket_stream(env: Env, hub: u32, fd: i32) -> Result<Option<f64>> {
    if cfg!(windows) || fd < 0 {
        return Ok(None);
    }
    Environment::with(env.raw(), |environment| {
        let listener = Arc::clone(environment.events(hub)?);
        let id = environment
            .streams
            .insert(|id| open_socket(id, fd, listener));
        Ok(id.map(number_of))
    })
}

/// A path as the system wants it.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path can be refused")]
pub(super) fn path_of(path: Either<String, Buffer>) -> Result<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    Ok(match path {
        Either::A(path) => path.into(),
        Either::B(path) => OsStr::from_bytes(&path).into(),
    })
}

/// A path as the system wants it.
#[cfg(not(unix))]
pub(super) fn path_of(path: Either<String, Buffer>) -> Result<PathBuf> {
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
