//! The sink of a path or a descriptor: files, FIFOs, pipes, terminals and sockets.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::atomic::Replacement;
use super::descriptor::{Descriptor, Wakeup};
use super::predecessors::Predecessors;
use super::rotation::{Cut, Rotation, RotationOptions};
use super::{Failure, Sink, folder};
use crate::writer::{Fill, SystemCall, SystemError};

/// What to write to, and how.
#[derive(Debug)]
pub(crate) enum Target {
    /// A path to open with `open(2)`'s flags and mode.
    Path {
        path: PathBuf,
        flags: i32,
        mode: u32,
    },
    /// A descriptor that is open already, and that its user closes.
    Descriptor(i32),
}

/// What a file stream is made from. Validated by its maker.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct FileOptions {
    /// What to write to.
    pub target: Target,
    /// The offset of the first byte; without one the system's own position is used.
    pub start: Option<u64>,
    /// `fsync` before the end is reported.
    pub flush: bool,
    /// Only an explicit close closes the descriptor of a path; a stream that is dropped leaves it open.
    pub keep_open: bool,
    /// Folders that are missing above the path are made.
    pub mkdir: bool,
    /// The path gets what was written with the end, whole, or stays as it was.
    pub atomic: bool,
    /// How the file is put aside for a new one, if it ever is.
    pub rotation: Option<RotationOptions>,
    /// How often at most to look, before a write, whether the path still names the file.
    pub follow: Option<Duration>,
}

impl FileOptions {
    /// What is usual for `target`.
    pub(crate) fn to(target: Target) -> Self {
        Self {
            target,
            start: None,
            flush: false,
            keep_open: false,
            mkdir: false,
            atomic: false,
            rotation: None,
            follow: None,
        }
    }
}

/// The owner of a descriptor and its offset.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they mean what their options do"
)]
pub(crate) struct FileSink {
    target: Target,
    /// See [`FileOptions::keep_open`].
    keep_open: bool,
    /// See [`FileOptions::mkdir`].
    mkdir: bool,
    /// See [`FileOptions::atomic`].
    atomic: bool,
    /// The temporary file of an atomic sink. Dropped before the commit, it is removed.
    replacement: Option<Replacement>,
    /// The name of the open file may be new, and not on the device.
    has_new_name: bool,
    /// A sync was asked for in the middle.
    was_synced: bool,
    /// Folders in which names are new and not on the device, absolute.
    changed_folders: Vec<PathBuf>,
    /// None before it is created or opened, after it is closed, and while a stream over a descriptor of the
    /// user's rests.
    descriptor: Option<Descriptor>,
    /// Where the next byte goes; `None` leaves that to the system.
    offset: Option<u64>,
    /// Made when a write first would have blocked.
    wakeup: Option<Wakeup>,
    /// See [`FileOptions::rotation`].
    rotation_options: Option<RotationOptions>,
    /// Its lock and its names, from the open to the close.
    rotation: Option<Rotation>,
    follow: Option<Follow>,
    /// The files before this one, which a sync is about, too.
    predecessors: Predecessors,
}

/// When to look whether the path still names the file.
struct Follow {
    /// How often at most.
    every: Duration,
    /// When that was last done.
    looked: Instant,
    /// The path could not be opened. That is reported once.
    is_lost: bool,
    /// Since when nothing has the path, although the file is still somewhere.
    moved_away: Option<Instant>,
}

/// After a file was moved away: how long the program that moved it has to put another in its place. logrotate does
/// so; a file that it finds there already it takes for another program's, and moves it away, too.
const SUCCESSION: Duration = Duration::from_millis(100);

