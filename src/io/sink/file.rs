//! The sink of a path or a descriptor: files, FIFOs, pipes, terminals and sockets.

mod follow;
mod log;
mod names;
mod options;

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

use follow::Follow;
use names::NewNames;
pub(crate) use options::{FileOptions, Target};

use super::atomic::Replacement;
use super::descriptor::Descriptor;
use super::predecessors::Predecessors;
use super::readiness::Wakeup;
use super::rotation::{Cut, Rotation, RotationOptions};
use super::{Failure, Sink};
use crate::writer::{Fill, SystemCall, SystemError};

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
    /// A sync was asked for in the middle.
    was_synced: bool,
    /// What [`Self::is_bounded`] has said last.
    is_bounded: bool,
    names: NewNames,
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

impl FileSink {
    /// A sink that has opened nothing yet.
    pub(crate) fn new(options: FileOptions) -> Self {
        Self {
            target: options.target,
            keep_open: options.keep_open,
            mkdir: options.mkdir,
            atomic: options.atomic,
            replacement: None,
            was_synced: false,
            is_bounded: false,
            names: NewNames::default(),
            descriptor: None,
            offset: options.start,
            wakeup: None,
            rotation_options: options.rotation,
            rotation: None,
            follow: options.follow.map(Follow::new),
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
        self.is_bounded = self.look_whether_bounded();
        self.is_bounded
    }

    fn look_whether_bounded(&mut self) -> bool {
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
        let Self {
            names, replacement, ..
        } = self;
        let is_atomic = self.atomic;
        let mut try_open = || {
            if is_atomic {
                let (temporary, descriptor) = Replacement::create(path, flags, mode)?;
                *replacement = Some(temporary);
                return Ok(descriptor);
            }
            Descriptor::open(path, flags, mode)
        };
        let mut open = || try_open().map_err(Failure::of(SystemCall::Open));
        if self.mkdir {
            names.with_parents(path, open)
        } else {
            open()
        }
    }

    /// Makes `descriptor` the one that is written to.
    fn install(&mut self, mut descriptor: Descriptor, flags: i32) -> Option<Descriptor> {
        if self.keep_open {
            descriptor = descriptor.into_borrowed();
        }
        self.names.has_file = !self.atomic && Descriptor::may_create(flags);
        self.descriptor.replace(descriptor)
    }

    /// Returns when the names that are new are on the device.
    fn sync_names(&mut self) -> Result<(), Failure> {
        match (&self.descriptor, &self.target) {
            (Some(descriptor), Target::Path { path, .. }) => self.names.sync(descriptor, path),
            _ => Ok(()),
        }
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
        let fd = self.go_on_in(descriptor, flags, None);
        if let Some(follow) = &mut self.follow {
            follow.found();
        }
        Ok(fd)
    }

    fn rotate(&mut self) -> Result<Cut, SystemError> {
        self.cut()
    }

    fn answers_soon(&self) -> bool {
        self.is_bounded
    }

    fn fill(&self) -> Option<Fill> {
        match (&self.target, &self.rotation) {
            (Target::Path { path, .. }, Some(rotation)) => Some(rotation.fill(path)),
            _ => None,
        }
    }

    fn follow(&mut self) -> Option<io::Result<i32>> {
        let Target::Path { path, .. } = &self.target else {
            return None;
        };
        let descriptor = self.descriptor.as_ref()?;
        if !self.follow.as_mut()?.is_due(path, descriptor) {
            return None;
        }
        let result = self.reopen(None);
        self.follow.as_mut()?.news(result)
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
