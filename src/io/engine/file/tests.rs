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
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let stream = open_file(1, options, None, listener);
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

mod logs;

mod paths {
    use super::*;

    #[test]
    fn a_new_file_has_the_bytes_when_the_end_is_told() {
        let folder = folder();
        let path = folder.path().join("new");
        let subject = Subject::path(&path, CREATE | OFlags::TRUNC);
        subject.write(b"hello ").write(b"world").finish();
        assert_eq!(fs::read(&path).unwrap(), b"hello world");
        assert_eq!(subject.stream.completed(), 11);
        subject.close();
    }

    #[test]
    fn many_chunks_arrive_in_order() {
        let folder = folder();
        let path = folder.path().join("large");
        let bytes = megabyte();
        let subject = Subject::path(&path, CREATE);
        for piece in bytes.chunks(70_001) {
            subject.write(piece);
        }
        subject.close();
        assert!(fs::read(&path).unwrap() == bytes, "the bytes differ");
    }

    #[test]
    fn flags_and_mode_are_those_of_the_caller() {
        let folder = folder();
        let path = folder.path().join("secret");
        let target = Target::Path {
            path: path.clone(),
            flags: (CREATE | OFlags::EXCL).bits().cast_signed(),
            mode: 0o600,
        };
        let subject = Subject::new(options(target));
        subject.write(b"x").finish();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

        let second = Subject::path(&path, CREATE | OFlags::EXCL);
        second.write(b"y");
        second.assert_fails(SystemCall::Open, Errno::EXIST);
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }

    #[test]
    fn opened_descriptor_is_not_left_to_children() {
        let folder = folder();
        let subject = Subject::path(&folder.path().join("file"), CREATE);
        subject.write(b"x").finish();
        let fd = subject.wait_opened();
        // SAFETY: the stream, which lives longer than the borrow, has not closed it.
        let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
        let flags = rustix::io::fcntl_getfd(fd).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
    }

    #[test]
    fn a_path_that_cannot_be_opened_fails_and_closes() {
        let folder = folder();
        let path = folder.path().join("no/such/folder");
        let subject = Subject::path(&path, CREATE);
        subject.write(b"nowhere to go");
        subject.assert_fails(SystemCall::Open, Errno::NOENT);
        subject.close();
        let closed = Event::Closed { error: None };
        let failed = failure(SystemCall::Open, Errno::NOENT);
        assert_eq!(subject.events.all(), [failed, closed]);
    }

    #[test]
    fn a_file_without_permission_says_so() {
        let folder = folder();
        let path = folder.path().join("locked");
        fs::write(&path, b"").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        if OpenOptions::new().write(true).open(&path).is_ok() {
            return; // The superuser is refused nothing.
        }
        let subject = Subject::path(&path, OFlags::WRONLY);
        subject.write(b"x");
        subject.assert_fails(SystemCall::Open, Errno::ACCESS);
    }

