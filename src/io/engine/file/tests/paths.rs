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

/// What is synced keeps its thread for long, so that it must not take one of those for plain writes.
#[test]
fn files_that_are_synced_have_threads_of_their_own() {
    let one = || Pool::new("test", || 1, 1, Duration::from_secs(60));
    let none = || Pool::new("test", || 0, 1, Duration::from_secs(60));
    let folder = folder();
    for atomic in [false, true] {
        let pools: &Pools = Box::leak(Box::new(Pools {
            disk: if atomic { none() } else { one() },
            syncing: if atomic { one() } else { none() },
            blocking: none(),
        }));
        let path = folder.path().join("file");
        let options = FileOptions {
            atomic,
            ..options(to_path(&path, CREATE))
        };
        let subject = Subject::on(pools, options);
        subject.write(b"x").finish();
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }
}
