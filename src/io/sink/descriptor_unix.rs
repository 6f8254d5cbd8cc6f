//! A unix descriptor: the system calls, and waiting for writability.

use std::io::{self, IoSlice};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{FileType, Mode, OFlags, RawMode};
use rustix::io::Errno;
/// A file's device and inode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    #[allow(
        clippy::cast_sign_loss,
        clippy::unnecessary_cast,
        reason = "the types differ between systems"
    )]
    fn of(stat: rustix::fs::Stat) -> Self {
        Self(stat.st_dev as u64, stat.st_ino as u64)
    }
}

/// An open descriptor.
#[derive(Debug)]
pub(crate) enum Descriptor {
    /// Closed when it is dropped, whatever happens.
    Owned(OwnedFd),
    /// The user's, who closes it.
    Borrowed(ManuallyDrop<OwnedFd>),
}

impl Descriptor {
    /// `open(2)`, closed in child processes.
    pub(crate) fn open(path: &Path, flags: i32, mode: u32) -> io::Result<Self> {
        let flags = OFlags::from_bits_retain(flags.cast_unsigned()) | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, mode_of(mode))?;
        Ok(Self::Owned(fd))
    }

    /// [`Self::open`], if that makes a new file; otherwise that says why it does not.
    ///
    /// Whoever asks for a new file himself opens once: a file system may refuse other flags after it has
    /// made the file, which a second attempt would find there.
    pub(crate) fn create(path: &Path, flags: i32, mode: u32) -> Option<Self> {
        let asked = OFlags::from_bits_retain(flags.cast_unsigned());
        if !asked.contains(OFlags::CREATE) || asked.contains(OFlags::EXCL) {
            return None;
        }
        let exclusive = asked | OFlags::EXCL;
        Self::open(path, exclusive.bits().cast_signed(), mode).ok()
    }

    /// Whether an open with these flags may make a file.
    pub(crate) fn may_create(flags: i32) -> bool {
        OFlags::from_bits_retain(flags.cast_unsigned()).contains(OFlags::CREATE)
    }

    /// Where the open file is now, if the system tells. That may differ from the path that was opened: a
    /// symlink was followed, or the file renamed.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        path_of(self)
    }

    /// `flags` for a file in the place of one that was opened with them: what is in it stays, and what is
    /// written comes behind it.
    pub(crate) fn flags_to_go_on(flags: i32) -> i32 {
        let flags = OFlags::from_bits_retain(flags.cast_unsigned());
        let flags = (flags - OFlags::TRUNC - OFlags::EXCL) | OFlags::APPEND;
        flags.bits().cast_signed()
    }

    /// What tells the file from all others. None if the system does not say.
    pub(crate) fn identity(&self) -> Option<Identity> {
        rustix::fs::fstat(self).ok().map(Identity::of)
    }

    /// Whether a folder still has the file under some name.
    pub(crate) fn has_name(&self) -> bool {
        rustix::fs::fstat(self).is_ok_and(|stat| stat.st_nlink > 0)
    }

    /// The identity of what `path` names.
    pub(crate) fn identity_at(path: &Path) -> io::Result<Identity> {
        Ok(rustix::fs::stat(path).map(Identity::of)?)
    }

    /// A descriptor that the user opened. A number that is not open makes every call fail with
    /// `EBADF`; the stream says so as its error.
    pub(crate) fn given(fd: i32) -> Self {
        assert!(fd >= 0, "negative descriptors are refused by the caller");
        // SAFETY: the number is not -1, and `ManuallyDrop` keeps us from closing it unasked. That
        // it stays open until the stream is closed is the user's promise, as with Node's `fd`.
        Self::Borrowed(ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// What `fd` names, which its user may close at any time: a duplicate, or nothing where the process has no
    /// descriptor left. Fails if the number names nothing.
    pub(crate) fn for_any_thread(fd: i32) -> io::Result<Option<Self>> {
        match Self::duplicate(fd) {
            Err(error) if error.raw_os_error() != Some(Errno::BADF.raw_os_error()) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Another descriptor of what `fd` names, closed in child processes.
    pub(crate) fn duplicate(fd: i32) -> io::Result<Self> {
        if fd < 0 {
            return Err(Errno::BADF.into());
        }
        let given = Self::given(fd);
        Ok(Self::Owned(rustix::io::fcntl_dupfd_cloexec(&given, 0)?))
    }

    /// Leaves the descriptor to the user, who knows its number.
    pub(crate) fn into_borrowed(self) -> Self {
        match self {
            Self::Owned(fd) => Self::Borrowed(ManuallyDrop::new(fd)),
            Self::Borrowed(_) => self,
        }
    }

    /// The number that JavaScript knows it by.
    pub(crate) fn number(&self) -> i32 {
        self.as_fd().as_raw_fd()
    }

    /// Whether writes end in bounded time: regular files and block devices.
    pub(crate) fn is_on_disk(&self) -> bool {
        rustix::fs::fstat(self).map_or(true, |stat| {
            let kind = FileType::from_raw_mode(stat.st_mode);
            matches!(kind, FileType::RegularFile | FileType::BlockDevice)
        })
    }

    /// Whether a socket can neither be read from nor written to any more, or has an error to tell.
    pub(crate) fn is_hung_up(&self) -> bool {
        let mut polled = [PollFd::new(self, PollFlags::empty())];
        let now = Timespec::default();
        rustix::event::poll(&mut polled, Some(&now)).is_ok()
            && polled[0]
                .revents()
                .intersects(PollFlags::HUP | PollFlags::ERR)
    }

    /// One `write`, `writev`, `pwrite` or `pwritev`.
    pub(crate) fn write(&self, slices: &[IoSlice<'_>], offset: Option<u64>) -> io::Result<usize> {
        let bytes = match (slices, offset) {
            ([slice], None) => rustix::io::write(self, slice),
            ([slice], Some(offset)) => rustix::io::pwrite(self, slice, offset),
            (_, None) => rustix::io::writev(self, slices),
            (_, Some(offset)) => rustix::io::pwritev(self, slices, offset),
        };
        Ok(bytes.map_err(as_libuv)?)
    }

    /// `fsync(2)`, or what libuv does in its place.
    pub(crate) fn sync(&self) -> io::Result<()> {
        full_sync(self)
    }

    /// `fdatasync(2)`: without the file's times and the like.
    #[cfg(not(target_vendor = "apple"))]
    pub(crate) fn sync_data(&self) -> io::Result<()> {
        Ok(rustix::fs::fdatasync(self)?)
    }

    /// The same as [`Self::sync`]: there is nothing less that reaches the device.
    #[cfg(target_vendor = "apple")]
    pub(crate) fn sync_data(&self) -> io::Result<()> {
        full_sync(self)
    }

    /// `close(2)`, with its result, whoever owns the descriptor. A close that was
    /// interrupted counts as done, as it does for Node.
    pub(crate) fn close(self) -> io::Result<()> {
        let fd = match self {
            Self::Owned(fd) => fd.into_raw_fd(),
            Self::Borrowed(fd) => ManuallyDrop::into_inner(fd).into_raw_fd(),
        };
        // SAFETY: `fd` came out of its owner in this call, so nothing here can use it again.
        Ok(as_closed(unsafe { rustix::io::try_close(fd) })?)
    }
}

/// The number is free again, too, where a close was interrupted or goes on.
fn as_closed(result: rustix::io::Result<()>) -> rustix::io::Result<()> {
    match result {
        Err(Errno::INTR | Errno::INPROGRESS) => Ok(()),
        result => result,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn path_of(descriptor: &Descriptor) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", descriptor.number())).ok()
}

#[cfg(target_vendor = "apple")]
fn path_of(descriptor: &Descriptor) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let path = rustix::fs::getpath(descriptor).ok()?;
    Some(std::ffi::OsString::from_vec(path.into_bytes()).into())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn path_of(_: &Descriptor) -> Option<PathBuf> {
    None
}

/// A write to a socket that is being shut down may say EPROTOTYPE there; the next one says EPIPE.
#[cfg(target_vendor = "apple")]
fn as_libuv(errno: Errno) -> Errno {
    if errno == Errno::PROTOTYPE {
        Errno::INTR
    } else {
        errno
    }
}

#[cfg(not(target_vendor = "apple"))]
fn as_libuv(errno: Errno) -> Errno {
    errno
}

/// `fsync(2)`, or what libuv does in its place.
#[cfg(not(target_vendor = "apple"))]
pub(crate) fn full_sync(fd: impl AsFd) -> io::Result<()> {
    Ok(rustix::fs::fsync(fd)?)
}

/// `fsync(2)` only reaches the drive's cache there. A file system that has no `F_FULLFSYNC` gets the weaker
/// calls, in libuv's order.
#[cfg(target_vendor = "apple")]
pub(crate) fn full_sync(fd: impl AsFd) -> io::Result<()> {
    match rustix::fs::fcntl_fullfsync(&fd) {
        Ok(()) => return Ok(()),
        // The caller repeats it; libuv makes the weaker calls then, too.
        Err(Errno::INTR) => return Err(Errno::INTR.into()),
        Err(_) => {}
    }
    let number = fd.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open for as long as it is borrowed, and the command has no argument.
    if unsafe { libc::fcntl(number, libc::F_BARRIERFSYNC) } == 0 {
        return Ok(());
    }
    Ok(rustix::fs::fsync(fd)?)
}

/// `mode` as the system has it: 16 bits on macOS, of which the calls use twelve.
#[allow(
    clippy::cast_possible_truncation,
    clippy::unnecessary_cast,
    reason = "the types differ between systems"
)]
pub(super) fn mode_of(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Owned(fd) => fd.as_fd(),
            Self::Borrowed(fd) => fd.as_fd(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_close_is_done() {
        for errno in [Errno::INTR, Errno::INPROGRESS] {
            assert_eq!(as_closed(Err(errno)), Ok(()));
        }
        assert_eq!(as_closed(Ok(())), Ok(()));
        assert_eq!(as_closed(Err(Errno::IO)), Err(Errno::IO));
    }

    #[test]
    fn a_number_that_names_nothing_is_told() {
        for number in [-1, 1 << 29] {
            let error = Descriptor::for_any_thread(number).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(Errno::BADF.raw_os_error()));
        }
    }

    #[test]
    fn zero_is_a_number_as_any_other() {
        let is_open = rustix::io::fcntl_getfd(Descriptor::given(0)).is_ok();
        assert_eq!(Descriptor::duplicate(0).is_ok(), is_open);
    }

    #[test]
    fn children_never_get_the_descriptor() {
        for flags in [OFlags::WRONLY, OFlags::WRONLY | OFlags::CLOEXEC] {
            let flags = flags.bits().cast_signed();
            let opened = Descriptor::open(Path::new("/dev/null"), flags, 0).unwrap();
            let duplicate = Descriptor::duplicate(opened.number()).unwrap();
            for descriptor in [&opened, &duplicate] {
                let has = rustix::io::fcntl_getfd(descriptor).unwrap();
                assert!(has.contains(rustix::io::FdFlags::CLOEXEC));
            }
        }
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn the_path_is_where_the_file_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let flags = OFlags::WRONLY | OFlags::CREATE;
        let flags = flags.bits().cast_signed();
        let file = Descriptor::open(&root.join("old"), flags, 0o600).unwrap();
        std::fs::rename(root.join("old"), root.join("new")).unwrap();
        assert_eq!(file.path(), Some(root.join("new")));
    }

    #[test]
    fn only_the_flag_to_create_may_make_a_file() {
        let may_create = |flags: OFlags| Descriptor::may_create(flags.bits().cast_signed());
        assert!(may_create(OFlags::WRONLY | OFlags::CREATE));
        assert!(!may_create(OFlags::WRONLY | OFlags::TRUNC));
    }

    #[test]
    fn a_socket_is_hung_up_when_both_directions_are_over_or_it_has_an_error() {
        use std::net::Shutdown;
        use std::os::unix::net::UnixStream;

        let (near, peer) = UnixStream::pair().unwrap();
        let socket = Descriptor::given(near.as_raw_fd());
        assert!(!socket.is_hung_up());
        if cfg!(target_os = "linux") {
            peer.shutdown(Shutdown::Write).unwrap();
            assert!(!socket.is_hung_up(), "it can still be written to");
        }
        drop(peer);
        assert!(socket.is_hung_up());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert!(Descriptor::given(writer.as_raw_fd()).is_hung_up());
        assert!(!Descriptor::given(1 << 29).is_hung_up());
    }

    #[test]
    fn calls_on_a_wrong_number_fail() {
        let wrong = || Descriptor::given(1 << 29);
        for result in [wrong().sync(), wrong().sync_data(), wrong().close()] {
            let errno = result.unwrap_err().raw_os_error();
            assert_eq!(errno, Some(Errno::BADF.raw_os_error()));
        }
    }

    #[test]
    fn a_close_closes_whoever_owns_the_descriptor() {
        for is_borrowed in [false, true] {
            let (mut reader, writer) = std::io::pipe().unwrap();
            let mut descriptor = Descriptor::Owned(writer.into());
            if is_borrowed {
                descriptor = descriptor.into_borrowed();
            }
            descriptor.close().unwrap();
            assert_eq!(io::Read::read(&mut reader, &mut [0]).unwrap(), 0);
        }
    }
}
