use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use rustix::fs::OFlags;

use super::*;

/// A number that no descriptor has.
const WRONG_FD: i32 = 1 << 29;

fn options(target: Target, start: Option<u64>) -> FileOptions {
    FileOptions {
        start,
        ..FileOptions::to(target)
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
    sink.use_descriptor(Descriptor::given(WRONG_FD));
    assert!(sink.write(&[IoSlice::new(b"abc")]).is_err());
    assert_eq!(sink.offset, Some(2));
}

#[test]
fn missing_folders_are_made_only_if_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/file");
    let plain = options(to_path(&path, OFlags::CREATE), None);
    let failure = FileSink::new(plain).open().unwrap_err();
    assert_eq!(failure.error.kind(), io::ErrorKind::NotFound);
    let wanted = || FileOptions {
        mkdir: true,
        ..options(to_path(&path, OFlags::CREATE), None)
    };
    let mut sink = FileSink::new(wanted());
    sink.open().unwrap();
    write(&mut sink, b"there");
    assert_eq!(fs::read(&path).unwrap(), b"there");
    sink.sync(false, true).unwrap();
    assert!(sink.names.folders.is_empty(), "their names are synced");
    let atomic = FileOptions {
        atomic: true,
        ..wanted()
    };
    fs::remove_dir_all(folder.path().join("a")).unwrap();
    let mut sink = FileSink::new(atomic);
    sink.open().unwrap();
    write(&mut sink, b"whole");
    sink.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"whole");
}

#[test]
fn a_folder_that_goes_missing_comes_back_with_a_reopen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs/file");
    let mut sink = FileSink::new(FileOptions {
        mkdir: true,
        ..options(to_path(&path, OFlags::CREATE), None)
    });
    sink.open().unwrap();
    fs::remove_dir_all(folder.path().join("logs")).unwrap();
    sink.reopen(None).unwrap();
    write(&mut sink, b"again");
    assert_eq!(fs::read(&path).unwrap(), b"again");
}

#[test]
fn a_missing_path_behind_a_file_is_no_folder_to_make() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/inner/file");
    let mut sink = FileSink::new(FileOptions {
        mkdir: true,
        ..options(to_path(&path, OFlags::CREATE), None)
    });
    let failure = sink.open().unwrap_err();
    assert_eq!(failure.error.kind(), io::ErrorKind::NotADirectory);
}

/// Its folder is there, so that there is nothing to make.
#[test]
fn a_link_into_a_missing_folder_is_not_opened_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("missing/file", &link).unwrap();
    let mut sink = FileSink::new(FileOptions {
        mkdir: true,
        ..options(to_path(&link, OFlags::CREATE), None)
    });
    let failure = sink.open().unwrap_err();
    assert_eq!(failure.error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_rotated_log_gets_its_folder_only_if_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs/app.log");
    let rotating = |mkdir| {
        FileSink::new(FileOptions {
            mkdir,
            rotation: Some(RotationOptions {
                size: None,
                due_before_ms: None,
            }),
            ..options(to_path(&path, OFlags::CREATE), None)
        })
    };
    let failure = rotating(false).open().unwrap_err();
    assert_eq!(failure.error.kind(), io::ErrorKind::NotFound);
    let mut sink = rotating(true);
    sink.open().unwrap();
    write(&mut sink, b"there");
    assert_eq!(fs::read(&path).unwrap(), b"there");
}

#[test]
fn a_rotated_log_that_is_reopened_elsewhere_is_the_only_one_there() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, third] = ["first", "second", "third"].map(|name| folder.path().join(name));
    let open = |path: &Path| {
        let mut sink = FileSink::new(FileOptions {
            rotation: Some(RotationOptions {
                size: None,
                due_before_ms: None,
            }),
            ..options(to_path(path, OFlags::CREATE | OFlags::APPEND), None)
        });
        sink.open().map(|_| sink)
    };
    let is_taken = |path: &Path| match open(path) {
        Ok(_) => false,
        Err(failure) => failure.error.kind() == io::ErrorKind::ResourceBusy,
    };
    let mut sink = open(&first).unwrap();
    sink.reopen(Some(&first)).unwrap();
    assert!(is_taken(&first));
    sink.reopen(Some(&second)).unwrap();
    assert!(is_taken(&second) && !is_taken(&first));
    let _other = open(&third).unwrap();
    assert!(sink.reopen(Some(&third)).is_err());
    assert!(is_taken(&second));
    sink.close().unwrap();
    assert!(!is_taken(&second));
}