impl FileSink {
    /// A sink that has opened nothing yet.
    pub(crate) fn new(options: FileOptions) -> Self {
        Self {
            target: options.target,
            keep_open: options.keep_open,
            mkdir: options.mkdir,
            atomic: options.atomic,
            replacement: None,
            has_new_name: false,
            was_synced: false,
            changed_folders: Vec::new(),
            descriptor: None,
            offset: options.start,
            wakeup: None,
            rotation_options: options.rotation,
            rotation: None,
            follow: options.follow.map(|every| Follow {
                every,
                looked: Instant::now(),
                is_lost: false,
                moved_away: None,
            }),
            predecessors: Predecessors::new(options.flush),
        }
    }

    /// Whether it answers in bounded time, as disk files do. Everything else may block for as long as
    /// its peer likes.
    ///
    /// A file that is not there yet is opened on the way: it is created without a look at its path, for
    /// which the system locks the folder so that others who create there sleep instead of spinning.
    /// Short files are written a fifth faster, 32 at a time.
    pub(crate) fn is_bounded(&mut self) -> bool {
        match (&self.target, &self.descriptor) {
            (_, Some(descriptor)) => descriptor.is_on_disk(),
            // It writes to a file of its own.
            (_, None) if self.atomic => true,
            // Who rotates a log takes its lock first.
            (Target::Path { path, .. }, None) if self.rotation_options.is_some() => {
                path.metadata().map_or(true, |it| it.is_file())
            }
            (Target::Path { path, flags, mode }, None) => {
                self.descriptor = Descriptor::create(path, *flags, *mode);
                // Where a path can't be looked at its open fails, which does not block.
                self.descriptor.is_some() || path.metadata().map_or(true, |it| it.is_file())
            }
            (Target::Descriptor(_), None) => true,
        }
    }

    /// The user's descriptor, for as long as there is something to do.
    pub(crate) fn use_descriptor(&mut self, descriptor: Descriptor) {
        self.descriptor = Some(descriptor);
    }

    /// It has the descriptor, or a duplicate of the user's.
    pub(crate) fn has_descriptor(&self) -> bool {
        self.descriptor.is_some()
    }

    /// A sync was asked for in the middle, so that others will be.
    pub(crate) fn was_synced(&self) -> bool {
        self.was_synced
    }

    /// There is nothing to do for now. A duplicate that is not kept would hold a pipe open after its owner
    /// closed it.
    pub(crate) fn go_idle(&mut self, keeps_duplicate: bool) {
        self.wakeup = None;
        if matches!(self.target, Target::Descriptor(_)) && !keeps_duplicate {
            self.descriptor = None;
        }
    }

    /// Opens `path`, and makes the folders above it if they are missing and that is wanted.
    fn open_path(&mut self, path: &Path, flags: i32, mode: u32) -> Result<Descriptor, Failure> {
        let mut attempts = 0;
        loop {
            match self.try_open_path(path, flags, mode) {
                Err(failure)
                    if self.mkdir
                        && failure.error.kind() == io::ErrorKind::NotFound
                        && attempts < folder::ATTEMPTS =>
                {
                    attempts += 1;
                    let absolute =
                        std::path::absolute(path).map_err(Failure::of(SystemCall::Open))?;
                    folder::make_parents(&absolute, &mut self.changed_folders)?;
                }
                result => return result,
            }
        }
    }

    fn try_open_path(&mut self, path: &Path, flags: i32, mode: u32) -> Result<Descriptor, Failure> {
        if self.atomic {
            let (replacement, descriptor) = Replacement::create(path, flags, mode)?;
            self.replacement = Some(replacement);
            return Ok(descriptor);
        }
        let descriptor = Descriptor::open(path, flags, mode);
        descriptor.map_err(Failure::of(SystemCall::Open))
    }

    /// Makes `descriptor` the one that is written to.
    fn install(&mut self, mut descriptor: Descriptor, flags: i32) -> Option<Descriptor> {
        if self.keep_open {
            descriptor = descriptor.into_borrowed();
        }
        self.has_new_name = !self.atomic && Descriptor::may_create(flags);
        self.descriptor.replace(descriptor)
    }

