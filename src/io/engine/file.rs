//! Files, and whatever else has a path or comes as a descriptor: FIFOs, pipes, terminals. They are driven
//! on pools of threads that may block.

mod given;

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use given::Given;

use super::Engine;
use crate::io::driver::{Left, drive, drive_without_waiting, wind_up};
use crate::io::retry::Retry;
use crate::io::sink::{Descriptor, FileOptions, FileSink, Target};
use crate::io::stream::Stream;
use crate::io::sync::{AtomicBool, Mutex};
use crate::io::threads::{Outlook, POOLS, Pool, Pools, runtime};
use crate::writer::{Listener, Origin, Rotation, Writer};

/// After a write of this size more is likely to follow soon: it is a chunk of a file that
/// is copied.
const STREAMING_BYTES: u64 = 64 * 1024;

/// Makes a stream that writes to a file. Nothing is opened before its first flush.
pub(crate) fn open_file(
    id: u64,
    options: FileOptions,
    retry: Option<Retry>,
    listener: Arc<dyn Listener>,
) -> Arc<Stream> {
    open_file_on(&POOLS, id, options, retry, listener)
}

fn open_file_on(
    pools: &'static Pools,
    id: u64,
    options: FileOptions,
    retry: Option<Retry>,
    listener: Arc<dyn Listener>,
) -> Arc<Stream> {
    let origin = match options.target {
        Target::Path { .. } => Origin::Path,
        Target::Descriptor(_) => Origin::Descriptor,
    };
    let mut writer = Writer::new(origin, options.flush);
    if options.atomic {
        writer = writer.committing();
    }
    if let Some(rotation) = &options.rotation {
        writer = writer.rotating(Rotation::new(rotation.size));
    }
    let engine = FileEngine::new(pools, options);
    Stream::with_retry(id, writer, listener, engine, retry)
}

/// Runs drivers of one file on threads that may block.
struct FileEngine {
    /// Whose threads drive.
    pools: &'static Pools,
    /// The user's descriptor.
    given: Option<Given>,
    /// The driver waits until the process has a descriptor left for a duplicate of it.
    is_parked: AtomicBool,
    /// Locked for as long as a driver runs: the one that is about to leave may still hold it when
    /// the next one starts. Threads of pools lock it, [`Engine::wind_up`], and the owner's where there is no
    /// duplicate.
    sink: Mutex<FileSink>,
    /// Known once the first driver has looked at what it is to write to.
    kind: OnceLock<Kind>,
    /// It is synced in the middle or with a commit, so that more of that is to come.
    syncs: AtomicBool,
}

/// What a sink's calls may do to a thread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// They answer in bounded time.
    Disk,
    /// They may wait for ever.
    Blocking,
}

impl FileEngine {
    fn new(pools: &'static Pools, options: FileOptions) -> Self {
        Self {
            pools,
            given: match options.target {
                Target::Path { .. } => None,
                Target::Descriptor(fd) => Some(Given::new(fd)),
            },
            is_parked: AtomicBool::new(false),
            syncs: AtomicBool::new(options.atomic),
            sink: Mutex::new(FileSink::new(options)),
            kind: OnceLock::new(),
        }
    }

    /// Has `stream` driven by a thread that fits. A new stream begins on one for disks.
    fn submit(&self, stream: &Arc<Stream>) -> io::Result<()> {
        let pools = self.pools;
        let submit_to = |pool: &'static Pool| pool.submit(Arc::<Stream>::clone(stream));
        match self.kind.get() {
            Some(Kind::Blocking) => submit_to(&pools.blocking),
            Some(Kind::Disk) | None if self.syncs.load(Ordering::Relaxed) => {
                submit_to(&pools.syncing).or_else(|_| submit_to(&pools.disk))
            }
            Some(Kind::Disk) | None => submit_to(&pools.disk),
        }
    }
}

impl Engine for FileEngine {
    fn start(&self, stream: Arc<Stream>) -> io::Result<()> {
        // A driver that goes on from another thread has kept what it had.
        if let Some(given) = &self.given
            && !self.keeps_descriptor()
            && given.is_owned_here()
            && !given.lend()?
        {
            self.start_without_duplicate(given, &stream);
            return Ok(());
        }
        let result = self.submit(&stream);
        if result.is_err() {
            drop(self.take_lent());
        }
        result
    }

    fn disown(&self) -> bool {
        if let Some(given) = &self.given {
            given.disown();
        }
        false
    }