#[test]
fn a_path_is_looked_at_no_more_often_than_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    for (every, is_followed) in [(Duration::from_secs(3600), false), (Duration::ZERO, true)] {
        let path = folder.path().join("log");
        let mut sink = FileSink::new(FileOptions {
            follow: Some(every),
            ..options(to_path(&path, OFlags::CREATE | OFlags::APPEND), None)
        });
        sink.open().unwrap();
        assert!(sink.follow().is_none(), "it is where it was");
        fs::remove_file(&path).unwrap();
        let followed = sink.follow();
        assert_eq!(followed.is_some_and(|result| result.is_ok()), is_followed);
        assert_eq!(path.exists(), is_followed);
    }
}

#[test]
fn a_path_that_cannot_be_opened_is_told_at_once_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner/log");
    fs::create_dir(folder.path().join("inner")).unwrap();
    let mut sink = FileSink::new(FileOptions {
        follow: Some(Duration::ZERO),
        ..options(to_path(&path, OFlags::CREATE | OFlags::APPEND), None)
    });
    sink.open().unwrap();
    fs::remove_dir_all(folder.path().join("inner")).unwrap();
    assert!(sink.follow().is_some_and(|result| result.is_err()));
    assert!(sink.follow().is_none());
    fs::create_dir(folder.path().join("inner")).unwrap();
    sink.reopen(None).unwrap();
    fs::remove_dir_all(folder.path().join("inner")).unwrap();
    let again = sink.follow();
    assert!(again.is_some_and(|result| result.is_err()), "it was open");
}

#[test]
fn only_a_file_that_may_be_new_has_a_name_to_sync() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "").unwrap();
    for (flags, atomic, is_new) in [
        (OFlags::CREATE, false, true),
        (OFlags::empty(), false, false),
        (OFlags::CREATE, true, false),
    ] {
        let mut sink = FileSink::new(FileOptions {
            atomic,
            ..options(to_path(&path, flags), None)
        });
        sink.open().unwrap();
        assert_eq!(sink.names.has_file, is_new);
    }
}

#[test]
fn names_are_synced_with_the_first_sync_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let target = to_path(&folder.path().join("file"), OFlags::CREATE);
    let mut sink = FileSink::new(options(target, None));
    sink.open().unwrap();
    assert!(!sink.was_synced());
    sink.sync(true, false).unwrap();
    assert!(!sink.was_synced(), "nobody asked for it");
    assert!(sink.names.has_file, "the end's own sync is Node's");
    fs::rename(folder.path().join("file"), folder.path().join("other")).unwrap();
    sink.sync(false, true).unwrap();
    assert!(!sink.names.has_file);
    assert!(sink.was_synced());
}

#[test]
fn an_atomic_sink_that_is_closed_or_dropped_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let open = || {
        let mut sink = FileSink::new(FileOptions {
            atomic: true,
            ..options(to_path(&path, OFlags::CREATE), None)
        });
        sink.open().unwrap();
        write(&mut sink, b"half");
        sink
    };
    let mut closed = open();
    let dropped = open();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    closed.close().unwrap();
    drop(dropped);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
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

#[test]
fn a_look_at_a_path_makes_a_plain_file_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let plain = || options(to_path(&path, OFlags::CREATE), None);
    let rotation = RotationOptions {
        size: None,
        due_before_ms: None,
    };
    for (options, is_made) in [
        (
            FileOptions {
                atomic: true,
                ..plain()
            },
            false,
        ),
        (
            FileOptions {
                rotation: Some(rotation),
                ..plain()
            },
            false,
        ),
        (plain(), true),
    ] {
        let mut sink = FileSink::new(options);
        assert!(sink.is_bounded());
        assert_eq!(path.exists(), is_made);
    }
    assert!(FileSink::new(plain()).is_bounded(), "it is there now");
}