    /// Returns when the names that are new are on the device.
    fn sync_names(&mut self) -> Result<(), Failure> {
        let (Some(descriptor), Target::Path { path, .. }) = (&self.descriptor, &self.target) else {
            return Ok(());
        };
        if self.has_new_name {
            let path = descriptor.path().or_else(|| path.canonicalize().ok());
            if let Some(folder) = path.as_deref().and_then(folder::parent_of) {
                folder::sync(folder, descriptor)?;
            }
            self.has_new_name = false;
        }
        while let Some(folder) = self.changed_folders.last() {
            folder::sync(folder, descriptor)?;
            self.changed_folders.pop();
        }
        Ok(())
    }

    /// Takes the log at `path`, and makes the folders above it if that is wanted.
    fn begin_rotation(&mut self, path: &Path, options: RotationOptions) -> Result<(), Failure> {
        let mut result = Rotation::begin(path, options);
        if self.mkdir
            && let Err(error) = &result
            && error.kind() == io::ErrorKind::NotFound
        {
            let absolute = std::path::absolute(path).map_err(Failure::of(SystemCall::Open))?;
            folder::make_parents(&absolute, &mut self.changed_folders)?;
            result = Rotation::begin(path, options);
        }
        self.rotation = Some(result.map_err(Failure::of(SystemCall::Open))?);
        Ok(())
    }

    /// Takes the log at another path and opens it. After a failure the one before is still taken.
    fn open_log(
        &mut self,
        path: &Path,
        flags: i32,
        mode: u32,
        options: RotationOptions,
    ) -> Result<Descriptor, Failure> {
        let before = self.rotation.take();
        let begun = self.begin_rotation(path, options);
        let opened = begun.and_then(|()| self.open_path(path, flags, mode));
        if opened.is_err() {
            self.rotation = before;
        }
        opened
    }

    /// Goes on in `next`. What was written to the file before is written; `old_path` is where that is
    /// now, if that is known.
    fn go_on_in(&mut self, next: Descriptor, flags: i32, old_path: Option<PathBuf>) -> i32 {
        self.wakeup = None;
        self.offset = None;
        let number = next.number();
        if let Some(old) = self.install(next, flags) {
            self.predecessors.leave(&old, old_path);
            // A failure can't be reported here.
            drop(old.close());
        }
        number
    }

    /// The path names another file than the one that is open, or none.
    fn is_displaced(&self, path: &Path) -> bool {
        let own = self.descriptor().identity();
        own.is_some_and(|own| match Descriptor::identity_at(path) {
            Ok(named) => named != own,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        })
    }

    fn descriptor(&self) -> &Descriptor {
        self.descriptor
            .as_ref()
            .expect("the writer asks for I/O only while the descriptor is open")
    }
}