    fn drive(&self, stream: &Arc<Stream>) -> Outlook {
        let _fuse = stream.fuse();
        let mut sink = self.sink.lock();
        if let Some(descriptor) = self.take_lent() {
            sink.use_descriptor(descriptor);
        }
        let is_new = self.kind.get().is_none();
        let kind = *self.kind.get_or_init(|| kind_of(&mut sink));
        // A new stream begins on a thread for disks.
        let is_misplaced = is_new && kind == Kind::Blocking;
        let before = stream.completed();
        let left = if is_misplaced {
            Left::Again
        } else {
            runtime::block_on(drive(stream, &mut *sink))
        };
        if sink.was_synced() {
            self.syncs.store(true, Ordering::Relaxed);
        }
        if left == Left::Idle {
            sink.go_idle(kind == Kind::Disk && !stream.is_over());
            // Short files come one after the other.
            return if stream.is_over() {
                Outlook::Soon
            } else {
                outlook(stream.completed() - before)
            };
        }
        drop(sink);
        let result = match left {
            Left::Stalled(pause) => run_after(pause, stream),
            Left::Again | Left::Waiting | Left::Idle => self.submit(stream),
        };
        if let Err(error) = result {
            stream.stranded(&error);
        }
        Outlook::Unknown
    }

    fn drive_for_owner(&self, stream: &Arc<Stream>, deadline: Instant) -> Left {
        // The last driver may still hold it on its way out.
        let Some(mut sink) = self.sink.try_lock() else {
            return Left::Waiting;
        };
        if let Some(given) = &self.given
            && !sink.has_descriptor()
        {
            let Some(descriptor) = given.for_owner() else {
                return Left::Waiting;
            };
            sink.use_descriptor(descriptor);
        }
        let left = self.drive_here(stream, &mut sink, deadline);
        sink.go_idle(self.keeps_descriptor());
        left
    }

    fn start_after(&self, pause: Duration, stream: &Arc<Stream>) -> io::Result<()> {
        run_after(pause, stream)
    }

    fn unpark(&self, stream: &Arc<Stream>) -> io::Result<()> {
        if self.is_parked.swap(false, Ordering::Relaxed) {
            return self.start(Arc::clone(stream));
        }
        Ok(())
    }

    fn is_parked(&self) -> bool {
        self.is_parked.load(Ordering::Relaxed)
    }

    fn wind_up(&self, stream: &Stream) {
        wind_up(stream, &mut *self.sink.lock());
    }
}

/// Drives `stream` on after `pause`, or as soon as it is closing or its owner waits for it. Meanwhile it takes no thread from
/// others.
fn run_after(pause: Duration, stream: &Arc<Stream>) -> io::Result<()> {
    let stream = Arc::clone(stream);
    let resume = async move {
        tokio::select! {
            biased;
            () = stream.until_closing() => {}
            () = stream.until_awaited() => {}
            () = tokio::time::sleep(pause) => {}
        }
        stream.resume();
    };
    drop(runtime::handle()?.spawn(resume));
    Ok(())
}

impl FileEngine {
    /// A duplicate of a disk file is kept: the process's record locks on the file would fall with it.
    fn keeps_descriptor(&self) -> bool {
        let lacks_duplicate = self.given.as_ref().is_some_and(Given::lacks_duplicate);
        self.kind.get() == Some(&Kind::Disk) && !lacks_duplicate
    }

    fn take_lent(&self) -> Option<Descriptor> {
        self.given.as_ref()?.take_lent()
    }

    /// Drives on the owner's thread, which may use the number, if that takes a bounded time. What may block
    /// for ever waits until there is a descriptor for a duplicate; the owner tries again after a while.
    fn start_without_duplicate(&self, given: &Given, stream: &Arc<Stream>) {
        let _fuse = stream.fuse();
        let mut sink = self.sink.lock();
        sink.use_descriptor(given.itself());
        let mut left = Left::Waiting;
        if *self.kind.get_or_init(|| kind_of(&mut sink)) == Kind::Disk {
            left = drive_without_waiting(stream, &mut *sink);
            while left == Left::Again {
                left = drive_without_waiting(stream, &mut *sink);
            }
        }
        sink.go_idle(false);
        drop(sink);
        if left != Left::Idle {
            self.is_parked.store(true, Ordering::Relaxed);
            stream.tell_parked();
        }
    }

    fn drive_here(&self, stream: &Arc<Stream>, sink: &mut FileSink, deadline: Instant) -> Left {
        if *self.kind.get_or_init(|| kind_of(sink)) == Kind::Blocking {
            return Left::Waiting;
        }
        loop {
            let left = drive_without_waiting(stream, sink);
            if left != Left::Again || Instant::now() >= deadline {
                return left;
            }
        }
    }
}

fn kind_of(sink: &mut FileSink) -> Kind {
    if sink.is_bounded() {
        Kind::Disk
    } else {
        Kind::Blocking
    }
}

fn outlook(written: u64) -> Outlook {
    if written >= STREAMING_BYTES {
        Outlook::Soon
    } else {
        Outlook::Unknown
    }
}

#[cfg(all(test, unix, rushwrite_loom))]
mod loom;
#[cfg(all(test, unix, not(rushwrite_loom)))]
mod tests;
