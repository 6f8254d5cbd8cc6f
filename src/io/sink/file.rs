//! The sink of a path or a descriptor: files, FIFOs, pipes, terminals and sockets.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

use super::Sink;
use super::descriptor::{Descriptor, Wakeup};

/// What to write to, and how.
#[derive(Debug)]
pub enum Target {
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
pub struct FileOptions {
    /// What to write to.
    pub target: Target,
    /// The offset of the first byte; without one the system's own position is used.
    pub start: Option<u64>,
    /// `fsync` before the end is told.
    pub flush: bool,
    /// Only an explicit close closes the descriptor of a path; a stream that is dropped leaves it open.
    pub keep_open: bool,
}

/// The owner of a descriptor and its offset.
pub struct FileSink {
    target: Target,
    /// See [`FileOptions::keep_open`].
    keep_open: bool,
    /// None before it is created or opened, after it is closed, and while a stream over a descriptor of the
    /// user's rests.
    descriptor: Option<Descriptor>,
    /// Where the next byte goes; `None` leaves that to the system.
    offset: Option<u64>,
    /// Made when a write first would have blocked.
    wakeup: Option<Wakeup>,
}

impl FileSink {
    /// A sink that has opened nothing yet.
    pub fn new(options: FileOptions) -> Self {
        Self {
            target: options.target,
            keep_open: options.keep_open,
            descriptor: None,
            offset: options.start,
            wakeup: None,
        }
    }

    /// A sink that owns `descriptor`, which has no offset.
    pub fn over(descriptor: Descriptor) -> Self {
        Self {
            target: Target::Descriptor(descriptor.number()),
            keep_open: false,
            descriptor: Some(descriptor),
            offset: None,
            wakeup: None,
        }
    }

    /// Whether it answers in bounded time, as disk files do. Everything else may block for as long as
    /// its peer likes.
    ///
    /// A file that is not there yet is opened on the way: it is created without a look at its path, for
    /// which the system locks the folder so that others who create there sleep instead of spinning.
    /// Short files are written a fifth faster, 32 at a time.
    pub fn is_bounded(&mut self) -> bool {
        match (&self.target, &self.descriptor) {
            (_, Some(descriptor)) => descriptor.is_on_disk(),
            (Target::Path { path, flags, mode }, None) => {
                self.descriptor = Descriptor::create(path, *flags, *mode);
                // Where a path can't be looked at its open fails, which does not block.
                self.descriptor.is_some() || path.metadata().map_or(true, |it| it.is_file())
            }
            (Target::Descriptor(_), None) => true,
        }
    }

    /// The user's descriptor, for as long as there is something to do.
    pub fn borrow(&mut self, descriptor: Descriptor) {
        self.descriptor = Some(descriptor);
    }

    /// There is nothing to do for now. Duplicates would keep a pipe open after its owner closed it.
    pub fn rest(&mut self) {
        self.wakeup = None;
        if let Target::Descriptor(_) = self.target {
            self.descriptor = None;
        }
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

    fn sync(&mut self, metadata: bool) -> io::Result<()> {
        if metadata {
            self.descriptor().sync()
        } else {
            self.descriptor().sync_data()
        }
    }

    fn reopen(&mut self, new_path: Option<&Path>) -> io::Result<i32> {
        let Target::Path { path, flags, mode } = &mut self.target else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let mut descriptor = Descriptor::open(new_path.unwrap_or(path), *flags, *mode)?;
        if self.keep_open {
            descriptor = descriptor.lend();
        }
        if let Some(new_path) = new_path {
            new_path.clone_into(path);
        }
        self.wakeup = None;
        let number = descriptor.number();
        if let Some(old) = self.descriptor.replace(descriptor) {
            // What was written to it is written; there is nobody to tell.
            drop(old.close());
        }
        Ok(number)
    }

    fn close(&mut self) -> io::Result<()> {
        self.wakeup = None;
        match (&self.target, self.descriptor.take()) {
            (Target::Path { .. }, Some(descriptor)) => descriptor.close(),
            // A duplicate ends when it is dropped.
            (Target::Descriptor(_), _) | (_, None) => Ok(()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::OFlags;

    use super::*;

    /// A number that no descriptor has.
    const WRONG_FD: i32 = 1 << 29;

    fn options(target: Target, start: Option<u64>) -> FileOptions {
        FileOptions {
            target,
            start,
            flush: false,
            keep_open: false,
        }
    }

    fn to_path(path: &Path, flags: OFlags) -> Target {
        Target::Path {
            path: path.to_owned(),
            flags: (OFlags::WRONLY | flags).bits().cast_signed(),
            mode: 0o666,
        }
    }

    fn write(sink: &mut FileSink, bytes: &[u8]) {
        let written = sink.write(&[IoSlice::new(bytes)]);
        assert!(written.is_ok_and(|written| written == bytes.len()));
    }

    #[test]
    fn vectored_write_moves_the_offset_by_what_was_taken() {
        let folder = tempfile::tempdir().unwrap();
        let target = to_path(&folder.path().join("file"), OFlags::CREATE);
        let mut sink = FileSink::new(options(target, Some(2)));
        sink.open().unwrap();
        let taken = sink.write(&[IoSlice::new(b"a"), IoSlice::new(b"bc")]);
        assert_eq!(taken.unwrap(), 3);
        assert_eq!(sink.offset, Some(5));
    }

    #[test]
    fn failed_write_leaves_the_offset_where_it_was() {
        let target = Target::Descriptor(WRONG_FD);
        let mut sink = FileSink::new(options(target, Some(2)));
        sink.borrow(Descriptor::borrowed(WRONG_FD));
        assert!(sink.write(&[IoSlice::new(b"abc")]).is_err());
        assert_eq!(sink.offset, Some(2));
    }

    #[test]
    fn reopen_goes_on_in_the_file_that_has_the_path_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let old = folder.path().join("log.1");
        let target = to_path(&path, OFlags::CREATE | OFlags::APPEND);
        let mut sink = FileSink::new(options(target, None));
        sink.open().unwrap();
        write(&mut sink, b"old");
        fs::rename(&path, &old).unwrap();
        sink.reopen(None).unwrap();
        write(&mut sink, b"new");
        assert_eq!(fs::read(&old).unwrap(), b"old");
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn reopen_at_another_path_is_remembered_and_one_that_fails_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("first");
        let second = folder.path().join("second");
        let target = to_path(&first, OFlags::CREATE | OFlags::APPEND);
        let mut sink = FileSink::new(options(target, None));
        sink.open().unwrap();
        sink.reopen(Some(&second)).unwrap();
        write(&mut sink, b"one ");
        let missing = folder.path().join("missing/file");
        assert!(sink.reopen(Some(&missing)).is_err());
        write(&mut sink, b"two ");
        sink.reopen(None).unwrap();
        write(&mut sink, b"three");
        assert_eq!(fs::read(&second).unwrap(), b"one two three");
        assert_eq!(fs::metadata(&first).unwrap().size(), 0);
    }
}