    #[test]
    fn a_link_to_nowhere_makes_the_file() {
        let folder = folder();
        let (link, path) = (folder.path().join("link"), folder.path().join("file"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        Subject::path(&link, CREATE).write(b"x").finish();
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = folder();
        let subject = Subject::path(folder.path(), OFlags::WRONLY);
        subject.write(b"x");
        subject.assert_fails(SystemCall::Open, Errno::ISDIR);
    }

    #[test]
    fn opened_descriptor_is_closed_with_the_last_owner() {
        let folder = folder();
        let path = fifo(&folder, "fifo");
        let reader = reader(&path);
        let subject = Subject::path(&path, OFlags::WRONLY);
        subject.write(b"bye").finish();
        drop(subject);
        assert_eq!(read_all(reader), b"bye");
    }

    #[test]
    fn kept_open_is_left_to_the_user() {
        let folder = folder();
        let path = folder.path().join("kept");
        let target = to_path(&path, CREATE);
        let subject = Subject::new(FileOptions {
            keep_open: true,
            ..options(target)
        });
        subject.write(b"ours, ").finish();
        let fd = subject.wait_opened();
        drop(subject);
        // SAFETY: the stream left the descriptor open and has no owner any more.
        let mut file = unsafe { File::from_raw_fd(fd) };
        file.write_all(b"theirs").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours, theirs");
    }
}

mod offsets {
    use super::*;

    fn digits(folder: &TempDir) -> PathBuf {
        let path = folder.path().join("digits");
        fs::write(&path, b"0123456789").unwrap();
        path
    }

    fn starting_at(start: u64, target: Target) -> Subject {
        Subject::new(FileOptions {
            start: Some(start),
            ..options(target)
        })
    }

    #[test]
    fn start_overwrites_in_place_and_goes_on_from_there() {
        let folder = folder();
        let path = digits(&folder);
        let subject = starting_at(3, to_path(&path, OFlags::RDWR));
        subject.write(b"ab").finish();
        assert_eq!(fs::read(&path).unwrap(), b"012ab56789");

        let subject = starting_at(3, to_path(&path, OFlags::RDWR));
        for (count, piece) in (1..).zip(["w", "x", "y", "z"]) {
            subject.write(piece.as_bytes());
            subject.stream.watch(count);
            let told = Event::Progress { completed: count };
            subject.events.wait(|event| *event == told);
        }
        subject.finish();
        assert_eq!(fs::read(&path).unwrap(), b"012wxyz789");
    }

    #[test]
    fn start_beyond_the_end_leaves_a_hole_and_many_chunks_follow_each_other() {
        let folder = folder();
        let path = folder.path().join("sparse");
        let bytes = megabyte();
        let start = 5 * 1024 * 1024 * 1024;
        let subject = starting_at(start, to_path(&path, CREATE));
        for piece in bytes.chunks(300_000) {
            subject.write(piece);
        }
        subject.finish();
        let mut file = File::open(&path).unwrap();
        assert_eq!(file.metadata().unwrap().len(), start + 1_000_000);
        file.seek(SeekFrom::Start(start)).unwrap();
        assert!(read_all(file) == bytes, "the bytes differ");
    }

    #[test]
    fn start_leaves_the_position_of_a_given_descriptor_alone() {
        let folder = folder();
        let path = digits(&folder);
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(9)).unwrap();
        let subject = starting_at(1, Target::Descriptor(file.as_raw_fd()));
        subject.write(b"ab").finish();
        assert_eq!(file.stream_position().unwrap(), 9);
        assert_eq!(fs::read(&path).unwrap(), b"0ab3456789");
    }

    #[test]
    fn without_start_the_position_of_a_given_descriptor_is_used_and_moved() {
        let folder = folder();
        let path = digits(&folder);
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        Subject::given(&file).write(b"ab").finish();
        assert_eq!(file.stream_position().unwrap(), 6);
        assert_eq!(fs::read(&path).unwrap(), b"0123ab6789");
    }

    #[test]
    fn appending_streams_never_overwrite_each_other() {
        let folder = folder();
        let path = digits(&folder);
        let flags = OFlags::WRONLY | OFlags::APPEND;
        let (first, second) = (Subject::path(&path, flags), Subject::path(&path, flags));
        for _ in 0..100 {
            first.write(b"aaaa");
            second.write(b"bb");
        }
        first.finish();
        second.finish();
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"0123456789"));
        assert_eq!((count(&bytes, b'a'), count(&bytes, b'b')), (400, 200));
    }
}

mod descriptors {
    use super::*;

    #[test]
    fn given_descriptor_is_not_closed_on_drop() {
        let (reader, mut writer) = pipe().unwrap();
        let subject = Subject::given(&writer);
        subject.write(b"stream, ").finish();
        drop(subject);
        writer.write_all(b"owner").unwrap();
        drop(writer);
        assert_eq!(read_all(reader), b"stream, owner");
    }

    #[test]
    fn given_descriptor_outlives_the_close() {
        let (reader, mut writer) = pipe().unwrap();
        let subject = Subject::given(&writer);
        subject.write(b"stream, ").close();
        writer.write_all(b"owner").unwrap();
        drop(writer);
        assert_eq!(read_all(reader), b"stream, owner");
    }

    /// Its owner may close it and have the number name something else, while a driver is at work.
    #[test]
    fn what_the_number_names_later_gets_nothing() {
        let (reader, writer) = nonblocking_pipe();
        let subject = Subject::given(&writer);
        // More than a pipe holds: the driver waits for the reader.
        subject.write(&megabyte()).wait_begun();
        let other = tempfile::tempfile().unwrap();
        let mut number = OwnedFd::from(writer);
        rustix::io::dup2(&other, &mut number).unwrap();
        drop(number);
        let read = thread::spawn(move || read_all(reader));
        subject.finish();
        let bytes = read.join().unwrap();
        assert!(bytes == megabyte(), "the bytes differ");
        assert_eq!(other.metadata().unwrap().len(), 0, "it got bytes");
    }

