use rustix::fs::{FlockOperation, flock};

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

/// To close any descriptor of a file drops the record locks that the process has on it.
#[test]
#[cfg(target_os = "linux")]
fn record_locks_of_the_process_outlive_every_rest() {
    let folder = folder();
    let path = folder.path().join("locked");
    let file = File::create(&path).unwrap();
    // Stays open to the end, too.
    let witness = OpenOptions::new().write(true).open(&path).unwrap();
    rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
    let subject = Subject::given(&file);
    subject.stream.append(b"by the owner, ");
    subject.finish_writing();
    assert!(is_locked(&witness), "the owner came to rest");
    for position in [15, 16, 17] {
        subject.stream.watch(position);
        subject.write(b"x");
        let is_reached = |event: &Event| {
            *event
                == Event::Progress {
                    completed: position,
                }
        };
        subject.events.wait(is_reached);
        assert!(is_locked(&witness), "a worker began again");
    }
    subject.stream.append(b", by the owner");
    subject.finish_writing();
    assert!(is_locked(&witness));
}

/// A file that has no name any more takes room on the disk as long as anybody has it open, and is locked as
/// long.
#[test]
fn a_stream_that_has_ended_does_not_keep_the_file_open() {
    let folder = folder();
    let path = folder.path().join("locked");
    let file = File::create(&path).unwrap();
    flock(&file, FlockOperation::LockExclusive).unwrap();
    let other = File::open(&path).unwrap();
    let subject = Subject::given(&file);
    subject.write(b"x").finish();
    let refused = flock(&other, FlockOperation::NonBlockingLockExclusive);
    assert_eq!(refused, Err(Errno::WOULDBLOCK), "its owner has it open");
    drop(file);
    flock(&other, FlockOperation::LockExclusive).unwrap();
    drop(subject);
}

/// Whether a process, maybe this one, has a record lock on the file. An "open file description lock" conflicts
/// with those of the same process, too.
#[cfg(target_os = "linux")]
fn is_locked(witness: &File) -> bool {
    let mut lock = libc::flock {
        l_type: libc::c_short::try_from(libc::F_WRLCK).unwrap(),
        l_whence: libc::c_short::try_from(libc::SEEK_SET).unwrap(),
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    // SAFETY: the descriptor is open, and the lock lives longer than the call.
    let result = unsafe { libc::fcntl(witness.as_raw_fd(), libc::F_OFD_GETLK, &raw mut lock) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    libc::c_int::from(lock.l_type) != libc::F_UNLCK
}
