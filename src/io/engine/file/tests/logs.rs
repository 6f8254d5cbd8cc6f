//! Files that are replaced by others while they are written, and an owner that drives.

use std::time::Instant;

use super::*;
use crate::io::driver::scripted::PATIENCE;
use crate::io::sink::RotationOptions;

const APPEND: OFlags = CREATE.union(OFlags::APPEND);

fn rotating(path: &Path, size: Option<u64>) -> Subject {
    Subject::new(FileOptions {
        rotation: Some(RotationOptions {
            size,
            due_before_ms: None,
        }),
        ..options(to_path(path, APPEND))
    })
}

fn following(path: &Path) -> Subject {
    Subject::new(FileOptions {
        follow: Some(Duration::ZERO),
        ..options(to_path(path, APPEND))
    })
}

/// The files in `folder` by their names, but for locks.
fn contents(folder: &TempDir) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_none_or(|extension| extension != "lock"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn a_full_file_is_put_aside_and_no_byte_is_lost() {
    let folder = folder();
    let log = rotating(&folder.path().join("app.log"), Some(10));
    for write in [b"aaaa", b"bbbb", b"cccc", b"dddd", b"eeee"] {
        log.stream.append(write);
    }
    log.finish();
    let files: [&[u8]; 3] = [b"aaaabbbb", b"ccccdddd", b"eeee"];
    assert_eq!(contents(&folder), files);
    let rotations = log.events.milestones();
    let is_rotation = |event: &&Event| matches!(event, Event::Rotated { .. });
    assert_eq!(rotations.iter().filter(is_rotation).count(), 2);
}

#[test]
fn a_second_stream_is_refused_until_the_first_is_closed() {
    let folder = folder();
    let path = folder.path().join("app.log");
    let first = rotating(&path, Some(10));
    first.write(b"x").wait_opened();
    rotating(&path, Some(10))
        .write(b"y")
        .assert_fails(SystemCall::Open, Errno::BUSY);
    first.close();
    let third = rotating(&path, Some(10));
    third.write(b"z").finish();
    assert_eq!(contents(&folder), [b"xz"]);
}

#[test]
fn where_nothing_can_be_renamed_the_old_file_goes_on_and_that_is_told() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let log = rotating(&inner.join("app.log"), Some(4));
    log.write(b"aaaa").wait_opened();
    log.finish_writing();
    fs::rename(&inner, folder.path().join("elsewhere")).unwrap();
    log.write(b"bbbb").finish();
    let failed = log
        .events
        .milestones()
        .into_iter()
        .find_map(|event| match event {
            Event::RotateFailed { error } => Some(error),
            _ => None,
        });
    assert_eq!(failed.unwrap().errno, Errno::NOENT.raw_os_error());
    let written = fs::read(folder.path().join("elsewhere/app.log")).unwrap();
    assert_eq!(written, b"aaaabbbb");
}

#[test]
fn a_file_that_another_put_aside_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("app.log");
    let log = rotating(&path, Some(4));
    log.write(b"aaaa").wait_opened();
    log.finish_writing();
    fs::rename(&path, folder.path().join("theirs")).unwrap();
    fs::write(&path, "new ").unwrap();
    log.write(b"bb").finish();
    // What has the path now is full with this write, and is put aside.
    let files: [&[u8]; 3] = [b"new ", b"bb", b"aaaa"];
    assert_eq!(contents(&folder), files);
}

#[test]
fn a_path_that_names_another_file_is_followed_before_the_next_write() {
    let folder = folder();
    let path = folder.path().join("app.log");
    let log = following(&path);
    log.write(b"one");
    log.finish_writing();
    fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    fs::write(&path, b"theirs, ").unwrap();
    log.write(b"two");
    log.finish_writing();
    assert_eq!(contents(&folder), [&b"theirs, two"[..], b"one"]);
    fs::remove_file(&path).unwrap();
    log.write(b"three").finish();
    assert_eq!(contents(&folder), [&b"three"[..], b"one"]);
}

#[test]
fn who_moves_a_file_has_time_to_put_another_in_its_place() {
    let folder = folder();
    let path = folder.path().join("app.log");
    let aside = folder.path().join("app.log.1");
    let log = following(&path);
    log.write(b"one");
    log.finish_writing();
    fs::rename(&path, &aside).unwrap();
    log.write(b"two");
    log.finish_writing();
    assert!(!path.exists(), "it was made too soon");
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < PATIENCE, "nobody makes it");
        log.write(b".");
        log.finish_writing();
    }
    log.finish();
    assert!(fs::read(&aside).unwrap().starts_with(b"onetwo"));
    assert_eq!(fs::read(&path).unwrap(), b".");
}

