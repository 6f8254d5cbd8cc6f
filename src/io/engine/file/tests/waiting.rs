use super::*;
use crate::io::sink::Sink;

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

#[test]
fn a_stream_that_may_go_on_does_not_keep_the_pipe_open_either() {
    let (reader, writer) = pipe().unwrap();
    let subject = Subject::given(&writer);
    subject.write(b"all for now").wait_begun();
    drop(writer);
    assert_eq!(read_all(reader), b"all for now");
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

#[tokio::test]
async fn a_sink_that_is_full_waits() {
    let (_reader, writer) = nonblocking_pipe();
    let mut sink = FileSink::new(options(Target::Descriptor(writer.as_raw_fd())));
    sink.use_descriptor(Descriptor::given(writer.as_raw_fd()));
    let bytes = megabyte();
    while sink.write(&[io::IoSlice::new(&bytes)]).is_ok() {}
    for _ in 0..2 {
        let is_writable = tokio::select! {
            biased;
            _ = sink.writable() => true,
            () = std::future::ready(()) => false,
        };
        assert!(!is_writable);
    }
}

/// As where the process has no descriptor left.
#[test]
fn what_may_block_is_parked_without_a_duplicate_until_its_owner_comes_back() {
    let (_reader, writer) = pipe().unwrap();
    let fd = writer.as_raw_fd();
    let subject = Subject::given(&writer);
    let engine = FileEngine::new(&POOLS, options(Target::Descriptor(fd)));
    assert!(!engine.is_parked());
    engine.start_without_duplicate(&Given::new(fd), &subject.stream);
    assert!(engine.is_parked());
    assert_eq!(subject.events.all(), [Event::Parked]);
    engine.unpark(&subject.stream).unwrap();
    assert!(!engine.is_parked());
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
        // It is there now.
        to_path(&new, CREATE),
        to_path(&new, OFlags::WRONLY),
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

#[test]
fn a_thread_expects_more_from_who_was_given_a_chunk_of_a_copied_file() {
    assert_eq!(outlook(65_536), Outlook::Soon);
    assert_eq!(outlook(65_535), Outlook::Unknown);
}

/// A file that can't grow: every write fails.
#[test]
#[cfg(target_os = "linux")]
fn an_owner_whose_write_has_to_wait_for_room_leaves_the_rest_to_a_worker() {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    let file = memfd_create("sealed", MemfdFlags::ALLOW_SEALING).unwrap();
    fcntl_add_seals(&file, SealFlags::GROW).unwrap();
    let events = Arc::new(Recorder::default());
    let listener: Arc<dyn Listener> = Arc::<Recorder>::clone(&events);
    let pause = Duration::from_millis(1);
    let retry = Retry::new(vec![Errno::PERM.raw_os_error()], pause, Some(pause));
    let options = options(Target::Descriptor(file.as_raw_fd()));
    let stream = open_file(1, options, Some(retry), listener);
    let subject = Subject { stream, events };
    subject.stream.append(b"refused");
    let standing = subject.stream.wait_settled(Duration::ZERO);
    assert_ne!(standing, Standing::Settled);
    subject.assert_fails(SystemCall::Write, Errno::PERM);
}