impl Sink for FileSink {
    fn open(&mut self) -> Result<i32, Failure> {
        let Target::Path { path, flags, mode } = &self.target else {
            unreachable!("a stream with a descriptor begins open");
        };
        let (path, flags, mode) = (path.clone(), *flags, *mode);
        if let Some(options) = self.rotation_options {
            self.begin_rotation(&path, options)?;
        }
        let descriptor = match self.descriptor.take() {
            Some(created) => created,
            None => self.open_path(&path, flags, mode)?,
        };
        let number = descriptor.number();
        self.install(descriptor, flags);
        Ok(number)
    }

    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes = self.descriptor().write(slices, self.offset)?;
        if let Some(offset) = &mut self.offset {
            *offset += bytes as u64;
        }
        Ok(bytes)
    }

    async fn writable(&mut self) -> io::Result<()> {
        let wakeup = match self.wakeup.take() {
            Some(wakeup) => wakeup,
            None => Wakeup::new(self.descriptor())?,
        };
        self.wakeup.insert(wakeup).writable().await
    }

    fn sync(&mut self, metadata: bool, asked: bool) -> Result<(), Failure> {
        let synced = self.predecessors.sync();
        synced.map_err(Failure::of(SystemCall::Fdatasync))?;
        if metadata {
            let result = self.descriptor().sync();
            result.map_err(Failure::of(SystemCall::Fsync))?;
        } else {
            let result = self.descriptor().sync_data();
            result.map_err(Failure::of(SystemCall::Fdatasync))?;
        }
        if !asked {
            return Ok(());
        }
        self.was_synced = true;
        self.sync_names()
    }

    fn reopen(&mut self, new_path: Option<&Path>) -> io::Result<i32> {
        let Target::Path { path, flags, mode } = &self.target else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let (flags, mode) = (Descriptor::flags_to_go_on(*flags), *mode);
        let is_elsewhere = new_path.is_some_and(|new_path| new_path != path);
        let path = new_path.unwrap_or(path).to_owned();
        let descriptor = match self.rotation_options {
            Some(options) if is_elsewhere => self.open_log(&path, flags, mode, options),
            _ => self.open_path(&path, flags, mode),
        };
        let descriptor = descriptor.map_err(|failure| failure.error)?;
        self.target = Target::Path { path, flags, mode };
        if let Some(follow) = &mut self.follow {
            follow.is_lost = false;
        }
        Ok(self.go_on_in(descriptor, flags, None))
    }

    fn rotate(&mut self) -> Result<Cut, SystemError> {
        let Target::Path { path, flags, mode } = &self.target else {
            unreachable!("only a path is rotated");
        };
        let (path, flags, mode) = (path.clone(), Descriptor::flags_to_go_on(*flags), *mode);
        if self.is_displaced(&path) {
            let next = self.open_path(&path, flags, mode)?;
            return Ok(Cut::Moved {
                fd: self.go_on_in(next, flags, None),
            });
        }
        let rotation = self.rotation.as_mut().expect("it began with the open");
        let (next, aside, stamp_ms) =
            rotation.cut(&path, || Descriptor::open(&path, flags, mode))?;
        Ok(Cut::PutAside {
            fd: self.go_on_in(next, flags, Some(aside)),
            stamp_ms,
        })
    }

    fn fill(&self) -> Option<Fill> {
        match (&self.target, &self.rotation) {
            (Target::Path { path, .. }, Some(rotation)) => Some(rotation.fill(path)),
            _ => None,
        }
    }

    fn follow(&mut self) -> Option<io::Result<i32>> {
        let follow = self.follow.as_mut()?;
        if follow.looked.elapsed() < follow.every {
            return None;
        }
        let Target::Path { path, .. } = &self.target else {
            return None;
        };
        let is_named = Descriptor::identity_at(path).is_ok();
        let is_elsewhere = self.descriptor.as_ref().is_some_and(Descriptor::has_name);
        if !is_named && is_elsewhere {
            let moved_away = *follow.moved_away.get_or_insert_with(Instant::now);
            if moved_away.elapsed() < SUCCESSION {
                return None;
            }
        }
        follow.moved_away = None;
        follow.looked = Instant::now();
        if !self.is_displaced(path) {
            return None;
        }
        let result = self.reopen(None);
        let was_lost = match &mut self.follow {
            Some(follow) => std::mem::replace(&mut follow.is_lost, result.is_err()),
            None => false,
        };
        (result.is_ok() || !was_lost).then_some(result)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let (Some(replacement), Some(descriptor)) = (&mut self.replacement, &self.descriptor)
        else {
            unreachable!("only an atomic stream that is open commits");
        };
        replacement.commit(descriptor)?;
        self.sync_names()
    }

    fn close(&mut self) -> io::Result<()> {
        self.wakeup = None;
        self.replacement = None;
        self.rotation = None;
        match (&self.target, self.descriptor.take()) {
            (Target::Path { .. }, Some(descriptor)) => descriptor.close(),
            // A duplicate ends when it is dropped.
            (Target::Descriptor(_), _) | (_, None) => Ok(()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
