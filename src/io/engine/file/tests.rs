#![expect(clippy::unwrap_used, reason = "its helpers are tests too")]

use std::ffi::CString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{PipeReader, PipeWriter, Read, Seek, SeekFrom, Write, pipe};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use tempfile::TempDir;

use super::*;
use crate::io::driver::scripted::Recorder;
use crate::io::sink::{Descriptor, Wakeup};
use crate::writer::{Event, Mark, Standing, SystemCall, SystemError};

mod descriptors;
mod logs;
mod offsets;
mod paths;
mod waiting;

/// A number that no descriptor has.
const WRONG_FD: i32 = 1 << 29;

const CREATE: OFlags = OFlags::WRONLY.union(OFlags::CREATE);

/// A stream, and what it tells.
struct Subject {
    stream: Arc<Stream>,
    events: Arc<Recorder>,
}

impl Subject {
    fn new(options: FileOptions) -> Self {
        Self::on(&POOLS, options)
    }

    fn on(pools: &'static Pools, options: FileOptions) -> Self {
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let stream = open_file_on(pools, 1, options, None, listener);
        Self { stream, events }
    }

    fn path(path: &Path, flags: OFlags) -> Self {
        Self::new(options(to_path(path, flags)))
    }

    /// Over a descriptor that stays the test's, which keeps it open long enough.
    fn given(fd: &impl AsFd) -> Self {
        Self::new(options(Target::Descriptor(fd.as_fd().as_raw_fd())))
    }

    fn write(&self, bytes: &[u8]) -> &Self {
        self.stream.append(bytes);
        self.stream.flush();
        self
    }

    /// Waits until all is written.
    fn finish(&self) {
        self.stream.mark(Mark::End);
        self.events.wait_finished();
    }

    /// Waits until all so far is written.
    fn finish_writing(&self) {
        let standing = self.stream.wait_settled(Duration::from_secs(20));
        assert_eq!(standing, Standing::Settled);
    }

    /// Waits until all is written and the descriptor is closed.
    fn close(&self) {
        self.stream.mark(Mark::Close);
        self.events.wait_closed();
    }

    /// Waits until the system has taken something.
    fn wait_begun(&self) {
        self.stream.watch(1);
        self.events
            .wait(|event| matches!(event, Event::Progress { .. }));
    }

    fn wait_opened(&self) -> i32 {
        let event = self
            .events
            .wait(|event| matches!(event, Event::Opened { .. }));
        match event {
            Event::Opened { fd } => fd,
            _ => unreachable!(),
        }
    }

    #[track_caller]
    fn assert_fails(&self, call: SystemCall, errno: Errno) {
        let failed = |event: &Event| matches!(event, Event::Failed { .. });
        assert_eq!(self.events.wait(failed), failure(call, errno));
    }
}

fn options(target: Target) -> FileOptions {
    FileOptions::to(target)
}

fn to_path(path: &Path, flags: OFlags) -> Target {
    Target::Path {
        path: path.to_owned(),
        flags: flags.bits().cast_signed(),
        mode: 0o666,
    }
}

fn failure(call: SystemCall, errno: Errno) -> Event {
    let errno = errno.raw_os_error();
    Event::Failed {
        error: SystemError { errno, call },
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Not by mkfifo(1): until its exec a new process has copies of all descriptors, and another test may
/// just then rely on having closed the last one of a pipe or socket.
fn fifo(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    let c_path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: it is a string that ends with a zero and lives longer than the call.
    let made = unsafe { libc::mkfifo(c_path.as_ptr(), 0o600) };
    assert_eq!(made, 0, "{}", io::Error::last_os_error());
    path
}

/// Opens a FIFO for reading; it has no writer yet.
fn reader(path: &Path) -> File {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .unwrap();
    rustix::io::ioctl_fionbio(&file, false).unwrap();
    file
}

/// A pipe whose writes do not block.
fn nonblocking_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    (reader, writer)
}

fn read_all(mut reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}

fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes.iter().map(|byte| usize::from(*byte == wanted)).sum()
}

/// Bytes of which no two short runs are alike; more than any pipe holds.
fn megabyte() -> Vec<u8> {
    (0..1_000_000_u32)
        .flat_map(|i| i.to_le_bytes().into_iter().take(3))
        .take(1_000_000)
        .collect()
}
