//! A lock file: only its holder rotates a log, among all streams of all processes.
//!
//! The system frees the lock when its holder is gone, however it ended. A file that is left over does
//! no harm.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Node's `EBUSY`: another one has the lock.
#[cfg(unix)]
const BUSY: i32 = rustix::io::Errno::BUSY.raw_os_error();
/// `ERROR_BUSY`, which libuv calls `EBUSY`.
#[cfg(windows)]
const BUSY: i32 = 170;

/// The lock is held for as long as this lives.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    /// None once it is dropped.
    file: Option<File>,
}

impl LockFile {
    /// Takes the lock of the log at `log`, at its path with `.lock` behind it. Fails with `EBUSY` if
    /// another one holds it.
    pub(crate) fn take(log: &Path) -> io::Result<Self> {
        let mut name = log.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        loop {
            let file = open_locked(&path)?;
            // The last holder may have removed the file between the two calls.
            if is_at(&file, &path) {
                return Ok(Self {
                    path,
                    file: Some(file),
                });
            }
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if cfg!(windows) {
            // An open file can't be removed there.
            self.file = None;
        }
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(unix)]
fn open_locked(path: &Path) -> io::Result<File> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    let mut options = File::options();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(io::Error::from_raw_os_error(BUSY)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(windows)]
fn open_locked(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;

    const ERROR_SHARING_VIOLATION: i32 = 32;
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options
        .share_mode(0)
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(ERROR_SHARING_VIOLATION) => io::Error::from_raw_os_error(BUSY),
            _ => error,
        })
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(file), Ok(named)) = (rustix::fs::fstat(file), rustix::fs::stat(path)) else {
        return false;
    };
    file.st_ino == named.st_ino && file.st_dev == named.st_dev
}

#[cfg(windows)]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("app.log");
        for _ in 0..3 {
            let first = LockFile::take(&log).unwrap();
            let second = LockFile::take(&log).unwrap_err();
            assert_eq!(second.raw_os_error(), Some(BUSY));
            drop(first);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_file_that_is_left_over_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("app.log");
        fs::write(folder.path().join("app.log.lock"), "").unwrap();
        assert!(LockFile::take(&log).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_lost_its_name_to_another_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log.lock");
        let first = File::create(&path).unwrap();
        assert!(is_at(&first, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&first, &path));
        let _second = File::create(&path).unwrap();
        assert!(!is_at(&first, &path));
    }
}
