//! Files, and whatever else has a path or comes as a descriptor: FIFOs, pipes, terminals. Sockets
//! share the sink and have their own engine, in [`super::socket`].

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::counters::count_write;
use super::descriptor::{Descriptor, Wakeup};
use super::driver::{Left, drive, wind_up};
use super::runtime;
use super::sink::Sink;
use super::stream::{Engine, Stream};
use crate::stream::{Listener, Origin, Writer};

/// Who was given so many bytes at a time is likely to be given more soon: this is a chunk of a file that
/// is copied.
const STREAMING_BYTES: u64 = 64 * 1024;

/// What to write to, and how.
#[derive(Debug)]
pub enum Target {
    /// A path to open with `open(2)`'s flags and mode.
    Path {
        path: PathBuf,
        flags: i32,
        mode: u32,
    },
    /// A descriptor that is open already.
    Descriptor(i32),
}

/// What a file stream is made from. Validated by its maker.
#[derive(Debug)]
pub struct FileOptions {
    /// What to write to.
    pub target: Target,
    /// The offset of the first byte; without one the system's own position is used.
    pub start: Option<u64>,
    /// `fsync` before the end is told.
    pub flush: bool,
    /// Only an explicit close closes the descriptor; a stream that is dropped leaves it open.
    pub keep_open: bool,
    /// Not even a close closes a descriptor that was given: somebody else does, after it.
    pub borrowed: bool,
}

/// Makes a stream that writes to a file. Nothing is opened before its first flush.
pub fn open_file(id: u32, options: FileOptions, listener: Arc<dyn Listener>) -> Arc<Stream> {
    let origin = match options.target {
        Target::Path { .. } => Origin::Path,
        Target::Descriptor(_) => Origin::Descriptor,
    };
    let writer = Writer::new(origin, options.flush);
    let sink = FileSink::new(options);
    Stream::new(id, writer, listener, FileEngine(Arc::new(Seat::new(sink))))
}

/// Runs drivers of files on threads that may block.
struct FileEngine(Arc<Seat>);

/// What a driver needs.
struct Seat {
    /// Locked for as long as a driver runs: the one that is about to leave may still hold it when
    /// the next one starts. Only pool threads lock it, and [`Engine::wind_up`].
    sink: Mutex<FileSink>,
    /// Known once the first driver has looked at what it is to write to.
    home: OnceLock<Home>,
}

impl Seat {
    fn new(sink: FileSink) -> Self {
        Self {
            sink: Mutex::new(sink),
            home: OnceLock::new(),
        }
    }
}

/// Which threads serve a descriptor.
#[derive(Clone, Copy)]
enum Home {
    Disk,
    Waiting,
}

impl Engine for FileEngine {
    fn start(&self, stream: Arc<Stream>) -> io::Result<()> {
        let home = self.0.home.get().copied().unwrap_or(Home::Disk);
        spawn(home, Arc::clone(&self.0), stream)
    }

    fn wind_up(&self, stream: &Stream) {
        wind_up(stream, &mut *self.0.sink.lock());
    }
}

fn spawn(home: Home, seat: Arc<Seat>, stream: Arc<Stream>) -> io::Result<()> {
    let job = move || {
        let written = stream.completed();
        let Some(home) = serve(home, &seat, &stream) else {
            return stream.completed() - written >= STREAMING_BYTES;
        };
        let stranded = Arc::clone(&stream);
        if let Err(error) = spawn(home, seat, stream) {
            stranded.stranded(&error);
        }
        false
    };
    match home {
        Home::Disk => runtime::on_disk_pool(job),
        Home::Waiting => runtime::on_waiting_pool(job),
    }
}

/// Drives `stream` on this thread of the pool `here`. Returns the pool in which to go on.
fn serve(here: Home, seat: &Seat, stream: &Arc<Stream>) -> Option<Home> {
    let mut sink = seat.sink.lock();
    let home = *seat.home.get_or_init(|| sink.home());
    if let (Home::Disk, Home::Waiting) = (here, home) {
        return Some(home);
    }
    match runtime::block_on(drive(stream, &mut *sink)) {
        Left::Again => Some(home),
        Left::Idle => {
            sink.rest();
            None
        }
    }
}

