//! Folders: making those that are missing, and syncing the names in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::writer::SystemCall;

/// How often to make folders again that another program removes meanwhile.
pub(crate) const ATTEMPTS: usize = 4;

/// Makes the missing folders above `path`, as open to all as the process's mask lets them be. Another
/// program may make one of them meanwhile. Adds those in which a name is new to `changed`, the highest
/// first.
pub(crate) fn make_parents(path: &Path, changed: &mut Vec<PathBuf>) -> Result<(), Failure> {
    match parent_of(path) {
        Some(parent) => make(parent, changed),
        None => Ok(()),
    }
}

fn make(folder: &Path, changed: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let parent = parent_of(folder).unwrap_or(Path::new("."));
    let mut result = fs::create_dir(folder);
    if matches!(&result, Err(error) if error.kind() == io::ErrorKind::NotFound) && parent != folder
    {
        make(parent, changed)?;
        result = fs::create_dir(folder);
    }
    match result {
        Ok(()) => changed.push(parent.to_owned()),
        // Also where the system says that it may not be made, as on a read-only file system.
        Err(_) if folder.is_dir() => {}
        Err(error) => return Err(Failure::of(SystemCall::Mkdir)(error)),
    }
    Ok(())
}

/// The folder of `path`; none if that is the root, or one of several names of the current folder.
pub(crate) fn parent_of(path: &Path) -> Option<&Path> {
    match path.parent()? {
        parent if parent.as_os_str().is_empty() => Some(Path::new(".")),
        parent => Some(parent),
    }
}

/// Returns when the names in the folder are on the device. `inside` is a file in it.
#[cfg(unix)]
pub(crate) fn sync(folder: &Path, inside: &super::Descriptor) -> Result<(), Failure> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::empty()) {
        Ok(open) => sync_open(&open),
        Err(rustix::io::Errno::ACCESS) => sync_unreadable(inside),
        // Somebody has moved or removed it: the name that was asked for is not there any more.
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(()),
        Err(error) => Err(Failure::of(SystemCall::Open)(error)),
    }
}

/// The same for a folder that is open.
#[cfg(unix)]
pub(crate) fn sync_open(folder: impl std::os::fd::AsFd) -> Result<(), Failure> {
    match super::descriptor::full_sync(folder) {
        // The file system has no such call for folders.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result.map_err(Failure::of(SystemCall::Fsync)),
    }
}

/// For a folder that may not be read, and so not be opened: all of the file system of a file in it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn sync_unreadable(inside: &super::Descriptor) -> Result<(), Failure> {
    rustix::fs::syncfs(inside).map_err(Failure::of(SystemCall::Fsync))
}

/// Nothing there can sync it.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
#[expect(clippy::unnecessary_wraps, reason = "Linux can")]
pub(crate) fn sync_unreadable(_: &super::Descriptor) -> Result<(), Failure> {
    Ok(())
}

/// Nothing: Windows has no such call.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn sync(_: &Path, _: &super::Descriptor) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    #[cfg(unix)]
    use super::super::Descriptor;
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn all_missing_parents_are_made_and_told() {
        let root = folder();
        let path = root.path().join("a/b/c/file");
        let mut changed = Vec::new();
        make_parents(&path, &mut changed).unwrap();
        assert!(root.path().join("a/b/c").is_dir());
        assert!(!path.exists());
        changed.sort();
        let expected = ["", "a", "a/b"].map(|name| root.path().join(name));
        let plain = |path: &PathBuf| path.components().collect::<PathBuf>();
        assert_eq!(
            changed.iter().map(plain).collect::<Vec<_>>(),
            expected.iter().map(plain).collect::<Vec<_>>()
        );
    }

    #[test]
    fn parents_that_are_there_are_no_failure_and_not_told() {
        let root = folder();
        let mut changed = Vec::new();
        make_parents(&root.path().join("file"), &mut changed).unwrap();
        make_parents(Path::new("file"), &mut changed).unwrap();
        make_parents(Path::new("/"), &mut changed).unwrap();
        assert!(changed.is_empty());
    }

    #[test]
    fn a_file_in_the_way_is_a_failure_of_mkdir() {
        let root = folder();
        fs::write(root.path().join("a"), "").unwrap();
        let path = root.path().join("a/b/file");
        let failure = make_parents(&path, &mut Vec::new()).unwrap_err();
        assert_eq!(failure.call, SystemCall::Mkdir);
    }

    #[test]
    fn many_may_make_the_same_parents_at_once() {
        for _ in 0..50 {
            let root = folder();
            let path = root.path().join("a/b/c/d/file");
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| make_parents(&path, &mut Vec::new()).unwrap());
                }
            });
            assert!(path.parent().unwrap().is_dir());
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_is_gone_has_nothing_to_sync_and_any_other_failure_is_told() {
        let root = folder();
        let path = root.path().join("file");
        fs::write(&path, "").unwrap();
        let file = Descriptor::open(&path, 0, 0).unwrap();
        for folder in [root.path(), &path, &root.path().join("gone")] {
            assert!(sync(folder, &file).is_ok(), "{}", folder.display());
        }
        let circle = root.path().join("circle");
        std::os::unix::fs::symlink(&circle, &circle).unwrap();
        let failure = sync(&circle, &file).unwrap_err();
        assert_eq!(failure.call, SystemCall::Open);
    }

    #[test]
    #[cfg(unix)]
    fn what_has_no_sync_needs_none_and_any_other_failure_is_told() {
        let (_reader, writer) = io::pipe().unwrap();
        assert!(sync_open(&writer).is_ok());
        let wrong = Descriptor::given(1 << 29);
        assert_eq!(sync_open(&wrong).unwrap_err().call, SystemCall::Fsync);
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn a_file_system_that_cannot_be_synced_is_a_failure() {
        let wrong = Descriptor::given(1 << 29);
        assert_eq!(sync_unreadable(&wrong).unwrap_err().call, SystemCall::Fsync);
    }
}
