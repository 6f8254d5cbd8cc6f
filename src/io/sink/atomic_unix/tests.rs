use std::fs::{self, Permissions};
use std::io::IoSlice;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

const FLAGS: i32 = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::TRUNC)
    .bits()
    .cast_signed();

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn create(path: &Path) -> (Replacement, Descriptor) {
    Replacement::create(path, FLAGS, 0o666).unwrap()
}

fn write(descriptor: &Descriptor, bytes: &[u8]) {
    let written = descriptor.write(&[IoSlice::new(bytes)], None).unwrap();
    assert_eq!(written, bytes.len());
}

/// Replaces what is at `path`.
fn replace(path: &Path, bytes: &[u8]) {
    let (mut replacement, descriptor) = create(path);
    write(&descriptor, bytes);
    replacement.commit(&descriptor).unwrap();
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    let text = |name: OsString| name.into_string().unwrap();
    names.into_iter().map(text).collect()
}

#[track_caller]
fn assert_refused(path: &Path, errno: Errno) {
    let error = Replacement::create(path, FLAGS, 0o666).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(errno.raw_os_error()));
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn target_has_its_old_bytes_until_the_commit_and_then_the_new_ones() {
    let folder = folder();
    let path = folder.path().join("target");
    fs::write(&path, "old").unwrap();
    let (mut replacement, descriptor) = create(&path);
    write(&descriptor, b"new");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    replacement.commit(&descriptor).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    drop(replacement);
    assert_eq!(names(&folder), ["target"]);
}

#[test]
fn a_drop_without_commit_removes_the_temporary_file_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("target");
    let (replacement, descriptor) = create(&path);
    write(&descriptor, b"half");
    let [name] = &names(&folder)[..] else {
        panic!("{:?}", names(&folder))
    };
    assert!(name.starts_with(".target.rushwrite-"), "{name}");
    drop(replacement);
    assert!(names(&folder).is_empty());
}

#[test]
fn a_new_file_has_the_mode_of_a_plain_create() {
    let folder = folder();
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    let path = folder.path().join("target");
    replace(&path, b"new");
    assert_eq!(mode_of(&path), mode_of(&plain));
}

#[test]
fn mode_of_the_target_is_kept() {
    let folder = folder();
    let path = folder.path().join("target");
    fs::write(&path, "old").unwrap();
    for mode in [0o600, 0o640, 0o444, 0o777, 0o4755] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let (replacement, descriptor) = create(&path);
        let temporary = folder.path().join(&replacement.temporary);
        assert_eq!(mode_of(&temporary), mode, "from the beginning");
        drop((replacement, descriptor));
        replace(&path, b"new");
        assert_eq!(mode_of(&path), mode);
    }
}

#[test]
fn owner_of_the_target_is_kept_where_we_may() {
    let folder = folder();
    let path = folder.path().join("target");
    fs::write(&path, "old").unwrap();
    if std::os::unix::fs::chown(&path, Some(1234), Some(5678)).is_err() {
        return;
    }
    replace(&path, b"new");
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (1234, 5678));
}

#[test]
fn a_symlink_is_followed_and_stays() {
    let folder = folder();
    let elsewhere = super::tests::folder();
    let path = folder.path().join("link");
    let target = elsewhere.path().join("target");
    fs::write(&target, "old").unwrap();
    symlink(&target, folder.path().join("second")).unwrap();
    symlink("second", &path).unwrap();
    replace(&path, b"new");
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(names(&elsewhere), ["target"]);
}

#[test]
fn a_symlink_to_nothing_makes_what_it_points_to() {
    let folder = folder();
    let path = folder.path().join("link");
    symlink("missing", &path).unwrap();
    replace(&path, b"new");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(fs::read(folder.path().join("missing")).unwrap(), b"new");
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    assert_refused(&inner, Errno::ISDIR);
    assert_refused(&folder.path().join("name/"), Errno::ISDIR);
    assert_refused(Path::new("/"), Errno::ISDIR);
    assert_refused(Path::new("/dev/null"), Errno::NOTSUP);
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    let circle = folder.path().join("circle");
    symlink("circle", &circle).unwrap();
    assert_refused(&circle, Errno::LOOP);
    assert_refused(&folder.path().join("missing/file"), Errno::NOENT);
    assert_eq!(names(&folder), ["circle", "inner"]);
}

#[test]
fn a_target_that_became_a_folder_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("target");
    let (mut replacement, descriptor) = create(&path);
    fs::create_dir(&path).unwrap();
    let failure = replacement.commit(&descriptor).unwrap_err();
    assert_eq!(failure.call, SystemCall::Rename);
    drop(replacement);
    assert_eq!(names(&folder), ["target"]);
}

#[test]
fn the_last_of_two_commits_wins_whole() {
    let folder = folder();
    let path = folder.path().join("target");
    let (mut first, first_file) = create(&path);
    let (mut second, second_file) = create(&path);
    write(&first_file, b"first");
    write(&second_file, b"second, longer");
    second.commit(&second_file).unwrap();
    first.commit(&first_file).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(names(&folder), ["target"]);
}

#[test]
fn a_folder_that_is_renamed_meanwhile_keeps_the_file() {
    let root = folder();
    let before = root.path().join("before");
    let after = root.path().join("after");
    fs::create_dir(&before).unwrap();
    let (mut replacement, descriptor) = create(&before.join("target"));
    write(&descriptor, b"new");
    fs::rename(&before, &after).unwrap();
    replacement.commit(&descriptor).unwrap();
    assert_eq!(fs::read(after.join("target")).unwrap(), b"new");
}

#[test]
fn the_longest_name_has_room_for_its_temporary_name() {
    let folder = folder();
    let path = folder.path().join("n".repeat(255));
    replace(&path, b"new");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn of_the_flags_only_those_for_access_and_syncs_are_kept() {
    let folder = folder();
    let path = folder.path().join("target");
    for (kept, dropped) in [
        (OFlags::WRONLY, OFlags::TRUNC),
        (OFlags::RDWR | OFlags::DSYNC, OFlags::APPEND),
    ] {
        let flags = (kept | dropped | OFlags::CREATE).bits().cast_signed();
        let (_replacement, descriptor) = Replacement::create(&path, flags, 0o666).unwrap();
        let status = rustix::fs::fcntl_getfl(&descriptor).unwrap();
        assert_eq!(status & (KEPT_FLAGS | OFlags::APPEND), kept);
    }
}

#[test]
fn children_get_neither_the_file_nor_its_folder() {
    let folder = folder();
    let (replacement, descriptor) = create(&folder.path().join("target"));
    for fd in [replacement.folder.fd.as_fd(), descriptor.as_fd()] {
        let flags = rustix::io::fcntl_getfd(fd).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
    }
}

#[test]
fn what_its_owner_or_group_could_do_nobody_else_may() {
    let is = |expected, mode, has_owner, has_group| {
        assert_eq!(mode_like(mode, has_owner, has_group), expected, "{mode:o}");
    };
    is(0o6751, 0o106_751, true, true);
    is(0o0751, 0o106_751, false, true);
    // The group is another one, which may do what all may.
    is(0o0711, 0o106_751, true, false);
    is(0o0644, 0o100_664, false, false);
    is(0o0606, 0o100_606, true, false);
}