    #[test]
    fn a_descriptor_that_was_disowned_gets_no_driver() {
        let file = tempfile::tempfile().unwrap();
        let subject = Subject::given(&file);
        subject.stream.disown();
        subject.write(b"late");
        subject
            .events
            .wait(|event| matches!(event, Event::Failed { .. }));
        assert_eq!(file.metadata().unwrap().len(), 0);
    }

    #[test]
    fn wrong_number_is_ebadf_and_the_close_is_the_owners() {
        let subject = Subject::new(options(Target::Descriptor(WRONG_FD)));
        subject.write(b"x");
        subject.assert_fails(SystemCall::Write, Errno::BADF);
        subject.close();
        assert_eq!(
            subject.events.all(),
            [
                failure(SystemCall::Write, Errno::BADF),
                Event::Closed { error: None }
            ]
        );
    }

    #[test]
    fn descriptor_that_is_only_for_reading_is_ebadf() {
        let file = tempfile::tempfile().unwrap();
        let path = format!("/dev/fd/{}", file.as_raw_fd());
        let Ok(read_only) = File::open(path) else {
            return; // Not every unix has it.
        };
        let subject = Subject::given(&read_only);
        subject.write(b"x");
        subject.assert_fails(SystemCall::Write, Errno::BADF);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn pipe_that_cannot_be_synced_fails_instead_of_finishing() {
        let (_reader, writer) = pipe().unwrap();
        let target = Target::Descriptor(writer.as_raw_fd());
        let subject = Subject::new(FileOptions {
            flush: true,
            ..options(target)
        });
        subject.write(b"x");
        subject.stream.mark(Mark::End);
        subject.assert_fails(SystemCall::Fsync, Errno::INVAL);
        assert!(!subject.events.all().contains(&Event::Finished));
    }

    #[test]
    fn reader_that_went_away_is_epipe() {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let subject = Subject::given(&writer);
        subject.write(b"anybody there?");
        subject.assert_fails(SystemCall::Write, Errno::PIPE);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn full_device_is_enospc() {
        let subject = Subject::path(Path::new("/dev/full"), OFlags::WRONLY);
        subject.write(b"x");
        subject.assert_fails(SystemCall::Write, Errno::NOSPC);
        subject.close();
        assert_eq!(subject.stream.completed(), 0);
    }
}

mod waiting {
    use super::*;

    #[test]
    fn slow_reader_of_a_nonblocking_fifo_gets_every_byte() {
        let folder = folder();
        let path = fifo(&folder, "slow");
        let mut reader = reader(&path);
        let bytes = megabyte();
        let subject = Subject::path(&path, OFlags::WRONLY | OFlags::NONBLOCK);
        subject.write(&bytes);
        subject.wait_begun();
        let mut read = Vec::new();
        let mut piece = [0; 3000];
        while read.len() < 200_000 {
            let count = reader.read(&mut piece).unwrap();
            read.extend_from_slice(&piece[..count]);
        }
        subject.stream.mark(Mark::End);
        let rest = thread::spawn(move || read_all(reader));
        subject.events.wait_finished();
        subject.close();
        read.extend(rest.join().unwrap());
        assert!(read == bytes, "the bytes differ");
    }

    #[test]
    fn close_does_not_wait_for_a_reader_that_never_reads() {
        let (mut reader, writer) = nonblocking_pipe();
        let subject = Subject::given(&writer);
        subject.write(&megabyte());
        subject.wait_begun();
        subject.close();
        drop(writer);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(subject.stream.completed(), read.len() as u64);
        assert!(megabyte().starts_with(&read));
    }

    #[test]
    fn reader_that_leaves_during_a_wait_ends_it() {
        let (reader, writer) = nonblocking_pipe();
        let subject = Subject::given(&writer);
        subject.write(&megabyte());
        subject.wait_begun();
        drop(reader);
        subject.assert_fails(SystemCall::Write, Errno::PIPE);
    }

    #[test]
    fn two_streams_share_one_nonblocking_pipe() {
        let (reader, writer) = nonblocking_pipe();
        let subjects = [b'a', b'b'].map(|byte| {
            let subject = Subject::given(&writer);
            subject.write(&vec![byte; 500_000]);
            subject.stream.mark(Mark::End);
            subject
        });
        let read = thread::spawn(move || read_all(reader));
        for subject in &subjects {
            subject.events.wait_finished();
        }
        drop(writer);
        let bytes = read.join().unwrap();
        assert_eq!(
            (count(&bytes, b'a'), count(&bytes, b'b')),
            (500_000, 500_000)
        );
    }

    #[test]
    fn a_stream_at_rest_does_not_keep_the_pipe_open() {
        let (reader, writer) = nonblocking_pipe();
        let subject = Subject::given(&writer);
        subject.write(&megabyte());
        subject.wait_begun();
        subject.stream.mark(Mark::End);
        let read = thread::spawn(move || read_all(reader));
        subject.events.wait_finished();
        drop(writer);
        assert!(read.join().unwrap() == megabyte(), "the bytes differ");
        drop(subject);
    }

    #[tokio::test]
    async fn a_wakeup_that_was_used_up_does_not_come_again() {
        let (_reader, writer) = nonblocking_pipe();
        let descriptor = Descriptor::given(writer.as_raw_fd());
        let wakeup = Wakeup::new(&descriptor).unwrap();
        wakeup.writable().await.unwrap();
        let comes_again = tokio::select! {
            biased;
            _ = wakeup.writable() => true,
            () = std::future::ready(()) => false,
        };
        assert!(!comes_again, "waiting would be spinning");
    }

    #[test]
    fn only_what_is_bounded_in_time_goes_to_the_disk_pool() {
        let kind = |target| {
            let given = match target {
                Target::Descriptor(fd) => Some(Descriptor::given(fd)),
                Target::Path { .. } => None,
            };
            let mut sink = FileSink::new(options(target));
            if let Some(descriptor) = given {
                sink.use_descriptor(descriptor);
            }
            kind_of(&mut sink)
        };
        let folder = folder();
        let fifo = fifo(&folder, "fifo");
        let file = tempfile::tempfile().unwrap();
        let (_reader, writer) = pipe().unwrap();
        let new = folder.path().join("new");
        for bounded in [
            to_path(&new, CREATE),
            Target::Descriptor(file.as_raw_fd()),
            Target::Descriptor(WRONG_FD),
        ] {
            assert_eq!(kind(bounded), Kind::Disk);
        }
        for blocking in [
            to_path(&fifo, OFlags::WRONLY),
            to_path(&fifo, CREATE),
            to_path(Path::new("/dev/null"), OFlags::WRONLY),
            Target::Descriptor(writer.as_raw_fd()),
        ] {
            assert_eq!(kind(blocking), Kind::Blocking);
        }
    }

    #[test]
    fn stalled_fifos_do_not_hold_up_a_disk_file() {
        let folder = folder();
        let paths: Vec<PathBuf> = (0..100).map(|i| fifo(&folder, &i.to_string())).collect();
        let stalled: Vec<Subject> = paths
            .iter()
            .map(|path| {
                let subject = Subject::path(path, OFlags::WRONLY);
                subject.write(b"hello");
                subject.stream.mark(Mark::End);
                subject
            })
            .collect();
        let path = folder.path().join("file");
        Subject::path(&path, CREATE).write(b"done").finish();
        assert_eq!(fs::read(&path).unwrap(), b"done");
        for (path, subject) in paths.iter().zip(&stalled) {
            assert_eq!(subject.events.all(), [], "it has no reader yet");
            let reader = File::open(path).unwrap();
            subject.close();
            assert_eq!(read_all(reader), b"hello");
        }
    }
}

#[test]
fn streams_that_wait_for_room_take_no_thread_from_others() {
    let folder = folder();
    let full = || {
        let events = Arc::new(Recorder::default());
        let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
        let target = to_path(Path::new("/dev/full"), OFlags::WRONLY);
        let pause = Duration::from_secs(3600);
        let retry = Retry::new(vec![Errno::NOSPC.raw_os_error()], pause, None);
        let stream = open_file(1, options(target), Some(retry), listener);
        Subject { stream, events }
    };
    let stalled: Vec<_> = (0..20).map(|_| full()).collect();
    for subject in &stalled {
        subject.write(b"refused");
        let is_stall = |event: &Event| matches!(event, Event::Stalled { .. });
        subject.events.wait(is_stall);
    }
    let other = Subject::path(&folder.path().join("file"), CREATE);
    other.write(b"written").finish();
    for subject in &stalled {
        subject.close();
        assert_eq!(subject.stream.completed(), 0);
    }
}
