//! A Windows descriptor: one of Node's, so that its number means the same to `fs`.

#![expect(clippy::unused_self, reason = "on unix these ask the system")]

use std::fs::File;
use std::io::{self, IoSlice};
use std::mem::ManuallyDrop;
use std::os::windows::io::FromRawHandle;
use std::path::{Path, PathBuf};

use super::libuv;

/// What tells a file from all others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity;

/// An open descriptor.
#[derive(Debug)]
pub(crate) enum Descriptor {
    /// Closed when it is dropped, whatever happens.
    Owned(Owned),
    /// The user's: closed only by [`Descriptor::close`].
    Borrowed(i32),
}

impl Descriptor {
    /// What `fs.open` does.
    pub(crate) fn open(path: &Path, flags: i32, mode: u32) -> io::Result<Self> {
        Ok(Self::Owned(Owned(libuv::open(path, flags, mode)?)))
    }

    /// Nothing: the caller looks at the path instead.
    pub(crate) fn create(_: &Path, _: i32, _: u32) -> Option<Self> {
        None
    }

    /// Whether a new name has to be synced after an open: the system does that itself.
    pub(crate) fn may_create(_: i32) -> bool {
        false
    }

    /// Does nothing: no caller needs it here.
    #[expect(clippy::unused_self, reason = "elsewhere the system knows it")]
    pub(crate) fn path(&self) -> Option<PathBuf> {
        None
    }

    /// `flags` for a file in the place of one that was opened with them: what is in it stays, and what is
    /// written comes behind it.
    pub(crate) fn flags_to_go_on(flags: i32) -> i32 {
        // libuv's numbers.
        const APPEND: i32 = 0x8;
        const TRUNC: i32 = 0x200;
        const EXCL: i32 = 0x400;
        flags & !(TRUNC | EXCL) | APPEND
    }

    /// Nothing: the system does not tell a file by number to a program in stable Rust.
    pub(crate) fn identity(&self) -> Option<Identity> {
        None
    }

    /// Whether a folder still has the file under some name: the system does not say.
    pub(crate) fn has_name(&self) -> bool {
        false
    }

    /// As for [`Self::identity`].
    pub(crate) fn identity_at(_: &Path) -> io::Result<Identity> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A descriptor that the user opened. A number that is not open makes every call fail with
    /// `EBADF`; the stream says so as its error.
    pub(crate) fn given(fd: i32) -> Self {
        assert!(fd >= 0, "negative descriptors are refused by the caller");
        Self::Borrowed(fd)
    }

    /// What `fd` names, by its number: there are no duplicates.
    #[expect(clippy::unnecessary_wraps, reason = "on unix the number is looked at")]
    pub(crate) fn for_any_thread(fd: i32) -> io::Result<Option<Self>> {
        Ok(Some(Self::given(fd)))
    }

    /// Leaves the descriptor to the user, who knows its number.
    pub(crate) fn into_borrowed(self) -> Self {
        match self {
            Self::Owned(fd) => Self::Borrowed(fd.release()),
            Self::Borrowed(_) => self,
        }
    }

    /// The number that JavaScript knows it by.
    pub(crate) fn number(&self) -> i32 {
        match self {
            Self::Owned(fd) => fd.0,
            Self::Borrowed(fd) => *fd,
        }
    }

    /// Whether writes end in bounded time: regular files.
    pub(crate) fn is_on_disk(&self) -> bool {
        libuv::handle(self.number()).is_ok_and(|handle| {
            // SAFETY: the handle is only asked what it is, and `ManuallyDrop` keeps it open. One
            // that is invalid is refused by the system.
            let file = ManuallyDrop::new(unsafe { File::from_raw_handle(handle) });
            file.metadata().is_ok_and(|metadata| metadata.is_file())
        })
    }

    /// Never called: Node writes to sockets on Windows.
    pub(crate) fn is_hung_up(&self) -> bool {
        false
    }

    /// One write of all `slices`, or of as much as the system takes.
    pub(crate) fn write(&self, slices: &[IoSlice<'_>], offset: Option<u64>) -> io::Result<usize> {
        libuv::write(self.number(), slices, offset)
    }

    /// What `fs.fsync` does.
    pub(crate) fn sync(&self) -> io::Result<()> {
        libuv::sync(self.number())
    }

    /// The same: Windows has nothing less.
    pub(crate) fn sync_data(&self) -> io::Result<()> {
        self.sync()
    }

    /// What `fs.close` does.
    pub(crate) fn close(self) -> io::Result<()> {
        libuv::close(match self {
            Self::Owned(fd) => fd.release(),
            Self::Borrowed(fd) => fd,
        })
    }
}

/// A descriptor that only this value closes.
#[derive(Debug)]
pub(crate) struct Owned(i32);

impl Owned {
    fn release(self) -> i32 {
        ManuallyDrop::new(self).0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        drop(libuv::close(self.0));
    }
}
