//! The calls that a stream makes a few times in its life. Those it makes all the time are in
//! [`super::raw`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either, Function};
use napi::{Env, Error, Result};
use napi_derive::napi;

use super::environment::{Environment, EnvironmentSettings};
use super::registry::Registry;
use crate::io::{
    self, AtEnd, FileOptions, Question, Retry, RotationOptions, Stream, Target, open_file,
    open_socket,
};
use crate::writer::{Mark, Standing};

/// Makes an event queue and returns its number. `deliver` is called whenever it has events.
#[napi(catch_unwind)]
pub fn attach(env: Env, deliver: Function<(), ()>, settings: EnvironmentSettings) -> Result<u32> {
    Environment::attach(env, &deliver, settings)
}

/// Lets go of an event queue, which has no streams and no lookups any more.
#[napi(catch_unwind)]
pub fn detach(env: Env, hub: u32) -> Result<()> {
    Environment::with(env.raw(), |environment| {
        environment.detach(hub);
        Ok(())
    })
}

/// Has `deliver` called once more, in this phase of the event loop if it is under way.
#[napi(catch_unwind)]
pub fn wake(env: Env, hub: u32) -> Result<()> {
    Environment::with(env.raw(), |environment| environment.wake(hub))
}

/// The next time that the process comes to `place`, a number of [`crate::faults::Place`], it panics.
#[cfg(feature = "faults")]
#[napi(catch_unwind)]
pub fn panic_at(place: u8) {
    crate::faults::arm(place);
}

/// Keeps the process alive for streams with work to do, or lets it end.
#[napi(catch_unwind)]
pub fn keep_alive(env: Env, hub: u32, alive: bool) -> Result<()> {
    Environment::with(env.raw(), |environment| {
        environment.keep_alive(env, hub, alive)
    })
}

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
pub fn open_path(
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
pub struct Durability {
    /// Make folders that are missing above the path.
    pub mkdir: bool,
    /// Give the path what was written with the end, whole.
    pub atomic: bool,
    /// Try refused writes again.
    pub retry: Option<RetryOptions>,
}

/// What is done about writes that the system refuses.
#[napi(object, object_to_js = false)]
pub struct RetryOptions {
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
pub struct LogOptions {
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
pub fn open_descriptor(
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
pub fn open_socket_stream(env: Env, hub: u32, fd: i32) -> Result<Option<f64>> {
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

/// The descriptor that was lent is about to be closed, or given to somebody else.
#[napi(catch_unwind)]
pub fn disown(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, Stream::disown)
}

/// Drives on after `EVENT_PARKED`.
#[napi(catch_unwind)]
pub fn unpark(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, Stream::unpark)
}

/// What the end of what the peer sends means: 0 if it is just an end, the error's number if a write has
/// failed, -1 if a write is about to tell.
#[napi(catch_unwind)]
pub fn at_end(env: Env, id: f64) -> Result<i32> {
    Environment::with_stream(env.raw(), id, |stream| match stream.standing_at_end() {
        AtEnd::Clean => 0,
        AtEnd::Failed(error) => error.errno,
        AtEnd::Unknown => -1,
    })
}

/// Whether a write failed in a call of this thread, not behind its back.
#[napi(catch_unwind)]
pub fn has_failed_in_call(env: Env, id: f64) -> Result<bool> {
    Environment::with_stream(env.raw(), id, |stream| stream.has_failed_in_call())
}

/// Asks for the addresses of a name in ASCII, of `family` 4, 6 or any, with `getaddrinfo(3)`'s flags.
/// The answer comes under the number `lookup`. False if the system has no thread for the question.
#[napi(catch_unwind)]
pub fn lookup(
    env: Env,
    hub: u32,
    lookup: f64,
    name: String,
    family: u8,
    hints: i32,
) -> Result<bool> {
    let events = Environment::with(env.raw(), |environment| environment.events(hub).cloned())?;
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

/// Takes all answers.
#[napi(catch_unwind)]
pub fn take_answers(env: Env, hub: u32) -> Result<Vec<LookupAnswer>> {
    let answers = Environment::with(env.raw(), |environment| {
        Ok(environment.events(hub)?.take_answers())
    })?;
    let answers = answers.into_iter().map(|(lookup, answer)| LookupAnswer {
        lookup,
        errno: *answer.as_ref().err().unwrap_or(&0),
        addresses: answer.iter().flatten().map(ToString::to_string).collect(),
    });
    Ok(answers.collect())
}

/// Drops what no driver has taken yet.
#[napi(catch_unwind)]
pub fn discard(env: Env, id: f64) -> Result<()> {
    Environment::with_stream(env.raw(), id, |stream| stream.discard())
}

/// The kinds of marks by the names that JavaScript has for them.
pub const MARKS: [(&str, u8); 7] = [
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
pub fn mark(env: Env, id: f64, kind: u8, path: Option<Either<String, Buffer>>) -> Result<()> {
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

/// What came of a wait.
#[napi(object, object_from_js = false)]
pub struct Waited {
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
pub fn wait_settled(env: Env, id: f64, timeout_ms: u32) -> Result<Waited> {
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

/// Forgets a stream; its number names nothing from now on. A descriptor that it opened and did not
/// close is closed.
#[napi(catch_unwind)]
pub fn release(env: Env, id: f64) -> Result<()> {
    Environment::with(env.raw(), |environment| {
        drop(Registry::id_of(id).and_then(|id| environment.streams.remove(id)));
        Ok(())
    })
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