/// The owner of a descriptor and its offset.
pub struct FileSink {
    target: Target,
    /// See [`FileOptions::keep_open`].
    keep_open: bool,
    /// See [`FileOptions::borrowed`].
    borrowed: bool,
    /// None before it is created or opened, and after it is closed.
    descriptor: Option<Descriptor>,
    /// Where the next byte goes; `None` leaves that to the system.
    offset: Option<u64>,
    /// Made when a write first would have blocked.
    wakeup: Option<Wakeup>,
}

impl FileSink {
    /// A sink that owns `descriptor`, which has no offset.
    pub fn over(descriptor: Descriptor) -> Self {
        Self {
            target: Target::Descriptor(descriptor.number()),
            keep_open: false,
            borrowed: false,
            descriptor: Some(descriptor),
            offset: None,
            wakeup: None,
        }
    }

    fn new(options: FileOptions) -> Self {
        let descriptor = match options.target {
            Target::Descriptor(fd) => Some(Descriptor::given(fd)),
            Target::Path { .. } => None,
        };
        Self {
            target: options.target,
            keep_open: options.keep_open,
            borrowed: options.borrowed,
            descriptor,
            offset: options.start,
            wakeup: None,
        }
    }

    /// Disk files answer in bounded time; everything else may block for as long as its peer likes.
    ///
    /// A file that is not there yet is opened on the way: it is created without a look at its path, for which
    /// the system locks the folder so that others who create there sleep instead of spinning. Short files are
    /// written a fifth faster, 32 at a time.
    fn home(&mut self) -> Home {
        let on_disk = match (&self.target, &self.descriptor) {
            (_, Some(descriptor)) => descriptor.is_on_disk(),
            (Target::Path { path, flags, mode }, None) => {
                self.descriptor = Descriptor::create(path, *flags, *mode);
                // Where a path can't be looked at its open fails, which does not block.
                self.descriptor.is_some() || path.metadata().map_or(true, |it| it.is_file())
            }
            (Target::Descriptor(_), None) => true,
        };
        if on_disk { Home::Disk } else { Home::Waiting }
    }

    /// There is nothing to do for now. The duplicate that is watched would keep a pipe open after
    /// its owner closed it.
    fn rest(&mut self) {
        self.wakeup = None;
    }

    fn descriptor(&self) -> &Descriptor {
        self.descriptor
            .as_ref()
            .expect("the writer asks for I/O only while the descriptor is open")
    }
}

impl Sink for FileSink {
    fn open(&mut self) -> io::Result<i32> {
        let Target::Path { path, flags, mode } = &self.target else {
            unreachable!("a stream with a descriptor begins open");
        };
        let mut descriptor = match self.descriptor.take() {
            Some(created) => created,
            None => Descriptor::open(path, *flags, *mode)?,
        };
        if self.keep_open {
            descriptor = descriptor.lend();
        }
        Ok(self.descriptor.insert(descriptor).number())
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        count_write();
        let bytes = self.descriptor().write(slices, self.offset)?;
        if let Some(offset) = &mut self.offset {
            *offset += bytes as u64;
        }
        Ok(bytes)
    }

    async fn writable(&mut self) -> io::Result<()> {
        let wakeup = match self.wakeup.take() {
            Some(wakeup) => wakeup,
            None => Wakeup::new(self.descriptor()),
        };
        self.wakeup.insert(wakeup).writable().await
    }

    fn sync(&mut self) -> io::Result<()> {
        self.descriptor().sync()
    }

    fn close(&mut self) -> io::Result<()> {
        self.wakeup = None;
        match self.descriptor.take() {
            Some(descriptor) if !self.borrowed => descriptor.close(),
            _ => Ok(()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
