//! A file that takes another one's place whole: written under a temporary name in the folder of the target,
//! then renamed over it.
//!
//! A target that is a symlink is followed: what it points to is replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::descriptor::Descriptor;
use super::{Failure, folder, temporary_name};
use crate::writer::SystemCall;

/// libuv's `UV_FS_O_CREAT` and `UV_FS_O_EXCL`.
const EXCLUSIVE: i32 = 0x0100 | 0x0400;

/// libuv's `UV_FS_O_APPEND` and `UV_FS_O_TRUNC`, which mean nothing for a new file.
const NOT_KEPT: i32 = 0x0008 | 0x0200;

/// `ERROR_INVALID_FUNCTION`, which libuv takes for `EISDIR`, and `ERROR_FILE_EXISTS`.
const IS_DIRECTORY: i32 = 1;
const FILE_EXISTS: i32 = 80;

/// The temporary file and its target. Dropped before a commit, it removes the file.
#[derive(Debug)]
pub(crate) struct Replacement {
    target: PathBuf,
    temporary: PathBuf,
    is_renamed: bool,
}

impl Replacement {
    /// Makes the temporary file for what is at `path`, or will be.
    pub(crate) fn create(path: &Path, flags: i32, mode: u32) -> io::Result<(Self, Descriptor)> {
        let target = match fs::canonicalize(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path)?,
            target => target?,
        };
        if target.is_dir() {
            return Err(io::Error::from_raw_os_error(IS_DIRECTORY));
        }
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::from_raw_os_error(IS_DIRECTORY))?;
        let folder =
            folder::parent_of(&target).ok_or_else(|| io::Error::from_raw_os_error(IS_DIRECTORY))?;
        for _ in 0..temporary_name::ATTEMPTS {
            let temporary = folder.join(temporary_name::beside(name)?);
            match Descriptor::open(&temporary, flags & !NOT_KEPT | EXCLUSIVE, mode) {
                Ok(descriptor) => {
                    let replacement = Self {
                        target,
                        temporary,
                        is_renamed: false,
                    };
                    return Ok((replacement, descriptor));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::from_raw_os_error(FILE_EXISTS))
    }

    /// Syncs the file, which is open as `descriptor`, and gives it the target's name.
    pub(crate) fn commit(&mut self, descriptor: &Descriptor) -> Result<(), Failure> {
        if !self.is_renamed {
            descriptor.sync().map_err(Failure::of(SystemCall::Fsync))?;
            fs::rename(&self.temporary, &self.target).map_err(Failure::of(SystemCall::Rename))?;
            self.is_renamed = true;
        }
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_renamed {
            // A failure can't be reported here, and needs nothing else.
            drop(fs::remove_file(&self.temporary));
        }
    }
}
