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