#[test]
fn a_folder_that_is_gone_is_told_once_and_followed_when_it_is_back() {
    let folder = folder();
    let inner = folder.path().join("inner");
    let path = inner.join("app.log");
    fs::create_dir(&inner).unwrap();
    let log = following(&path);
    log.write(b"one");
    log.finish_writing();
    fs::remove_dir_all(&inner).unwrap();
    for write in [b"lost", b"gone"] {
        log.write(write);
        log.finish_writing();
    }
    fs::create_dir(&inner).unwrap();
    log.write(b"back").finish();
    assert_eq!(fs::read(&path).unwrap(), b"back");
    let moves = log
        .events
        .milestones()
        .into_iter()
        .filter_map(|event| match event {
            Event::Moved { result } => Some(result.map(drop).map_err(|error| error.errno)),
            _ => None,
        });
    let noent = Errno::NOENT.raw_os_error();
    assert_eq!(moves.collect::<Vec<_>>(), [Err(noent), Ok(())]);
}

#[test]
fn a_reopened_file_keeps_what_is_in_it() {
    let folder = folder();
    let path = folder.path().join("app.log");
    let log = Subject::path(&path, CREATE | OFlags::TRUNC);
    log.write(b"one");
    log.finish_writing();
    fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    fs::write(&path, "theirs ").unwrap();
    log.stream.mark(Mark::Reopen { path: None });
    log.write(b"two").finish();
    let files: [&[u8]; 2] = [b"theirs two", b"one"];
    assert_eq!(contents(&folder), files);
}

/// Remembers on which threads it is told something.
#[derive(Default)]
struct Threads(Mutex<Vec<thread::ThreadId>>);

impl Listener for Threads {
    fn notify(&self, _: u64, _: Event) {
        self.0.lock().push(thread::current().id());
    }
}

#[test]
fn an_owner_that_waits_writes_on_its_own_thread() {
    let folder = folder();
    let path = folder.path().join("file");
    let threads = Arc::new(Threads::default());
    let listener: Arc<dyn Listener> = Arc::<Threads>::clone(&threads);
    let stream = open_file(1, options(to_path(&path, CREATE)), None, listener);
    for (write, expected) in [("one", "one"), ("two", "onetwo")] {
        stream.append(write.as_bytes());
        stream.watch(expected.len() as u64);
        let standing = stream.wait_settled(Duration::from_secs(20));
        assert_eq!(standing, Standing::Settled);
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    }
    // The open, and each count.
    assert_eq!(*threads.0.lock(), [thread::current().id(); 3]);
}

/// Its driver looks at the clock each time that it would let others have the thread.
#[test]
fn an_owner_whose_time_is_over_leaves_the_rest_to_a_worker() {
    let folder = folder();
    let megabyte = vec![b'x'; 1 << 20];
    for (timeout, is_done_by_owner) in [(Duration::ZERO, false), (PATIENCE, true)] {
        let path = folder.path().join("file");
        let threads = Arc::new(Threads::default());
        let listener: Arc<dyn Listener> = Arc::<Threads>::clone(&threads);
        let stream = open_file(1, options(to_path(&path, CREATE)), None, listener);
        for _ in 0..17 {
            stream.append(&megabyte);
        }
        stream.watch(17 << 20);
        let _standing = stream.wait_settled(timeout);
        assert_eq!(stream.wait_settled(PATIENCE), Standing::Settled);
        let start = Instant::now();
        while threads.0.lock().len() < 2 {
            assert!(start.elapsed() < PATIENCE, "nobody tells");
            thread::yield_now();
        }
        let [open, count] = threads.0.lock()[..] else {
            unreachable!("the open and the count are told once");
        };
        assert_eq!(open, thread::current().id());
        assert_eq!(count == open, is_done_by_owner);
    }
}

/// Its driver leaves with the last byte because it has written much, not because it has nothing to do.
#[test]
fn an_owner_that_has_asked_is_told_of_the_last_byte_of_a_long_write() {
    let folder = folder();
    let subject = Subject::path(&folder.path().join("file"), CREATE);
    let bytes = vec![b'x'; 17 << 20];
    subject.stream.append(&bytes);
    subject.stream.watch(bytes.len() as u64);
    let _standing = subject.stream.wait_settled(Duration::ZERO);
    subject
        .events
        .wait(|event| matches!(event, Event::Progress { .. }));
}

#[test]
fn an_owner_leaves_what_may_block_for_ever_to_a_thread() {
    let (reader, writer) = pipe().unwrap();
    let stream = Subject::given(&writer);
    let bytes = vec![b'x'; 1 << 20];
    stream.stream.append(&bytes);
    let standing = stream.stream.wait_settled(Duration::from_millis(20));
    assert!(matches!(standing, Standing::Waiting(left) if left > 0));
    let read = thread::spawn(move || read_all(reader));
    stream.finish_writing();
    drop((stream, writer));
    assert_eq!(read.join().unwrap().len(), bytes.len());
}

#[test]
fn an_owner_that_waits_is_told_of_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let stream = Subject::given(&full);
    stream.stream.append(b"x");
    let standing = stream.stream.wait_settled(Duration::from_secs(20));
    assert!(matches!(standing, Standing::Failed(error, 1) if error.errno == libc::ENOSPC));
}
